-- The run folder: run.json, log.txt, failures, latest, pruning, reports of killed runs.

local karun = require "karun"
local proc = require "karun.native.proc"
local runs = require "runs"
local t = require "karun.test"

local FLOW = [[
  local karun = require "karun"
  local run = require "karun.run"
  run.phase("login", function() karun.sleep(0.02) end)
  local song = run.song { name = "Song One", artist = "Band", url = "http://example.test/song?token=abcdef", count = 1, tracks = 3 }
  song:phase("open", function() karun.sleep(0.02) end)
  for i, name in ipairs { "Bass", "Drums", "Lead" } do
    local track = song:track { name = name, index = i - 1 }
    if i == 3 then
      track:skip("there already")
    else
      for _, phase in ipairs { "solo", "sync", "prepare", "download", "verify", "file" } do
        track:phase(phase, { attempt = 1 }, function() karun.sleep(0.01 * i) end)
      end
      if i == 1 then track:done { bytes = 1000, path = "x.mp3" } else
        track:fail(karun.error("incomplete", "the file ended early"), { next = "run again" })
      end
    end
  end
  karun.log.debug("only in the file")
  run.press { what = "solo", why = "unlit", track = "Bass" }
  run.note("one line")
  return 4]]

t.test("run.json says what became of each track, with its phases", function()
  local got = runs.flow(FLOW)
  local model = got.model
  t.equal(got.code, 4)
  t.equal(model.schema, 1)
  t.equal(model.exit_code, 4)
  t.same(model.counts, { done = 1, skipped = 1, failed = 1 })
  local names = {}
  for name in pairs(model.phases) do names[#names + 1] = name end
  table.sort(names)
  t.equal(table.concat(names, " "), "download file login open prepare solo sync verify")
  local tracks = model.songs[1].tracks
  t.equal(#tracks, 3)
  t.equal(tracks[1].name, "Bass")
  t.equal(tracks[1].status, "done")
  t.equal(tracks[1].index, 0)
  t.ok(tracks[1].dur_s >= 0.06 and tracks[1].dur_s < 5)
  local sum = 0
  for _, name in ipairs { "solo", "sync", "prepare", "download", "verify", "file" } do
    t.ok(tracks[1].phases[name] >= 0.01, name)
    sum = sum + tracks[1].phases[name]
  end
  t.ok(math.abs(sum - tracks[1].dur_s) < 0.05)
  t.equal(tracks[2].status, "failed")
  t.match(tracks[2].error, "ended early")
  t.equal(tracks[3].why, "there already")
  local share = model.share
  t.ok(math.abs(share.site_s + share.working_s + share.waiting_s - model.wall_s) < 0.01)
  t.equal(model.presses[1].what, "solo")
  t.equal(model.notes[1].text, "one line")
  t.equal(model.timings["solo.margin"], 0.2)
end)

t.test("all eight phases are trace events, and cover the run", function()
  local got = runs.flow(FLOW)
  local seen, pieces = {}, {}
  for _, event in ipairs(runs.events(got)) do
    if event.cat == "phase" then
      seen[event.name] = true
      pieces[#pieces + 1] = { event.ts / 1e6, (event.ts + event.dur) / 1e6 }
    end
  end
  for _, name in ipairs(require("karun.trace").phases) do t.ok(seen[name], name) end
  local intervals = require "karun.report.intervals"
  t.ok(intervals.length(intervals.union(pieces)) >= got.model.wall_s * 0.9 - 1.5)
end)

t.test("the last words count and name the report; each failure has its line", function()
  local got = runs.flow(FLOW)
  local report = got.err:match("done 1, skipped 1, failed 1; report: (%S+)\n$")
  t.ok(report, got.err)
  t.match(runs.text(report), "<!doctype html>")
  t.match(got.err, "Drums: incomplete: [^\n]*ended early %-> run again\n")
end)

t.test("a flow with nothing to count says nothing", function()
  local got = runs.flow 'print "hello"'
  t.equal(got.out, "hello\n")
  t.equal(got.err, "")
  t.equal(got.model.exit_code, 0)
end)

t.test("log.txt has every debug line, with song, track and phase, whatever the screen shows", function()
  local got = runs.flow([[
    local karun = require "karun"
    karun.span("solo", { song = "S", track = "Bass" }, function() karun.log.debug("inside", { n = 3 }) end)
    karun.log.info("outside")]], { args = { "-q" } })
  t.equal(got.err, "")
  local log = runs.text(got.folder .. "/log.txt")
  t.match(log, "%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d%.%d%d%dZ debug %x%x%x%x S | Bass | solo | inside n=3\n")
  t.match(log, " info  %x%x%x%x %- | %- | %- | outside\n")
end)

t.test("an uncaught error is a failure with its folder", function()
  local got = runs.flow 'error(require("karun").error("http", "no luck"))'
  t.equal(got.code, 1)
  t.equal(got.model.failures[1].kind, "http")
  t.match(runs.text(got.folder .. "/failures/01/error.txt"), "no luck")
  t.match(got.err, "report: ")
end)

t.test("only so many runs are kept, the newest, and nothing that karun did not make", function()
  local state = t.tmp()
  karun.file.mkdir(state .. "/karun/runs/my-own")
  for _ = 1, 5 do
    runs.flow("return 0", { state = state, args = { "--set", "limits.keep_runs=3" } })
  end
  local names = karun.file.list(state .. "/karun/runs")
  t.equal(#names, 3 + 2)
  t.equal(names[#names], "my-own")
  t.equal(karun.file.readlink(state .. "/karun/runs/latest"), names[3])
end)

t.test("a killed run has its report at the next start", function()
  local state, folder = t.tmp(), t.tmp()
  local path = runs.write(folder .. "/flow.lua", [[
    local karun, run = require "karun", require "karun.run"
    local song = run.song { name = "Song", tracks = 2 }
    local bass, drums = song:track { name = "Bass" }, song:track { name = "Drums" }
    bass:phase("solo", function() karun.sleep(0.03) end)
    bass:done {}
    drums:phase("prepare", function()
      io.write("deep\n") io.flush()
      karun.sleep(600)
    end)]])
  local env = { "XDG_STATE_HOME=" .. state, "HOME=" .. folder }
  for _, pair in ipairs(proc.environ()) do
    if not pair:match("^XDG_STATE_HOME=") and not pair:match("^HOME=") then env[#env + 1] = pair end
  end
  local child = proc.start { argv = { "/proc/self/exe", path }, env = env, capture = true, cwd = folder }
  karun.wait.until_true(function() return child:out():find("deep", 1, true) end, { timeout = 30, every = 0.02 })
  child:kill(9)
  t.ok(child:wait(10))
  child:close()
  local dead = state .. "/karun/runs/" .. karun.file.readlink(state .. "/karun/runs/latest")
  t.ok(not karun.file.exists(dead .. "/run.json"))
  runs.flow("return 0", { state = state })
  local model = karun.json.decode(runs.text(dead .. "/run.json"))
  t.equal(model.killed, true)
  t.equal(model.songs[1].tracks[1].status, "done")
  t.ok(model.songs[1].tracks[1].phases.solo >= 0.03)
  t.equal(model.songs[1].tracks[2].spans[1].outcome, "killed")
  t.match(runs.text(dead .. "/report.html"), "the run was killed")
  t.ok(not karun.file.exists(dead .. "/journal.jsonl"))
end)

t.test("a run that still goes on is left alone by the next", function()
  local state, folder = t.tmp(), t.tmp()
  local inner = runs.write(folder .. "/inner.lua", "return 0")
  local got = runs.flow(([[
    local proc = require "karun.native.proc"
    local child = proc.start { argv = { "/proc/self/exe", %q }, capture = true }
    child:wait(30)
    child:close()
    print(require("karun").file.exists(require("karun.run_life").path() .. "/run.json"))]]):format(inner), { state = state })
  t.equal(got.out, "false\n")
end)

t.test("an error that leaves the browser's block uncaught keeps the page's picture", { timeout = 90 }, function()
  local got = runs.flow([[
    local karun = require "karun"
    local browser <close> = karun.launch {}
    local page = browser:page()
    page:set_html "<h1>Here it broke</h1>"
    page:click("#nowhere", { timeout = 0.1 })]], { timeout = 60 })
  t.equal(got.code, 1)
  local failure = got.model.failures[1]
  t.equal(#got.model.failures, 1)
  t.equal(failure.kind, "not_found")
  t.match(runs.text(got.folder .. "/" .. failure.folder .. "/page.html"), "Here it broke")
  t.match(runs.text(got.folder .. "/report.html"), "data:image/jpeg;base64,")
end)
