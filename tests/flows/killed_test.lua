-- Killed at any instant: nothing is left behind but what is whole, and the next run finishes the rest.

local karun = require "karun"
local stage = require "stage"
local t = require "karun.test"

-- slow enough that each phase lasts long enough to be hit
local slow <const> = {
  login = 0.4, page = 0.2, hydrate = 0.2, basket = 0.2, build = { min = 0.4, max = 0.6, mean = 0.5 }, transfer = 0.8,
}

for _, phase in ipairs { "login", "open", "solo", "prepare", "download" } do
  t.test("kill -9 in " .. phase .. ": no browser stays, the next run finishes", { timeout = 180 }, function()
    local site = stage.site { profile = slow }
    local home, tmp, out = t.tmp(), t.tmp(), t.tmp() .. "/songs"
    local args = { "--out", out, stage.song.three }
    local env = { home = home, TMPDIR = tmp }
    local child = stage.start(site, "download", args, env)
    stage.await_words(child, "· " .. phase)
    child:signal(9)
    child:wait(10)
    karun.wait.until_true(function()
      return #stage.processes(tmp) == 0
    end, { timeout = 10, what = "the browser to be gone" })
    for _, name in ipairs(stage.files(out)) do
      t.ok(name:match("^Mara Quill %- Short Song/%d%d "), "only whole files under their names: " .. name)
    end
    local again = stage.start(site, "download", args, env)
    t.ok(again:wait(90), "the second run ends")
    t.equal(again:status(), 0, again:err())
    t.equal(#stage.files(out), 3)
    t.same(karun.file.list(out), { "Mara Quill - Short Song" }, "nothing else in the folder")
    t.same(karun.file.list(tmp), {}, "temporary folders are gone, also the killed run's")
  end)
end

t.test("Ctrl-C: an end in order, state saved, exit 130; the next run goes on", { timeout = 120 }, function()
  local site = stage.site { profile = slow }
  local home, tmp, out = t.tmp(), t.tmp(), t.tmp() .. "/songs"
  local args = { "--out", out, stage.song.three }
  local child = stage.start(site, "download", args, { home = home, TMPDIR = tmp })
  stage.await_words(child, "done: ")
  child:signal(2)
  t.ok(child:wait(20))
  t.equal(child:status(), 130, child:err())
  t.match(child:err(), "press again to force")
  t.same(karun.file.list(tmp), {})
  local before = #stage.files(out)
  t.ok(before >= 1)
  local again = stage.start(site, "download", args, { home = home, TMPDIR = tmp })
  t.ok(again:wait(90))
  t.equal(again:status(), 0, again:err())
  t.match(again:err(), ("skipped %d"):format(before))
  t.equal(#stage.files(out), 3)
end)

t.test("the browser is killed: started again, the unfinished track is done", { timeout = 120 }, function()
  local site = stage.site { profile = slow }
  local tmp, out = t.tmp(), t.tmp() .. "/songs"
  local child = stage.start(site, "download", { "--out", out, stage.song.three }, { home = t.tmp(), TMPDIR = tmp })
  stage.await_words(child, "· prepare")
  local pid = math.tointeger(tonumber(stage.processes(tmp .. "/")[1]:match("^%d+")))
  os.execute("kill -9 " .. pid)
  t.ok(child:wait(90))
  t.equal(child:status(), 0, child:err())
  t.equal(#stage.files(out), 3)
end)

t.test("the time limit of a run ends it with 8", { timeout = 60 }, function()
  local site = stage.site { profile = slow }
  local result = stage.download(site, { stage.song.six }, { "--time-limit", "3s" })
  t.equal(result.code, 8, result.err)
end)
