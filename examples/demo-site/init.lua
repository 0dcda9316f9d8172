-- The stand-in for karaoke-version.com: start{…} serves it on this machine until :close().
-- Load it with require, or with loadfile(path)(name, path): it finds its parts beside itself.

local karun = require "karun"

local _, own_path = ...
assert(own_path, "the demo site wants to know where it lies: loadfile(path)(name, path)")
local folder <const> = own_path:match "^(.*/)" or "./"

local loaded = {}
local function part(name)
  if loaded[name] == nil then loaded[name] = assert(loadfile(folder .. name .. ".lua", "t", _ENV))(part) end
  return loaded[name]
end

local routes = part "routes"
local M = {
  songs = part "songs",
  profiles = part "profiles",
  faults = part("faults").known,
  user = "demo@example.com",
  password = "demo",
}

local Site = part "site"

local choices = {
  profile = M.profiles,
  model = { click = true, two_phase = true },
  sync = { request = true, silent = true },
  markup = { legacy = true, newer = true, mixed = true },
  lang = part "texts",
}
local defaults <const> = {
  host = "127.0.0.1",
  port = 0,
  files_port = 0,
  profile = "fast",
  model = "click",
  sync = "request",
  markup = "legacy",
  lang = "en",
  seed = 1,
}
local free <const> = { faults = true, songs = true }

local function checked(options)
  local all = {}
  for name, value in pairs(defaults) do
    all[name] = value
  end
  for name, value in pairs(options or {}) do
    if defaults[name] == nil and not free[name] then
      error(karun.error("usage", ("the demo site has no option %q"):format(name)), 3)
    end
    all[name] = value
  end
  for name, allowed in pairs(choices) do
    if type(all[name]) ~= "table" and not allowed[all[name]] then
      local names = {}
      for known in pairs(allowed) do
        names[#names + 1] = known
      end
      table.sort(names)
      error(karun.error("usage", ("%s %q: one of %s"):format(name, tostring(all[name]), table.concat(names, ", "))), 3)
    end
  end
  return all
end

-- Options, all with a default: host, port and files_port (0: any), profile ("fast", "seed" or a table
-- of changes to fast), model ("click", "two_phase"), sync ("request", "silent"), markup ("legacy",
-- "newer", "mixed"), lang, seed, faults, songs (another catalogue).
-- -> site: url, port, files_url, files_port, log (:list(event)), faults (:set{}), :reset(), :close().
function M.start(options)
  options = checked(options)
  local site = Site.new(options, folder)
  local wrong = site.faults:set(options.faults or {})
  if wrong then error(karun.error("usage", wrong), 2) end
  site.files_server = karun.serve { host = options.host, port = options.files_port, routes = routes.files(site) }
  site.server = karun.serve { host = options.host, port = options.port, routes = routes.pages(site) }
  site.port, site.files_port = site.server.port, site.files_server.port
  site.url = ("http://%s:%d"):format(options.host, site.port)
  site.files_url = ("http://%s:%d"):format(options.host, site.files_port)
  return site
end

return M
