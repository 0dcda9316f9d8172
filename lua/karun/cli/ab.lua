-- karun ab --a WHAT --b WHAT --runs N FLOW.lua …: the flow again and again with two settings, by turns
-- (a b, b a, …), each time in fresh folders, and then compared.

local comparison = require "karun.report.comparison"
local fault = require "karun.error"
local file = require "karun.file"
local files = require "karun.report.files"
local proc = require "karun.native.proc"
local run_folder = require "karun.run_folder"
local settings = require "karun.settings"

local M = {}

local KEEP = { "karun.lua", "timing.lua", "sites", "lua", "flows" } -- what a project consists of

local function absolute(path, here)
  if path:sub(1, 1) == "/" or not file.exists(path) then return path end
  return here .. "/" .. path
end

-- Relative paths of files that are there stay right in another working folder.
local function settled(args, here)
  local out = {}
  for i, arg in ipairs(args) do
    local flag, value = arg:match("^([%w_.-]+=)(.+)$")
    out[i] = flag and flag .. absolute(value, here) or absolute(arg, here)
  end
  return out
end

-- The environment with another state folder: nothing is taken over from earlier runs.
local function environment(state)
  local env = { "XDG_STATE_HOME=" .. state }
  for _, pair in ipairs(proc.environ()) do
    if not pair:match("^XDG_STATE_HOME=") then env[#env + 1] = pair end
  end
  return env
end

local function set_flags(sets)
  local out = {}
  for _, set in ipairs(sets or {}) do
    out[#out + 1] = "--set=" .. set
  end
  return out
end

local function joined(...)
  local out = {}
  for _, list in ipairs { ... } do
    table.move(list, 1, #list, #out + 1, out)
  end
  return out
end

-- The one run folder that a child has made, moved to ours.
local function adopt(state)
  local runs = state .. "/karun/runs"
  for _, name in ipairs(file.exists(runs) and file.list(runs) or {}) do
    if name ~= "latest" then
      local folder = run_folder.all() .. "/" .. name
      file.mkdir((run_folder.all()))
      os.rename(runs .. "/" .. name, folder)
      return folder
    end
  end
end

-- One run -> its model, or nil and why it does not count.
local function run_once(base, argv, here)
  local work, state = base .. "/work", base .. "/state"
  file.mkdir(work)
  for _, name in ipairs(KEEP) do
    if file.exists(here .. "/" .. name) then require("karun.native.file").point(work .. "/" .. name, here .. "/" .. name) end
  end
  local child = proc.start { argv = argv, env = environment(state), cwd = work, capture = true }
  local ok, err = pcall(child.wait, child, 7 * 86400) -- a limit keeps the loop turning
  if not ok then
    child:kill(15)
    child:wait(10)
  end
  local code, said = child:status(), child:err()
  child:close()
  local folder = adopt(state)
  file.remove(base, { recursive = true })
  if not ok then error(err, 0) end
  local model = folder and files.read(folder)
  if code ~= 0 or not model then
    return nil, ("exit %s: %s"):format(tostring(code), said:match("([^\n]*)\n?$") or "")
  end
  return model
end

local function check(values, args)
  if not values.a or not values.b then
    fault.raise("usage", "karun ab wants two settings: --a timing=FILE --b timing=FILE (any --set key=value will do)", { where = false })
  end
  if #args == 0 then fault.raise("usage", "karun ab wants a flow: karun ab --a … --b … FLOW.lua [ARG…]", { where = false }) end
  local flow = require("karun.cli.run").find(args[1])
  if not flow then fault.raise("config", "there is no flow " .. args[1], { path = args[1], where = false }) end
  return flow
end

local function label(sets)
  return (table.concat(sets, " "):gsub("^timing=", ""):gsub("^.*/([^/]+)%.lua$", "%1"))
end

function M.run(values, args, context)
  local flow = check(values, args)
  local here = file.readlink("/proc/self/cwd")
  local rest = settled({ table.unpack(args, 2) }, here)
  file.mkdir(settings.dirs().state)
  local base, hold <close> = file.temp { folder = settings.dirs().state } -- luacheck: ignore
  local sides = { a = { name = "a: " .. label(values.a), runs = {} }, b = { name = "b: " .. label(values.b), runs = {} } }
  local argv = { "/proc/self/exe", absolute(flow, here) }
  for round = 1, values.runs or 5 do
    for turn = 1, 2 do
      local which = (round + turn) % 2 == 0 and "a" or "b"
      local flags = joined(set_flags(values.set), set_flags(settled(values[which], here)), { "--progress=plain" })
      local model, why = run_once(("%s/%d%s"):format(base, round, which), joined(argv, flags, rest), here)
      context.stderr:write(("%s %d/%d: %s\n"):format(which, round, values.runs or 5,
        model and ("%.1f s, run %s"):format(model.wall_s, model.id) or "does not count, " .. why))
      table.insert(sides[which].runs, model)
    end
  end
  if #sides.a.runs == 0 or #sides.b.runs == 0 then
    fault.raise("usage", "no run of one side succeeded; there is nothing to compare", { where = false })
  end
  local result = comparison.of(sides.a, sides.b, values.fail_on and require("karun.cli.compare").share(values.fail_on))
  return require("karun.cli.compare").tell(result, sides.a, sides.b, values, context)
end

return M
