-- What a run says while it goes on: tty, plain, json, none; waits that take long; last words.

local json = require "karun.json"
local runs = require "runs"
local t = require "karun.test"
local term = require "karun.term"

local FLOW = [[
  local karun, run = require "karun", require "karun.run"
  local song = run.song { name = "Song One", number = 2, count = 5, tracks = 2 }
  for i, name in ipairs { "Bass", "Drums" } do
    local track = song:track { name = name }
    track:phase("download", function()
      track:received(500, 1000)
      karun.log.info("a line")
      track:received(1000, 1000)
    end)
    if i == 1 then track:done {} else track:fail(karun.error("net", "gone")) end
  end
  return 4]]

t.test("plain: a line per change, no carriage returns", function()
  local got = runs.flow(FLOW, { args = { "--progress=plain" }, env = { LC_ALL = "C" } })
  t.match(got.err, "^song 2/5 Song One\nsong 2/5 Song One %- track 1/2 Bass %- download\na line\n"
    .. "song 2/5 Song One %- track 2/2 Drums %- download\na line\nfailed: ")
  t.ok(not got.err:find("[\r\27]"))
  t.equal(got.out, "")
end)

t.test("plain, in UTF-8: the dot between the parts", function()
  t.match(runs.flow(FLOW, { env = { LC_ALL = "C.UTF-8" } }).err, "Song One · track 1/2")
end)

t.test("json: nothing but objects, one a line, errors too", function()
  local got = runs.flow(FLOW .. "\n", { args = { "--progress=json", "-vv" } })
  local events, last = {}, nil
  for line in got.err:gmatch("[^\n]+") do
    last = json.decode(line)
    t.equal(last.schema, 1)
    events[last.event] = (events[last.event] or 0) + 1
  end
  t.ok(events.progress >= 6)
  t.ok(events.log >= 2)
  t.equal(last.event, "end")
  t.same({ last.done, last.skipped, last.failed, last.exit_code }, { 1, 0, 1, 4 })
  t.match(runs.text(last.report), "<!doctype html>")
  got = runs.flow('error(require("karun").error("http", "no\\nluck"))', { args = { "--progress=json" } })
  for line in got.err:gmatch("[^\n]+") do json.decode(line) end
  t.match(got.err, "karun: %S+flow%.lua:1: no")
  got = runs.flow("local x = nil + 1", { args = { "--progress=json" } })
  for line in got.err:gmatch("[^\n]+") do json.decode(line) end
end)

t.test("none and -q: only the last words, or not even these", function()
  local got = runs.flow(FLOW, { args = { "--progress=none" } })
  t.match(got.err, "^a line\na line\nfailed: [^\n]+\ndone 1, skipped 0, failed 1; report: %S+\n$")
end)

t.test("nothing waits longer than limits.silent without saying what for", function()
  local got = runs.flow([[
    local karun = require "karun"
    karun.trace.waiting("the moon", { timeout = 9 }, function() karun.sleep(1.5) end)]],
    { args = { "--set", "limits.silent=0.5" } })
  t.match(got.err, "^waiting for the moon, 1 s of 9s\n$")
  got = runs.flow([[require("karun").sleep(1.5)]], { args = { "--set", "limits.silent=0.5", "--progress=json" } })
  local first = json.decode(got.err:match("^[^\n]+"))
  t.equal(first.event, "waiting")
  t.equal(first.what, "resting")
end)

t.test("progress takes only what it knows", function()
  t.match(t.error("usage", require("karun").progress, { trak = 1 }).message, "did you mean `track`")
end)

local function env(values)
  return function(name) return values[name] end
end

t.test("auto is tty only on a terminal that can; colours obey NO_COLOR and TERM", function()
  t.equal(term.mode_of("auto", true, env { TERM = "xterm" }), "tty")
  t.equal(term.mode_of("auto", true, env { TERM = "dumb" }), "plain")
  t.equal(term.mode_of("auto", false, env {}), "plain")
  t.equal(term.mode_of("json", true, env {}), "json")
  t.ok(term.color_of("auto", true, env { TERM = "xterm" }))
  t.ok(not term.color_of("auto", true, env { NO_COLOR = "1" }))
  t.ok(not term.color_of("auto", false, env {}))
  t.ok(term.color_of("always", false, env { NO_COLOR = "1" }))
  t.ok(not term.color_of("never", true, env {}))
end)

t.test("tty: one status line that is drawn over, and gone at the end", function()
  if not os.execute("command -v script >/dev/null") then t.skip "there is no `script` to make a terminal with" end
  local folder = t.tmp()
  runs.write(folder .. "/flow.lua", FLOW)
  local proc = require "karun.native.proc"
  local env_list = { "TERM=xterm", "XDG_STATE_HOME=" .. folder, "HOME=" .. folder, "LC_ALL=C", "PATH=" .. os.getenv "PATH" }
  local me = require("karun.file").readlink("/proc/self/exe")
  local child = proc.start { argv = { "script", "-qec", me .. " flow.lua", "/dev/null" }, env = env_list, cwd = folder, capture = true }
  t.ok(child:wait(30))
  local out = child:out()
  child:close()
  t.match(out, "\r\27%[K\27%[2msong 2/5 Song One %- track 1/2 Bass %- download %- 500 B of 1000 B")
  t.match(out, "\r\27%[Ka line\r\n")
  t.match(out, "\r\27%[K[^\27]*done 1, skipped 0, failed 1; report: ")
end)
