-- The job with a window (Xvfb) is the job without one.

local karun = require "karun"
local proc = require "karun.native.proc"
local stage = require "stage"
local t = require "karun.test"

-- A display of its own -> ":7"
local function display()
  local ok, child = pcall(proc.start, {
    argv = { "Xvfb", "-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp" }, capture = true,
  })
  if not ok then t.skip("there is no Xvfb here") end
  t.after(function()
    child:kill(15)
    child:wait(5)
    child:close()
  end)
  karun.wait.until_true(function()
    return child:out():match("%d+\n")
  end, { timeout = 30, every = 0.05, what = "Xvfb" })
  return ":" .. child:out():match("%d+")
end

t.test("headless and visible file the same", { timeout = 180 }, function()
  local site = stage.site()
  local shown, out = stage.download(site, { stage.song.three }, { "--visible" }, { env = { DISPLAY = display() } })
  t.equal(shown.code, 0, shown.err)
  local headless, other = stage.download(site, { stage.song.three }, {}, { env = { XDG_STATE_HOME = t.tmp() } })
  t.equal(headless.code, 0, headless.err)
  t.same(stage.files(out), stage.files(other))
  t.equal(#stage.files(out), 3)
end)
