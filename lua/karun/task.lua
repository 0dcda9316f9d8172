-- Tasks for flows: spawn, scope, queue, limit, timeout, retry. On top of two native things: a task
-- (a coroutine on the loop) and a signal (happens once, any number may wait for it).

local native = require "karun.native.task"
local fault = require "karun.error"
local known = require "karun.known"
local trace = require "karun.trace"

local M = { now = native.now }

local Task = { __name = "karun.task" }
known.class("a task", Task)

local function seconds(value, what)
  if type(value) ~= "number" or value ~= value or value < 0 then
    fault.raise("usage", what .. " takes a number of seconds from 0 to math.huge, got " .. tostring(value))
  end
  return value
end

function M.sleep(s)
  seconds(s, "karun.sleep")
  if not trace.recording() then return native.sleep(s) end
  local _ <close> = trace.open { kind = "pause", name = "pause", timeout = s }
  native.sleep(s)
end

-- The function, or a callable table, that a task is to run.
local function check_function(fn, what)
  local meta = type(fn) == "table" and getmetatable(fn)
  if type(fn) == "function" then return fn end
  if meta and meta.__call then
    return function(...)
      return fn(...)
    end
  end
  fault.raise("usage", what .. " takes a function, got " .. type(fn))
end

function M.spawn(fn, ...)
  local task = native.spawn(check_function(fn, "karun.spawn"), ...)
  trace.inherit(task)
  return setmetatable({ native = task }, Task)
end

local function results(ok, ...)
  if not ok then error((...), 0) end
  return ...
end

-- The task's results, or its error. `timeout` in seconds, else for ever.
function Task:join(opts)
  opts = known.check(opts, { "timeout" }, "task:join")
  local _ <close> = trace.join "task:join"
  if not self.native:wait(opts.timeout or math.huge) then
    fault.raise("timeout", ("task:join: the task has not ended after %g s"):format(opts.timeout),
      { timed_out = true, timeout = opts.timeout })
  end
  return results(self.native:outcome())
end

function Task:done()
  return self.native:done()
end

function Task:cancel()
  self.native:cancel()
end

function Task:__tostring()
  return "task (" .. (self.native:done() and "ended" or "running") .. ")"
end

function Task:__close()
  self.native:cancel()
  M.shielded(self.native.wait, self.native)
end

-- Runs fn although the task was cancelled: for clean-up that has to wait.
function M.shielded(fn, ...)
  native.shield(true)
  local out = table.pack(pcall(fn, ...))
  native.shield(false)
  if not out[1] then error(out[2], 0) end
  return table.unpack(out, 2, out.n)
end

-- ---- several at once ----

local function as_task(fn, what)
  if getmetatable(fn) == Task then return fn, false end
  return M.spawn(check_function(fn, what)), true
end

-- Cancels those that were started here and waits until they are gone.
local function cancel_all(tasks)
  for _, task in pairs(tasks) do
    task.native:cancel()
  end
  M.shielded(function()
    for _, task in pairs(tasks) do
      task.native:wait()
      task.native:outcome()
    end
  end)
end

-- Starts one watcher a task; `told(name)` runs when that task has ended.
local function watch(tasks, told)
  local watchers = {}
  for name, task in pairs(tasks) do
    watchers[name] = M.spawn(function()
      task.native:wait()
      told(name)
    end)
  end
  return watchers
end

local function gather(fns, what)
  if type(fns) ~= "table" or next(fns) == nil then
    fault.raise("usage", what .. " takes a table of functions or tasks, { name = fn, … }")
  end
  local tasks, own = {}, {}
  for name, fn in pairs(fns) do
    local task, started = as_task(fn, what)
    tasks[name] = task
    if started then own[name] = task end
  end
  return tasks, own
end

-- Waits until `enough(name)` says so, whatever happens ends what was started here.
local function run_together(fns, what, enough)
  local tasks, own = gather(fns, what)
  local signal = native.signal()
  local watchers = watch(tasks, function(name)
    if enough(name, tasks) then signal:fire() end
  end)
  local joining <close> = trace.join(what) -- luacheck: ignore
  local ok, err = pcall(signal.wait, signal, math.huge)
  cancel_all(own)
  cancel_all(watchers)
  if not ok then error(err, 0) end
  return tasks
end

-- The first to end -> its name, its results. The others are cancelled. An error of the first is raised.
function M.any(fns)
  local first
  local tasks = run_together(fns, "karun.wait.any", function(name)
    first = first or name
    return true
  end)
  return first, results(tasks[first].native:outcome())
end

-- All -> their first results under the same names; the first error cancels the others and is raised.
function M.all(fns)
  local failed
  local left = 0
  for _ in pairs(type(fns) == "table" and fns or {}) do
    left = left + 1
  end
  local tasks = run_together(fns, "karun.wait.all", function(name, tasks)
    left = left - 1
    local ok = tasks[name].native:outcome()
    if not ok then failed = failed or name end
    return failed or left == 0
  end)
  if failed then results(tasks[failed].native:outcome()) end
  local values = {}
  for name, task in pairs(tasks) do
    values[name] = results(task.native:outcome())
  end
  return values
end

-- fn's results, or `timeout`, fn cancelled.
function M.timeout(s, fn, ...)
  seconds(s, "karun.timeout")
  local task = M.spawn(check_function(fn, "karun.timeout"), ...)
  local ok, ended = pcall(task.native.wait, task.native, s)
  if ok and ended then return results(task.native:outcome()) end
  cancel_all { task }
  if not ok then error(ended, 0) end
  fault.raise("timeout", ("karun.timeout: not done after %g s"):format(s), { timed_out = true, timeout = s })
end

-- ---- scope: no task outlives it ----

local Scope = { __name = "karun.scope" }
known.class("a scope", Scope)

function Scope:spawn(fn, ...)
  local args = table.pack(...)
  check_function(fn, "scope:spawn")
  local task
  task = M.spawn(function()
    local out = table.pack(fault.try(fn, table.unpack(args, 1, args.n)))
    if out[1] then return table.unpack(out, 2, out.n) end
    if not self.failed and out[2].kind ~= "cancelled" then
      self.failed = out[2]
      for _, other in ipairs(self.tasks) do
        if other ~= task then other.native:cancel() end
      end
      if self.body then self.body.native:cancel() end
    end
    error(out[2], 0)
  end)
  self.tasks[#self.tasks + 1] = task
  if self.failed then task.native:cancel() end
  return task
end

function M.scope(fn)
  check_function(fn, "karun.scope")
  local scope = setmetatable({ tasks = {}, failed = false, body = false }, Scope)
  scope.body = M.spawn(fn, scope)
  local waited, why = pcall(scope.body.native.wait, scope.body.native)
  if not waited then scope.body.native:cancel() end
  M.shielded(scope.body.native.wait, scope.body.native)
  local out = table.pack(scope.body.native:outcome())
  if not out[1] or not waited then cancel_all(scope.tasks) end
  local i = 1
  while scope.tasks[i] do -- a task may spawn more while we wait
    local ok, err = pcall(scope.tasks[i].native.wait, scope.tasks[i].native)
    if not ok then
      cancel_all(scope.tasks)
      waited, why = false, err
    end
    scope.tasks[i].native:outcome()
    i = i + 1
  end
  if not waited then error(why, 0) end
  if scope.failed then error(scope.failed, 0) end
  return results(table.unpack(out, 1, out.n))
end

-- ---- queue: n values at most, then put waits ----

local Queue = { __name = "karun.queue" }
known.class("a queue", Queue)

function M.queue(n)
  if n ~= nil and (math.type(n) ~= "integer" or n < 1) then
    fault.raise("usage", "karun.queue takes how many values it holds, a whole number from 1")
  end
  return setmetatable({ size = n or math.huge, first = 1, last = 0, ended = false, changed = native.signal() }, Queue)
end

local function change(queue)
  local signal = queue.changed
  queue.changed = native.signal()
  signal:fire()
end

local function await(queue, ready, opts, what)
  local deadline = native.now() + (opts.timeout or math.huge)
  local _ <close> = not ready() and trace.join(what) or nil
  while not ready() do
    if not queue.changed:wait(math.max(0, deadline - native.now())) and not ready() then
      fault.raise("timeout", ("%s: not possible after %g s"):format(what, opts.timeout), { timed_out = true })
    end
  end
end

function Queue:put(value, opts)
  if value == nil then fault.raise("usage", "queue:put(nil): nil is what get gives at the end") end
  await(self, function()
    return self.ended or self.last - self.first + 1 < self.size
  end, known.check(opts, { "timeout" }, "queue:put"), "queue:put")
  if self.ended then fault.raise("usage", "queue:put: the queue was closed") end
  self.last = self.last + 1
  self[self.last] = value
  change(self)
end

-- The next value; nil when the queue is closed and empty.
function Queue:get(opts)
  await(self, function()
    return self.ended or self.last >= self.first
  end, known.check(opts, { "timeout" }, "queue:get"), "queue:get")
  if self.last < self.first then return nil end
  local value = self[self.first]
  self[self.first] = nil
  self.first = self.first + 1
  change(self)
  return value
end

function Queue:close()
  self.ended = true
  change(self)
end

Queue.__close = Queue.close

-- ---- limit: rate a second, burst at once ----

local Limit = { __name = "karun.limit" }
known.class("a limit", Limit)

function M.limit(opts)
  known.check(opts, { "rate", "burst" }, "karun.limit")
  local rate, burst = opts and opts.rate, opts and opts.burst or 1
  if type(rate) ~= "number" or rate <= 0 or type(burst) ~= "number" or burst < 1 then
    fault.raise("usage", "karun.limit{rate=, burst=}: rate is how many a second (above 0), burst how many at once (from 1)")
  end
  return setmetatable({ gap = 1 / rate, burst = burst, due = -math.huge }, Limit)
end

-- Waits until one more is allowed. Each taker gets a place of its own, in order.
function Limit:take()
  local now = native.now()
  self.due = math.max(self.due + self.gap, now - (self.burst - 1) * self.gap)
  if self.due > now then native.sleep(self.due - now) end
end

-- ---- retry: one policy in one place ----

local RETRY = { "tries", "delay", "factor", "max_delay", "jitter", "on" }

local function wanted_kinds(on)
  if on == nil then return nil end
  local set = {}
  for _, kind in ipairs(type(on) == "table" and on or { on }) do
    if not fault.kinds[kind] then
      local kinds = {}
      for name in pairs(fault.kinds) do
        kinds[#kinds + 1] = name
      end
      fault.raise("usage", ("karun.retry: there is no kind `%s`%s"):format(tostring(kind), known.hint(kind, kinds)))
    end
    set[kind] = true
  end
  return set
end

function M.retry(opts, fn)
  known.check(opts, RETRY, "karun.retry")
  check_function(fn, "karun.retry")
  local kinds = wanted_kinds(opts.on)
  local tries, delay = opts.tries or 3, opts.delay or 1
  for try = 1, tries do
    local out = table.pack(fault.try(fn, try))
    if out[1] then return table.unpack(out, 2, out.n) end
    local err = out[2]
    local never = err.kind == "interrupted" or err.kind == "cancelled"
    if try == tries or never or (kinds and not kinds[err.kind]) then error(err, 0) end
    local jitter = 1 + (opts.jitter or 0) * (2 * math.random() - 1)
    native.sleep(math.max(0, err.retry_after or delay * jitter))
    delay = math.min(delay * (opts.factor or 2), opts.max_delay or math.huge)
  end
end

return M
