-- --watch: the live page, behind its token, by web socket.

local karun = require "karun"
local json = require "karun.json"
local proc = require "karun.native.proc"
local runs = require "runs"
local sockets = require "karun.serve.socket"
local t = require "karun.test"

local FLOW = [[
  local karun, run = require "karun", require "karun.run"
  local song = run.song { name = "Song", tracks = 2 }
  local bass, drums = song:track { name = "Bass" }, song:track { name = "Drums" }
  bass:phase("download", function()
    bass:received(500, 1000)
    io.read "l"
    bass:received(1000, 1000)
  end)
  bass:done {}
  drums:fail(karun.error("net", "gone"))
  karun.sleep(0.5)
  return 4]]

-- The flow with --watch, waiting for a line on its input; fn(url, child) while it does.
local function watched(fn)
  local folder = t.tmp()
  local path = runs.write(folder .. "/flow.lua", FLOW)
  local wait = runs.write(folder .. "/go", "")
  os.remove(wait)
  local text = FLOW:gsub('io.read "l"', ("while not karun.file.exists(%q) do karun.sleep(0.05) end"):format(wait))
  runs.write(path, text)
  local env = { "XDG_STATE_HOME=" .. folder, "HOME=" .. folder, "PATH=" .. os.getenv "PATH" }
  local child <close> = setmetatable({ raw = proc.start { argv = { "/proc/self/exe", path, "--watch" }, env = env, capture = true, cwd = folder } },
    { __close = function(self) self.raw:kill(9) self.raw:wait(5) self.raw:close() end })
  local url = karun.wait.until_true(function() return child.raw:err():match("live: (http://127%.0%.0%.1:%d+/%x+/)\n") end, { timeout = 30, every = 0.02 })
  fn(url, child.raw, function() runs.write(wait, "") end, folder)
end

t.test("the page lies behind a token; the socket tells tracks, phases, bytes, and the end", { timeout = 90 }, function()
  watched(function(url, child, go, folder)
    local base = url:match("^(http://[^/]+)")
    t.equal(#url:match("/(%x+)/$"), 32)
    for _, path in ipairs { "/", "/ws", "/0123/", "/0123/ws" } do t.equal(karun.http.fetch(base .. path).status, 404, path) end
    t.match(karun.http.fetch(url).body, "<!doctype html>")
    local socket = sockets.connect(url:gsub("^http", "ws") .. "ws")
    local first = json.decode(socket:receive { timeout = 10 })
    local bass = first.songs[1].tracks[1]
    t.equal(bass.name, "Bass")
    t.equal(bass.received, 500)
    t.equal(bass.spans[1].name, "download")
    t.equal(bass.spans[1].open, true)
    t.equal(first.progress.phase, "download")
    go()
    local last
    for message in socket:messages() do last = json.decode(message) end
    t.equal(last.songs[1].tracks[1].status, "done")
    t.equal(last.songs[1].tracks[2].status, "failed")
    t.same(last.ended.counts, { done = 1, skipped = 0, failed = 1 })
    t.ok(child:wait(10))
    for _, name in ipairs { "log.txt", "run.json", "report.html" } do
      t.ok(not runs.text(folder .. "/karun/runs/latest/" .. name):find(url:match("/(%x+)/$"), 1, true), name .. " holds the token")
    end
  end)
end)

t.test("the page shows what it is told, and says when the run is over", { timeout = 90 }, function()
  watched(function(url, child, go)
    local page = t.page()
    page:open(url)
    page:find('[data-track="Bass"]'):wait { text = "download · 1 kB" }
    go()
    page:find('[data-track="Bass"]'):wait { text = "done" }
    page:find("#state"):wait { text = "ended, exit code 4: done 1, skipped 0, failed 1" }
    t.equal(#page:console(), 0)
    t.ok(child:wait(10))
  end)
end)
