-- Runs a flow: finds it, loads it, gives it its arguments, makes its end an exit code.

local dirs = require "karun.dirs"
local exit = require "karun.cli.exit"
local fault = require "karun.error"
local known = require "karun.known"
local loader = require "karun.loader"
local settings = require "karun.settings"
local units = require "karun.units"

local M = {}

local function is_file(path)
  local file = io.open(path, "rb")
  if not file then return false end
  local ok = file:read(0) ~= nil or file:seek("end") == 0
  file:close()
  return ok
end

-- Where a flow lies: the folder karun is called from, then the person's own, then the shipped one.
function M.find(path)
  if is_file(path) then return path end
  if path:sub(1, 1) ~= "/" then
    for _, dir in ipairs { settings.dirs().data, dirs.shipped } do
      if is_file(dir .. "/" .. path) then return dir .. "/" .. path end
    end
  end
  return nil
end

local function flow_names(context)
  local names = {}
  for _, dir in ipairs { "flows", dirs.shipped .. "/flows" } do
    for _, name in ipairs(context.list(dir) or {}) do
      if name:match("%.lua$") then names[#names + 1] = "flows/" .. name end
    end
  end
  return names
end

function M.missing(path, context)
  local near = known.nearest(path, flow_names(context))
  fault.raise("config", ("there is no flow %s, neither here nor among the shipped ones (%s)%s"):format(path,
    dirs.shipped, near and (", did you mean `%s`?"):format(near) or ""), { path = path, where = false })
end

local function warn_shadowed(context)
  if not context.stat then return end
  for _, pair in ipairs(settings.shadowed(context.stat)) do
    context.warn(("%s lies over a newer shipped file; compare it with %s (touch yours to silence this)")
      :format(pair[1], pair[2]))
  end
end

local function out_of_time(limit)
  return fault.new("timeout", ("the run's time limit of %s was reached (--time-limit)"):format(
    units.show_duration(limit)), { exit_code = 8, timed_out = true, timeout = limit, where = false })
end

-- Calls `fn` under the run's limit; reaching it ends in exit 8.
local function within(limit, context, fn)
  if not limit then return fn() end
  local started = context.now()
  local results = table.pack(pcall(context.timeout, limit, fn))
  if results[1] then return table.unpack(results, 2, results.n) end
  local err = results[2]
  if type(err) == "table" and err.kind == "timeout" and context.now() - started >= limit then
    err = out_of_time(limit)
  end
  error(err, 0)
end

function M.run(_, args, context)
  local asked = table.remove(args, 1)
  if not asked then fault.raise("usage", "karun run wants a flow: karun run FLOW.lua", { where = false }) end
  local path = M.find(asked) or M.missing(asked, context)
  args[0] = path
  settings.set_args(args, asked)
  settings.check()
  warn_shadowed(context)
  local config = settings.config().values
  local flow = loader.new { flow = path, sandbox = config.sandbox }
  context.loaded = flow.loaded
  if settings.flags().help and not require("karun.data_file").text(path):find("options", 1, true) then
    context.stdout:write(("%s declares no options. `karun --help` lists karun's own flags.\n"):format(path))
    return 0
  end
  require("karun.run_life").begin { flow = path, args = args }
  if config.sandbox then context.budget() end
  local value = within(config.time_limit, context, function()
    return flow.run(table.unpack(args))
  end)
  local code = exit.of_return(value)
  if code then return code end
  fault.raise("usage", ("%s returned %s; a flow ends with nothing or with an exit code (0 to 255)"):format(path,
    type(value) == "number" and tostring(value) or "a " .. type(value)), { where = false })
end

return M
