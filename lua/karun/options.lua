-- karun.options{…}: a flow says which options it takes and gets their values, checked, and --help.
--
--   local options = karun.options {
--     about = "Every track of a song as its own file.",
--     arguments = "URL…",
--     examples = { { "karun flows/download.lua URL", "one song" } },
--     { "out", "path", default = "downloads", arg = "DIR", help = "folder for the songs" },
--     { "dry-run", "boolean", help = "print the plan, change nothing" },
--   }
--   options.out, options.dry_run, options[1] (words that are no flags)
--
-- Short form: `karun.options { out = "downloads", tries = 3 }` takes the type from the default.

local commands = require "karun.cli.commands"
local exit = require "karun.cli.exit"
local fault = require "karun.error"
local help = require "karun.cli.help"
local known = require "karun.known"
local parse = require "karun.cli.parse"
local settings = require "karun.settings"

local M = {}

local words = { about = true, arguments = true, examples = true }
local spec_keys = { "name", "type", "default", "help", "arg", "choices", "required", 1, 2 }
local type_names = { "string", "number", "integer", "boolean", "list", "duration", "size", "path", "count" }

local function is_type(name)
  for _, known_name in ipairs(type_names) do
    if name == known_name then return true end
  end
end

local function guess_type(value)
  if type(value) == "boolean" then return "boolean" end
  if math.type(value) == "integer" then return "integer" end
  if math.type(value) == "float" then return "number" end
  if type(value) == "table" then return "list" end
  return "string"
end

local default_arg = { path = "PATH", duration = "TIME", size = "SIZE", list = "LIST", string = "TEXT", number = "N",
  integer = "N" }

local function declare(spec)
  known.check(spec, spec_keys, "an option in karun.options")
  local name = spec.name or spec[1]
  if type(name) ~= "string" or not name:match("^%a[%w_-]+$") then
    fault.raise("usage", ("an option needs a name of two letters or more, got `%s`"):format(tostring(name)))
  end
  name = name:gsub("_", "-")
  if commands.flag(name) then
    fault.raise("usage", ("the flow declares --%s, which is karun's own; choose another name"):format(name))
  end
  local kind = spec.type or spec[2] or guess_type(spec.default)
  if not is_type(kind) then
    fault.raise("usage", ("option --%s has the unknown type `%s`%s"):format(name, tostring(kind),
      known.hint(kind, type_names)))
  end
  local default = spec.default
  if type(default) == "string" and (kind == "duration" or kind == "size") then
    default = parse.types[kind](default)
  end
  return {
    name = name, type = kind, letter = commands.letters[name], default = default, help = spec.help,
    choices = spec.choices, required = spec.required, arg = spec.arg or default_arg[kind],
  }
end

local function flags_of(spec)
  local flags = {}
  for _, one in ipairs(spec) do
    flags[#flags + 1] = declare(type(one) == "string" and { one } or one)
  end
  local named = {}
  for key in pairs(spec) do
    if type(key) == "string" and not words[key] then named[#named + 1] = key end
  end
  table.sort(named)
  for _, key in ipairs(named) do
    local one = spec[key]
    if type(one) ~= "table" or #one > 0 then one = { default = one } end
    local copy = { name = key }
    for k, v in pairs(one) do
      copy[k] = v
    end
    flags[#flags + 1] = declare(copy)
  end
  return flags
end

local function guarded(values, flags)
  local names, has = {}, {}
  for i, flag in ipairs(flags) do
    names[i] = parse.key(flag.name)
    has[names[i]] = true
  end
  return setmetatable(values, {
    __index = function(_, key)
      if has[key] or math.type(key) then return nil end
      fault.raise("usage", ("this flow declares no option `%s`%s"):format(tostring(key), known.hint(key, names)))
    end,
  })
end

-- parse(spec, args) -> values; also for tests and other programs of ours.
function M.parse(spec, args, what)
  local flags = flags_of(spec)
  local also = {}
  for i, flag in ipairs(commands.flags) do
    also[i] = "--" .. flag.name
  end
  local values, rest = parse.list(args, flags, { what = what, also = also })
  if #rest > 0 and not spec.arguments and spec.arguments ~= nil then
    fault.raise("usage", ("%s takes no arguments, got `%s`"):format(what, rest[1]))
  end
  for _, flag in ipairs(flags) do
    local key = parse.key(flag.name)
    if values[key] == nil then values[key] = flag.default end
    if values[key] == nil and flag.type == "boolean" then values[key] = false end
    if values[key] == nil and flag.required then
      fault.raise("usage", ("%s needs --%s %s"):format(what, flag.name, flag.arg or ""))
    end
  end
  table.move(rest, 1, #rest, 1, values)
  return guarded(values, flags), flags
end

-- karun.options
function M.declare(spec)
  if type(spec) ~= "table" then fault.raise("usage", "karun.options takes one table of options") end
  local args = settings.args()
  local path = settings.called()
  if settings.flags().help then
    settings.flags().stdout:write(help.flow(path, spec, flags_of(spec)))
    exit.leave(0)
  end
  return (M.parse(spec, args, path))
end

return setmetatable(M, { __call = function(_, spec) return M.declare(spec) end })
