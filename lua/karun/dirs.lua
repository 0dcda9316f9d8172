-- The folders karun uses: XDG base directories, and where the shipped Lua lies.

local M = {}

-- The folder that holds `karun/`, `sites/`, `flows/` and `timing.lua` as shipped; ends without slash.
M.shipped = (debug.getinfo(1, "S").source:match("^@(.*)/karun/dirs%.lua$") or "lua")

local function home(getenv)
  local dir = getenv("HOME")
  return dir and dir ~= "" and dir or "/"
end

-- As the specification asks: unset, empty or relative values are ignored.
local function base(getenv, variable, default)
  local dir = getenv(variable)
  if dir and dir:sub(1, 1) == "/" then return (dir:gsub("(.)/+$", "%1")) end
  return default
end

-- { config, data, state, cache, runtime }: each already ends in `karun`.
function M.user(getenv)
  getenv = getenv or os.getenv
  local at = home(getenv)
  local dirs = {
    config = base(getenv, "XDG_CONFIG_HOME", at .. "/.config") .. "/karun",
    data = base(getenv, "XDG_DATA_HOME", at .. "/.local/share") .. "/karun",
    state = base(getenv, "XDG_STATE_HOME", at .. "/.local/state") .. "/karun",
    cache = base(getenv, "XDG_CACHE_HOME", at .. "/.cache") .. "/karun",
  }
  local runtime = base(getenv, "XDG_RUNTIME_DIR", nil)
  dirs.runtime = runtime and runtime .. "/karun" or dirs.cache .. "/run"
  return dirs
end

-- Folders of the machine's own configuration, most important first.
function M.system(getenv)
  getenv = getenv or os.getenv
  local listed = getenv("XDG_CONFIG_DIRS")
  local out = {}
  for dir in (listed and listed ~= "" and listed or "/etc/xdg"):gmatch("[^:]+") do
    if dir:sub(1, 1) == "/" then out[#out + 1] = (dir:gsub("(.)/+$", "%1")) .. "/karun" end
  end
  return out
end

return M
