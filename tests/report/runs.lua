-- Runs a small flow as a child with a state folder of its own, and reads what it left.

local json = require "karun.json"
local t = require "karun.test"

local M = {}

function M.text(path)
  local file = io.open(path, "rb")
  local text = file and file:read("a")
  if file then file:close() end
  return text
end

function M.write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

-- flow(text, { args=, env=, state=, name= }) -> { code, out, err, state, folder, model }
function M.flow(text, options)
  options = options or {}
  local folder = t.tmp()
  local path = M.write(folder .. "/" .. (options.name or "flow.lua"), text)
  local argv = { path }
  table.move(options.args or {}, 1, #(options.args or {}), 2, argv)
  local env = { XDG_STATE_HOME = options.state or folder .. "/state" }
  for name, value in pairs(options.env or {}) do
    env[name] = value
  end
  local got = t.run(argv, { env = env, cwd = folder, timeout = options.timeout })
  got.state, got.folder = env.XDG_STATE_HOME, env.XDG_STATE_HOME .. "/karun/runs/latest"
  local model = M.text(got.folder .. "/run.json")
  got.model = model and json.decode(model)
  return got
end

-- The complete events of trace.json, and all of it.
function M.events(got)
  local all = json.decode(M.text(got.folder .. "/trace.json")).traceEvents
  local complete = {}
  for _, event in ipairs(all) do
    if event.ph == "X" then complete[#complete + 1] = event end
  end
  return complete, all
end

return M
