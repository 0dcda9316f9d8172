-- karun compare, baseline, ab, report: through the door.

local karun = require "karun"
local runs = require "runs"
local t = require "karun.test"

local FLOW = [[
  local karun, run = require "karun", require "karun.run"
  local pause = tonumber(karun.args[1] or "0.05")
  local song = run.song { name = "Song", tracks = 1 }
  local track = song:track { name = "Bass" }
  track:phase("solo", function() karun.sleep(0.02) end)
  track:phase("prepare", function() karun.sleep(pause) end)
  track:done {}]]

-- n runs of the flow -> their ids, joined by commas
local function ids_of(state, n, pause)
  local ids = {}
  for i = 1, n do
    ids[i] = runs.flow(FLOW, { state = state, args = { pause } }).model.id
  end
  return table.concat(ids, ",")
end

local function karun_in(state, argv)
  return t.run(argv, { env = { XDG_STATE_HOME = state } })
end

t.test("compare: runs, baselines, JSON, a page, --fail-on", function()
  local state = t.tmp()
  local quick, slow = ids_of(state, 3, "0.05"), ids_of(state, 3, "0.5")
  local got = karun_in(state, { "baseline", "save", "quick", (table.unpack { quick }) })
  t.equal(got.code, 0, got.err)
  got = karun_in(state, { "compare", "quick", slow })
  t.equal(got.code, 0, got.err)
  t.match(got.out, "prepare%s+0%.0%d %(.-%)%s+0%.5%d %(.-%)%s+%+%d+ %%%s+worse\n")
  t.match(got.out, "total .-worse\n")
  got = karun_in(state, { "compare", "quick", slow, "--fail-on", "10%" })
  t.equal(got.code, 9)
  t.match(got.err, "worse by more than 10 %%: .*total")
  t.equal(karun_in(state, { "compare", slow, "quick", "--fail-on", "10%" }).code, 0)
  local page = t.tmp() .. "/page.html"
  got = karun_in(state, { "compare", slow, "quick", "--json", "--html", page })
  local result = karun.json.decode(got.out)
  t.equal(result.schema, 1)
  t.equal(result.total.verdict, "better")
  for _, name in ipairs(require("karun.trace").phases) do
    t.ok(({ better = true, worse = true, unclear = true })[result.phases[name].verdict], name)
  end
  t.equal(result.phases.prepare.verdict, "better")
  t.equal(result.phases.prepare.a.n, 3)
  t.match(runs.text(page), "On one scale")
end)

t.test("compare: one run a side is never a verdict; a folder and part of an id name a run", function()
  local state = t.tmp()
  local a, b = ids_of(state, 1, "0.05"), ids_of(state, 1, "0.5")
  local got = karun_in(state, { "compare", a:sub(-4), state .. "/karun/runs/" .. b, "--fail-on=1%" })
  t.equal(got.code, 0, got.err)
  t.match(got.out, "total .-unclear  %(fewer than 3 runs a side%)")
  got = karun_in(state, { "compare", a, "nosuchrun" })
  t.equal(got.code, 2)
  t.match(got.err, "there is no finished run `nosuchrun`")
  t.equal(karun_in(state, { "compare", a }).code, 2)
  t.equal(karun_in(state, { "compare", a, b, "--fail-on", "much" }).code, 2)
end)

t.test("baseline: save the last run, list, remove", function()
  local state = t.tmp()
  ids_of(state, 2, "0.01")
  t.equal(karun_in(state, { "baseline", "save", "before" }).code, 0)
  t.match(karun_in(state, { "baseline", "list" }).out, "^before%s+1 run, the last %d+%-%d+%-%x+\n$")
  t.equal(karun_in(state, { "baseline", "remove", "before" }).code, 0)
  t.equal(karun_in(state, { "baseline", "list" }).out, "")
  t.equal(karun_in(state, { "baseline", "remove", "before" }).code, 2)
  t.equal(karun_in(state, { "baseline", "save", "../x" }).code, 2)
  t.equal(karun_in(state, { "baseline", "keep" }).code, 2)
end)

t.test("ab: both settings by turns, in fresh folders, compared", function()
  local state, folder = t.tmp(), t.tmp()
  runs.write(folder .. "/flow.lua", [[
    local karun, run = require "karun", require "karun.run"
    assert(not io.open("left"), "the folder is not fresh")
    io.open("left", "w"):close()
    run.phase("sync", function() karun.sleep(karun.timing.solo.margin) end)]])
  runs.write(folder .. "/slow.lua", "return { solo = { margin = 0.6 } }")
  local got = t.run({ "ab", "--a", "solo.margin=0.05", "--b", "timing=slow.lua", "--runs", "3", "--json", "flow.lua" },
    { env = { XDG_STATE_HOME = state }, cwd = folder, timeout = 120 })
  t.equal(got.code, 0, got.err)
  local result = karun.json.decode(got.out)
  t.equal(result.phases.sync.verdict, "worse")
  t.equal(result.a.n, 3)
  local order = got.err:gsub(" [^\n]*\n", " "):gsub(" $", "")
  t.equal(order, "a b b a a b")
  t.ok(not karun.file.exists(folder .. "/left"))
  t.match(karun_in(state, { "compare", result.a.runs[1], result.b.runs[1] }).out, "sync")
end)

t.test("ab: wrong use", function()
  t.equal(t.run({ "ab", "--a", "x=1", "flow.lua" }).code, 2)
  t.equal(t.run({ "ab", "--a", "solo.margin=1", "--b", "solo.margin=2", "nowhere.lua" }).code, 3)
end)

t.test("report: made afresh from run.json; --json gives that; a run that is not there", function()
  local state = t.tmp()
  local got = runs.flow(FLOW, { state = state })
  os.remove(got.folder .. "/report.html")
  local again = karun_in(state, { "report" })
  t.equal(again.code, 0, again.err)
  t.match(runs.text(again.out:gsub("\n$", "")), "Bass")
  t.equal(karun.json.decode(karun_in(state, { "report", got.model.id, "--json" }).out).id, got.model.id)
  t.equal(karun_in(state, { "report", "nosuchrun" }).code, 2)
end)

t.test("report --advise: an edit from the history of waits, and how many stand behind it", function()
  local state = t.tmp()
  runs.flow([[
    local karun = require "karun"
    for i = 1, 12 do
      local task = karun.spawn(karun.sleep, 0.1)
      karun.trace.waiting("a thing", { timeout = karun.timing.solo.timeout }, function() task:join() end)
    end
    for i = 1, 3 do
      karun.trace.waiting("another", { timeout = karun.timing.prepare.basket }, function() karun.sleep(0) end)
    end]], { state = state })
  local got = karun_in(state, { "report", "--advise" })
  t.equal(got.code, 0, got.err)
  t.match(got.out, "^return {\n  solo = {\n    timeout = [%d.]+, %-%- 12 waits, 0%.%d%d s sufficed in 99 %% of them; was 20\n  },\n}\n$")
  t.match(got.err, "prepare%.basket .-3 waits are too few")
  local path = runs.write(t.tmp() .. "/timing.lua", got.out)
  t.equal(t.run({ "timing", "solo.timeout", "--set", "timing=" .. path }).code, 0)
  t.equal(#karun.json.decode(karun_in(state, { "report", "--advise", "--json" }).out).timings, 2)
end)

t.test("the shipped timing sets are laid over by name", function()
  for _, name in ipairs { "pre_optimization", "regression", "solo_only", "download_only", "current" } do
    local got = t.run { "timing", "solo.ahead", "--set", "timing=" .. name }
    t.equal(got.code, 0, got.err)
    t.match(got.out, "timings/" .. name .. "%.lua")
  end
  t.match(t.run({ "timing", "solo.ahead", "--set", "timing=nosuch" }).err, "no timing file nosuch")
end)
