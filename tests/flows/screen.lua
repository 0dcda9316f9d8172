-- A screen of the test's own for visible runs (Xvfb), gone after it.

local karun = require "karun"
local proc = require "karun.native.proc"
local t = require "karun.test"

local M = {}

-- -> DISPLAY for a child's environment
function M.start()
  local path = t.tmp() .. "/display"
  local child = proc.start {
    argv = { "/bin/sh", "-c", "exec Xvfb -displayfd 3 -screen 0 1280x900x24 -nolisten tcp 3>" .. path }, capture = true,
  }
  t.after(function()
    child:kill(15)
    child:wait(10)
    child:close()
  end)
  local function number()
    return karun.file.exists(path) and karun.file.read(path):match("^(%d+)\n")
  end
  karun.wait.until_true(number, { timeout = 30, what = "the screen" })
  return ":" .. number()
end

return M
