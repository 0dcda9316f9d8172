-- Configuration: flag > KARUN_* environment > ./karun.lua > user > system > default. A config file
-- is data that returns a table; all its problems are named in one go.

local data_file = require "karun.data_file"
local fault = require "karun.error"
local known = require "karun.known"
local units = require "karun.units"

local M = {}

-- Every key: its kind, default and one line of help. `secret` values are shown as ***.
M.keys = {
  site = { kind = "text", default = "karaoke_version", help = "site table to use" },
  out = { kind = "path", default = "downloads", help = "folder for what is downloaded" },
  template = { kind = "text", default = "{artist} - {title}/{nn} {track}{key}.mp3", help = "name of each file" },
  browser = { kind = "path", help = "browser to start (default: Chromium or Chrome found on PATH)" },
  profile = { kind = "path", help = "browser profile to keep (default: a private one, removed at the end)" },
  visible = { kind = "boolean", default = false, help = "show the browser" },
  connect = { kind = "text", help = "use a running browser: ws://…, http://host:port, grid+http://host:4444" },
  locale = { kind = "text", help = "language the browser asks for" },
  proxy = { kind = "text", help = "proxy for the browser" },
  timeout = { kind = "duration", default = 30, help = "limit of a wait that names none" },
  time_limit = { kind = "duration", help = "limit of the whole run (exit 8)" },
  progress = { kind = "choice", default = "auto", choices = { "auto", "tty", "plain", "json", "none" },
    help = "how progress is shown" },
  color = { kind = "choice", default = "auto", choices = { "auto", "always", "never" }, help = "colours" },
  input = { kind = "boolean", default = true, help = "may karun ask at the terminal" },
  sandbox = { kind = "boolean", default = false, help = "take files and programs away from flows" },
  timing = { kind = "path", help = "one more timing file, laid over all others, or a shipped set's name (lua/timings/)" },
  trace = { kind = "boolean", default = true, help = "record where the time goes (run.json, trace.json, report.html)" },
  credential_command = { kind = "text", help = "program that prints the password, e.g. secret-tool lookup site karaoke",
    secret = true },
  netrc = { kind = "path", help = "netrc file with credentials (default ~/.netrc)" },
}

local names = {}
for name in pairs(M.keys) do
  names[#names + 1] = name
end
table.sort(names)
M.names = names

local yes = { ["true"] = true, yes = true, on = true, ["1"] = true }
local no = { ["false"] = true, no = true, off = true, ["0"] = true }

local readers = {}

function readers.text(value)
  if type(value) == "string" and value ~= "" then return value end
  return nil, "it must be a text"
end

function readers.boolean(value)
  if type(value) == "boolean" then return value end
  local word = tostring(value):lower()
  if yes[word] then return true end
  if no[word] then return false end
  return nil, "it must be true or false"
end

function readers.duration(value)
  return units.duration(value)
end

function readers.choice(value, key)
  for _, choice in ipairs(key.choices) do
    if value == choice then return value end
  end
  return nil, ("it must be one of %s%s"):format(table.concat(key.choices, ", "),
    (known.nearest(value, key.choices) and known.hint(value, key.choices) or ""))
end

function readers.path(value, _, getenv)
  if type(value) ~= "string" or value == "" then return nil, "it must be a path" end
  local home = getenv("HOME")
  if home and (value == "~" or value:sub(1, 2) == "~/") then return home .. value:sub(2) end
  return value
end

-- The value of config key `name` from what somebody wrote, or nil and what is wrong.
function M.read(name, value, getenv)
  local key = M.keys[name]
  if not key then return nil, ("there is no config key `%s`%s"):format(name, known.hint(name, names)) end
  local read, why = readers[key.kind](value, key, getenv or os.getenv)
  if read == nil then return nil, ("`%s` = %s: %s"):format(name, tostring(value), why) end
  return read
end

local function take_file(conf, path, getenv)
  local tree, lines = data_file.load(path)
  if not tree then return end
  local problems = {}
  for name, value in pairs(tree) do
    local read, why = M.read(tostring(name), value, getenv)
    if read == nil then
      problems[#problems + 1] = { line = lines[tostring(name)], message = why }
    else
      conf.values[name] = read
      conf.from[name] = lines[name] and ("%s:%d"):format(path, lines[name]) or path
    end
  end
  data_file.complain(path, problems)
end

local function take_environment(conf, getenv)
  local problems = {}
  for _, name in ipairs(names) do
    local variable = "KARUN_" .. name:upper()
    local text = getenv(variable)
    if text and text ~= "" then
      local read, why = M.read(name, text, getenv)
      if read == nil then
        problems[#problems + 1] = { message = ("%s: %s"):format(variable, why) }
      else
        conf.values[name], conf.from[name] = read, variable
      end
    end
  end
  local grid = getenv("SELENIUM_REMOTE_URL")
  if grid and grid ~= "" and not conf.values.connect then
    conf.values.connect, conf.from.connect = "grid+" .. grid, "SELENIUM_REMOTE_URL"
  end
  data_file.complain("the environment", problems)
end

local function take_flags(conf, flags, label, getenv)
  local problems = {}
  for name, value in pairs(flags) do
    local read, why = M.read(name, value, getenv)
    if read == nil then
      problems[#problems + 1] = { message = why }
    else
      conf.values[name], conf.from[name] = read, label or "--" .. name:gsub("_", "-")
    end
  end
  data_file.complain("the command line", problems)
end

-- load{ files = { lowest first }, getenv=, sets = { name = text }, flags = { name = value } }
-- -> { values = { name = value }, from = { name = where it was set } }
function M.load(options)
  local getenv = options.getenv or os.getenv
  local conf = { values = {}, from = {} }
  for _, name in ipairs(names) do
    conf.values[name], conf.from[name] = M.keys[name].default, "default"
  end
  for _, path in ipairs(options.files or {}) do
    take_file(conf, path, getenv)
  end
  take_environment(conf, getenv)
  take_flags(conf, options.sets or {}, "--set", getenv)
  take_flags(conf, options.flags or {}, nil, getenv)
  setmetatable(conf.values, {
    __index = function(_, name)
      if not M.keys[name] then
        fault.raise("usage", ("there is no config key `%s`%s"):format(tostring(name), known.hint(name, names)))
      end
    end,
  })
  return conf
end

return M
