-- karun watch FLOW: runs a flow, and again at each save of a Lua file it read. The browser and the
-- sign-in are kept; an error is shown with its line and a picture, and it goes on.

local complaint = require "karun.cli.complaint"
local data_file = require "karun.data_file"
local exit = require "karun.cli.exit"
local fault = require "karun.error"
local lent = require "karun.lent"
local loader = require "karun.loader"
local run_folder = require "karun.run_folder"
local runner = require "karun.cli.run"
local saves = require "karun.saves"
local settings = require "karun.settings"
local task = require "karun.task"

local M = {}

local picture_limit <const> = 5 -- seconds; a page that gives no picture in this time gives none

local function pictures(lender, number)
  local out = {}
  for i, page in ipairs(lender:pages()) do
    local path = ("%s/watch-%d%s.png"):format(run_folder.failures(), number, i > 1 and "-" .. i or "")
    if fault.try(page.screenshot, page, path, { timeout = picture_limit }) then out[#out + 1] = path end
  end
  return out
end

local function tell_error(state, err)
  if exit.is_leave(err) then return end
  state.context.stderr:write(complaint.text(err, { verbose = state.context.verbose and state.context.verbose > 0 }))
  for _, path in ipairs(pictures(state.lender, state.number)) do
    state.context.stderr:write("  screenshot: ", path, "\n")
  end
end

local function with_trace(err)
  err = fault.of(err)
  if rawget(err, "traceback") == nil then err.traceback = debug.traceback("", 2) end
  return err
end

-- One run of the flow. Everything it reads is watched from then on.
local function once(state)
  local began = state.context.now()
  local args = table.move(state.args, 1, #state.args, 1, { [0] = state.path })
  local ok, result = xpcall(function()
    settings.reread()
    settings.set_args(args, state.asked)
    settings.check()
    return loader.new({ flow = state.path, sandbox = settings.get "sandbox" }).run(table.unpack(args))
  end, with_trace)
  io.stdout:flush()
  if not ok and result.kind == "cancelled" and not exit.is_leave(result) then error(result, 0) end
  if not ok then tell_error(state, result) end
  local code = ok and exit.of_return(result) or 0
  state.context.stderr:write(("-- %s after %.2f s%s; watching %d files\n"):format(ok and "ended" or "failed",
    state.context.now() - began, code ~= 0 and (", exit code %s"):format(code) or "", state.saves:count()))
  if not settings.get "visible" then state.lender:tidy() end
end

local function run_and_wait(state)
  state.number = state.number + 1
  local running = task.spawn(once, state)
  local path = state.saves:next()
  running:cancel()
  local ok, err = fault.try(running.join, running)
  if not ok and err.kind ~= "cancelled" then error(err, 0) end
  state.context.stderr:write(("-- %s was saved\n"):format(path))
  if #state.lender:pages() > 0 then state.lender:tidy() end
end

function M.run(_, args, context)
  local asked = table.remove(args, 1)
  if not asked then fault.raise("usage", "karun watch wants a flow: karun watch FLOW.lua", { where = false }) end
  local watched <close> = saves.new()
  local lender <close> = lent.new()
  local state = {
    asked = asked, path = runner.find(asked) or runner.missing(asked, context), args = args, context = context,
    saves = watched, lender = lender, number = 0,
  }
  data_file.listener = function(path, text) watched:add(path, text) end
  local ok, err = fault.try(function()
    while true do
      run_and_wait(state)
    end
  end)
  data_file.listener = nil
  if err.kind == "interrupted" then return 130 end
  error(ok and fault.new("internal", "watch ended by itself") or err, 0)
end

return M
