-- No accidental globals: in an environment made here, reading or setting a name that was never
-- declared is a `usage` error at the line that did it, with the nearest known name.

local fault = require "karun.error"
local known = require "karun.known"

local M = {}

local function names_of(env)
  local names = {}
  for name in pairs(env) do
    names[#names + 1] = tostring(name)
  end
  return names
end

-- What may be meant. All names there are would only be noise.
local function hint(name, env)
  if name == "karun" then return '; begin the file with: local karun = require "karun"' end
  local near = known.nearest(name, names_of(env))
  return near and (", did you mean `%s`?"):format(near) or ""
end

-- Makes `env` strict in place. `rawset` remains for those who really mean a global.
function M.seal(env)
  return setmetatable(env, {
    __index = function(_, name)
      fault.raise("usage", ("there is no variable `%s`%s"):format(tostring(name), hint(name, env)))
    end,
    __newindex = function(_, name)
      fault.raise("usage", ("`%s` is set but was never declared: write `local %s = …`")
        :format(tostring(name), tostring(name)))
    end,
  })
end

-- A strict environment for one flow: all that `base` has, and nothing the flow sets leaks out.
function M.environment(base, extra)
  local env = {}
  for name, value in pairs(base or _G) do
    env[name] = value
  end
  for name, value in pairs(extra or {}) do
    env[name] = value
  end
  env._G = env
  return M.seal(env)
end

return M
