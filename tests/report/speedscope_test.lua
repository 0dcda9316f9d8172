-- trace.json opens in speedscope: its own importer, from npm, in a page. Skipped where npm or the network is
-- missing.

local karun = require "karun"
local base64 = require "karun.native.base64"
local proc = require "karun.native.proc"
local runs = require "runs"
local t = require "karun.test"

local function install(folder)
  runs.write(folder .. "/package.json", "{}")
  local child = proc.start { argv = { "/bin/sh", "-c", "npm install --silent --no-audit --no-fund speedscope" }, cwd = folder, capture = true }
  local ended = child:wait(120)
  if not ended then child:kill(9) child:wait(5) end
  local code = child:status()
  child:close()
  return ended and code == 0
end

t.test("speedscope imports trace.json: a profile for each thread, the phases in it", { timeout = 240 }, function()
  local got = runs.flow [[
    local karun, run = require "karun", require "karun.run"
    local song = run.song { name = "Song", tracks = 2 }
    for _, name in ipairs { "Bass", "Drums" } do
      local track = song:track { name = name }
      track:phase("solo", function() karun.sleep(0.02) end)
      karun.wait.all { a = function() track:phase("download", function() karun.sleep(0.03) end) end,
        b = function() karun.sleep(0.02) end }
      track:done {}
    end]]
  local folder = t.tmp()
  if not install(folder) then t.skip "npm install speedscope does not work here" end
  local text = runs.text(got.folder .. "/trace.json")
  runs.write(folder .. "/load.js", ("speedscope.loadFileFromBase64('trace.json', '%s')"):format(base64.encode(text)))
  local page = t.page()
  page:open("file://" .. folder .. "/node_modules/speedscope/dist/release/index.html#localProfilePath=" .. folder .. "/load.js")
  local title = page:wait_js("() => document.title.includes('trace.json') || document.body.innerText.includes('omething went wrong') ? document.title + '|' + document.body.innerText : null",
    { timeout = 30 })
  t.match(title, "trace%.json %- speedscope|")
  t.ok(not title:find("omething went wrong", 1, true), title)
  local threads = {}
  for _, event in ipairs((runs.events(got))) do threads[event.tid] = true end
  local count = 0
  for _ in pairs(threads) do count = count + 1 end
  t.ok(count >= 2)
  t.match(title, "main")
  karun.sleep(0)
end)
