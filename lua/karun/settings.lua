-- What this run goes by: configuration, timings, site tables and arguments, read once and kept.
-- The command line starts it (`start`); the rest of the library only asks.

local config = require "karun.config"
local dirs = require "karun.dirs"
local fault = require "karun.error"
local known = require "karun.known"
local site_file = require "karun.site_file"
local timing_file = require "karun.timing_file"

local M = {}

local now = { flags = {}, sets = {}, getenv = os.getenv, args = {}, sites = {} }

-- What the flow was called with; [0] is its path.
function M.args()
  return now.args
end

function M.flags()
  return now.flags
end

function M.getenv(name)
  return now.getenv(name)
end

-- start{ flags = global flags as given, sets = { "key=value", … }, getenv=, args= }
function M.start(options)
  now = {
    flags = options.flags or {},
    sets = options.sets or {},
    getenv = options.getenv or os.getenv,
    args = options.args or {},
    sites = {},
  }
  now.user = dirs.user(now.getenv)
end

-- Forgets what was read from files: the next question reads them again (karun watch).
function M.reread()
  now.config, now.timing, now.sites = nil, nil, {}
end

-- Keeps what holds now; calling the answer brings it back (for runs inside a run: tests, watch).
function M.keep()
  local before = now
  return function() now = before end
end

-- `called` is the flow as it was written on the command line.
function M.set_args(args, called)
  now.args, now.called = args, called
end

function M.called()
  return now.called or now.args[0] or "the flow"
end

-- `--set key=value`, sorted by what it speaks of.
local function sorted_sets()
  if now.sorted then return now.sorted end
  local out = { config = {}, timing = {}, site = {} }
  for _, set in ipairs(now.sets) do
    local key, value = set:match("^%s*([%w_.%-]+)%s*=%s*(.-)%s*$")
    if not key then
      fault.raise("usage", ("--set wants key=value, for example --set solo.timeout=12; got `%s`"):format(set))
    end
    key = key:gsub("%-", "_")
    local of_site = key:match("^site%.(.+)$")
    if of_site then
      table.insert(out.site, { of_site, value })
    elseif config.keys[key] then
      out.config[key] = value
    elseif key:find(".", 1, true) then
      table.insert(out.timing, { key, value })
    else
      fault.raise("config", ("--set %s: there is no such timing or config value%s"):format(set,
        known.hint(key, config.names)))
    end
  end
  now.sorted = out
  return out
end

local function user_dirs()
  now.user = now.user or dirs.user(now.getenv)
  return now.user
end

-- Folders that may hold timing.lua and sites/, lowest first.
local function layers()
  return { dirs.shipped, user_dirs().config, "." }
end

-- { values, from } of the configuration.
function M.config()
  if not now.config then
    local files = {}
    for _, dir in ipairs(dirs.system(now.getenv)) do
      table.insert(files, 1, dir .. "/config.lua")
    end
    files[#files + 1] = user_dirs().config .. "/config.lua"
    files[#files + 1] = "karun.lua"
    now.config = config.load {
      files = files, getenv = now.getenv, sets = sorted_sets().config, flags = now.flags.config,
    }
  end
  return now.config
end

-- One value of the configuration.
function M.get(name)
  return M.config().values[name]
end

-- The file that the configuration names: a path, or a shipped set.
local function extra_timing()
  local name = M.config().values.timing
  if not name then return nil end
  local shipped = dirs.shipped .. "/timings/" .. name .. ".lua"
  for _, path in ipairs { name, name:match("^[%w_]+$") and shipped or name } do
    if require("karun.file").exists(path) then return path end
  end
  fault.raise("config", ("there is no timing file %s, and no shipped set of that name (%s/timings)"):format(name, dirs.shipped),
    { path = name, where = false })
end

-- All timings with unit, range, reason and where they were set (see karun.timing_file).
function M.timing_book()
  if not now.timing then
    local list = layers()
    now.timing = timing_file.load {
      shipped = list[1] .. "/timing.lua",
      files = { list[2] .. "/timing.lua", "timing.lua", extra_timing() },
      sets = sorted_sets().timing,
    }
  end
  return now.timing
end

-- The timings as karun.timing shows them: `timing().solo.timeout` is a number.
function M.timing()
  return M.timing_book().values
end

-- The sites there are, for the message about one that is not.
local function site_names(folders)
  local names = {}
  for _, folder in ipairs(folders) do
    local ok, list = pcall(function() return require("karun.file").list(folder) end)
    for _, name in ipairs(ok and list or {}) do
      names[#names + 1] = name:match("^(.+)%.lua$")
    end
  end
  return names
end

-- The site table `name` (default: --site, configuration), checked and plain.
function M.site(name)
  name = name or M.config().values.site
  if not now.sites[name] then
    local list = layers()
    for i, folder in ipairs(list) do
      list[i] = (folder == "." and "" or folder .. "/") .. "sites"
    end
    local site, files = site_file.load {
      name = name, folders = list, sets = sorted_sets().site, names = function() return site_names(list) end,
    }
    now.sites[name] = site
    now.site_files = files
  end
  return now.sites[name]
end

-- Your files that lie over a shipped file that is newer than they are: { { yours, shipped }, … }.
-- `stat` is karun.file.stat.
function M.shadowed(stat)
  local pairs_of = {}
  local function look(name)
    local shipped = dirs.shipped .. "/" .. name
    local ours = stat(shipped)
    for _, yours in ipairs { user_dirs().config .. "/" .. name, name } do
      local theirs = stat(yours)
      if ours and theirs and theirs.mtime < ours.mtime then pairs_of[#pairs_of + 1] = { yours, shipped } end
    end
  end
  look("timing.lua")
  look("sites/" .. M.config().values.site:gsub("%-", "_") .. ".lua")
  return pairs_of
end

-- Reads all that can be wrong before anything starts: config, timings, the site.
function M.check()
  M.config()
  M.timing()
  M.site()
end

function M.dirs()
  return user_dirs()
end

return M
