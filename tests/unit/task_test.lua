-- Tasks, waits, scopes, retry: what they answer, whom they cancel, and that nothing stays armed.

local karun = require "karun"
local t = require "karun.test"

local function script(text)
  local path = t.tmp() .. "/flow.lua"
  karun.file.write(path, "local karun = require 'karun'\n" .. text)
  return t.run { path }
end

local function left()
  local stats = karun.stats()
  return { tasks = stats.tasks, waits = stats.waits, timers = stats.timers }
end

t.test("join gives all results, and the error as it was", function()
  local task = karun.spawn(function(a, b) return a + b, nil, "x" end, 1, 2)
  t.same({ task:join() }, { 3, nil, "x" })
  t.equal(task:done(), true)
  local bad = karun.spawn(function() error(karun.error("net", "no", { url = "http://x" })) end)
  t.equal(t.error("net", bad.join, bad).url, "http://x")
end)

t.test("join with a limit is a timeout and leaves the task alone", function()
  local task = karun.spawn(function() karun.sleep(0.02) return 7 end)
  t.equal(t.error("timeout", task.join, task, { timeout = 0 }).timed_out, true)
  t.equal(task:join(), 7)
end)

t.test("any: the first to end, the others cancelled, nothing armed", function()
  local before, cancelled = left(), nil
  local name, a, b = karun.wait.any {
    slow = function()
      local ok, err = karun.try(karun.sleep, 100)
      cancelled = not ok and err.kind
      error(err)
    end,
    quick = function() return 1, 2 end,
  }
  t.same({ name, a, b }, { "quick", 1, 2 })
  t.equal(cancelled, "cancelled")
  t.same(left(), before)
end)

t.test("any: the first one's error is raised, and the loser's ended", function()
  local before = left()
  t.error("http", karun.wait.any, {
    bad = function() error(karun.error("http", "x")) end, slow = function() karun.sleep(100) end,
  })
  t.same(left(), before)
end)

t.test("all: values under their names; the first error cancels the rest", function()
  t.same(karun.wait.all { a = function() karun.sleep(0.01) return 1 end, b = function() return 2 end,
    c = karun.spawn(function() return 3 end) }, { a = 1, b = 2, c = 3 })
  local before = left()
  t.error("net", karun.wait.all, {
    a = function() karun.sleep(100) end, b = function() error(karun.error("net", "x")) end,
  })
  t.same(left(), before)
end)

t.test("any and all refuse what is no function", function()
  t.error("usage", karun.wait.any, {})
  t.error("usage", karun.wait.all, { a = 1 })
end)

t.test("a scope outlives none of its tasks", function()
  local before, seen = left(), {}
  local out = karun.scope(function(scope)
    scope:spawn(function() karun.sleep(0.02) seen[#seen + 1] = "late" end)
    seen[#seen + 1] = "body"
    return "done"
  end)
  t.equal(out, "done")
  t.same(seen, { "body", "late" })
  t.error("net", karun.scope, function(scope)
    scope:spawn(function() karun.sleep(100) end)
    scope:spawn(function() error(karun.error("net", "x")) end)
    karun.sleep(100)
  end)
  t.error("usage", karun.scope, function(scope)
    scope:spawn(function() karun.sleep(100) end)
    error("boo")
  end)
  t.same(left(), before)
end)

t.test("timeout gives fn's results, or cancels it with its clean-up done", function()
  local before, closed = left(), false
  t.same({ karun.timeout(10, function() return 1, 2 end) }, { 1, 2 })
  local err = t.error("timeout", karun.timeout, 0.01, function()
    local _ <close> = setmetatable({}, { __close = function() closed = true end })
    karun.sleep(100)
  end)
  t.equal(err.timed_out, true)
  t.equal(closed, true)
  t.error("net", karun.timeout, 10, function() error(karun.error("net", "x")) end)
  t.same(left(), before)
end)

t.test("a cancelled task gets `cancelled` at each wait", function()
  local kinds = {}
  local task = karun.spawn(function()
    for i = 1, 3 do
      local _, err = karun.try(karun.sleep, 100)
      kinds[i] = err.kind
    end
  end)
  karun.sleep(0)
  task:cancel()
  task:join()
  t.same(kinds, { "cancelled", "cancelled", "cancelled" })
end)

t.test("retry: tries, waits what the error says, only the kinds asked for", function()
  local tries = 0
  t.equal(karun.retry({ tries = 3, delay = 0 }, function(n)
    tries = n
    if n < 3 then error(karun.error("net", "x")) end
    return "got"
  end), "got")
  t.equal(tries, 3)
  tries = 0
  t.error("http", karun.retry, { tries = 5, delay = 0, on = "net" }, function()
    tries = tries + 1
    error(karun.error("http", "x"))
  end)
  t.equal(tries, 1)
  t.error("usage", karun.retry, { on = "nett" }, function() end)
  t.match(t.error("usage", karun.retry, { trys = 2 }, function() end).message, "tries")
end)

t.test("until_true answers what was true, and says what it waited for", function()
  local n = 0
  t.same({ karun.wait.until_true(function() n = n + 1 return n > 2 and n, "x" end, { every = 0 }) }, { 3, "x" })
  local err = t.error("timeout", karun.wait.until_true, function() end, { timeout = 0, what = "the moon" })
  t.match(err.message, "the moon")
  t.equal(err.waited_for, "the moon")
  t.error("usage", karun.wait.until_true, function() end, { evry = 1 })
end)

t.test("an error that nobody joined fails the run at its end; a cancelled task does not", function()
  local got = script "karun.spawn(function() error(karun.error('net', 'lost one')) end) karun.sleep(0.01) print 'on'"
  t.equal(got.out, "on\n")
  t.equal(got.code, 1)
  t.match(got.err, "nobody joined.*lost one")
  local late = script [[
    local task = karun.spawn(function() karun.sleep(0.05) error("late") end)
    pcall(task.join, task, { timeout = 0 })
    karun.sleep(0.1)
  ]]
  t.equal(late.code, 1)
  local fine = script [[
    local task = karun.spawn(function() karun.sleep(100) end)
    karun.sleep(0)
    task:cancel()
    karun.sleep(0.01)
  ]]
  t.equal(fine.code, 0)
  t.equal(fine.err, "")
end)

t.test("all tasks waiting for nothing is a deadlock that points at the script", function()
  local got = script "local q = karun.queue(1)\nlocal _ <close> = setmetatable({}, { __close = function() print 'tidy' end })\nq:get()"
  t.equal(got.code, 1)
  t.equal(got.out, "tidy\n")
  t.match(got.err, "flow.lua:4: every task waits")
  t.equal(script("local t t = karun.spawn(function() t:join() end) t:join()").code, 1)
end)

t.test("SIGINT ends a wait, a busy loop and a swallowing loop, with 130 and clean-up", { timeout = 120 }, function()
  local proc = require "karun.native.proc"
  for _, body in ipairs {
    "karun.sleep(100)", "while true do end", "while true do pcall(function() while true do end end) end",
    "karun.wait.all{ a = function() karun.sleep(100) end }",
  } do
    local path = t.tmp() .. "/flow.lua"
    karun.file.write(path, "local karun = require 'karun'\n"
      .. "local _ <close> = setmetatable({}, { __close = function() io.stdout:write 'tidy' io.stdout:flush() end })\n"
      .. "io.stdout:write 'go ' io.stdout:flush()\n" .. body)
    local child = proc.start { argv = { "/proc/self/exe", path }, capture = true }
    t.after(function() child:close() end)
    karun.wait.until_true(function() return child:out() == "go " end, { every = 0.01 })
    child:signal(2)
    t.ok(child:wait(30), body)
    t.equal(child:status(), 130, body)
    -- who swallows it has used up the time for clean-up
    if not body:find("pcall", 1, true) then t.equal(child:out(), "go tidy", body) end
  end
end)
