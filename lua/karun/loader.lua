-- Loads flows and the modules they require: text only, without accidental globals, and in Lua, so
-- that a module may wait while it loads. Modules come from the flow's folder, then the project's
-- lua/, then the data folder, then the shipped flows' own, then what is built in; never from the
-- current folder as such.

local data_file = require "karun.data_file"
local dirs = require "karun.dirs"
local fault = require "karun.error"
local strict = require "karun.strict"

local M = {}

-- What --sandbox leaves of the standard library. Modules of karun itself still work.
local function sandboxed(env)
  env.io, env.debug, env.package, env.dofile, env.loadfile, env.collectgarbage = nil, nil, nil, nil, nil, nil
  env.os = { time = os.time, date = os.date, clock = os.clock, difftime = os.difftime }
  env.load = function(text, name, _, target)
    if type(text) ~= "string" then fault.raise("usage", "under --sandbox `load` takes a text") end
    return load(text, name or "=load", "t", target or env)
  end
  return env
end

local function find(name, folders)
  local path = name:gsub("%.", "/")
  for _, folder in ipairs(folders) do
    for _, tail in ipairs { ".lua", "/init.lua" } do
      local file = folder .. "/" .. path .. tail
      local handle = io.open(file, "rb")
      if handle then
        handle:close()
        return file
      end
    end
  end
end

local function compile(path, text, env)
  local chunk, why = load(text, "@" .. path, "t", env)
  if chunk then return chunk end
  local file, line, rest = why:match("^(.-):(%d+): (.*)$")
  fault.raise("config", rest and ("syntax: " .. rest) or why, { path = path, where = rest and file .. ":" .. line })
end

-- A module of karun or of the standard kind; a missing one says where was looked.
local function built_in(name, folders)
  local ok, value = pcall(require, name)
  if ok then return value end
  if type(value) == "string" and value:match("^module '[^']*' not found") then
    fault.raise("usage", ("there is no module `%s` (looked in %s, and in karun itself)"):format(name,
      table.concat(folders, ", ")))
  end
  error(value, 0)
end

-- new{ flow = path, sandbox = false } -> { run = function(…), loaded = { paths } }
function M.new(options)
  local flow = options.flow
  local text = data_file.text(flow)
  if not text then fault.raise("config", "there is no flow " .. flow, { path = flow, where = false }) end
  local folders = { flow:match("^(.*)/[^/]*$") or ".", "lua", dirs.user().data, dirs.user().data .. "/lua",
    dirs.shipped .. "/flows" }
  local env = strict.environment(_G)
  local loaded, values, loading = { flow }, {}, {}

  local function require_module(name)
    if type(name) ~= "string" then fault.raise("usage", "require takes a module's name") end
    if values[name] ~= nil then return values[name], name end
    local path = not name:match("^karun%f[.\0]") and find(name, folders)
    if not path then
      if options.sandbox and (name:match("^karun%.native") or not name:match("^karun%f[.\0]")) then
        fault.raise("usage", ("module `%s` is not to be had under --sandbox"):format(name))
      end
      return built_in(name, folders)
    end
    if loading[name] then fault.raise("usage", ("module `%s` requires itself (%s)"):format(name, path)) end
    loading[name] = true
    loaded[#loaded + 1] = path
    local value = compile(path, data_file.text(path), env)(name, path)
    loading[name] = nil
    values[name] = value == nil and true or value
    return values[name], path
  end

  rawset(env, "require", require_module)
  if options.sandbox then sandboxed(env) end
  return { run = compile(flow, text, env), loaded = loaded, env = env }
end

return M
