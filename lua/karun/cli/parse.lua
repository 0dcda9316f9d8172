-- One parser for all command lines: karun's own flags, those of a subcommand, those of a flow.
-- A flag is { name=, letter=, type=, arg=, choices=, default=, help= }; type "boolean" takes no
-- value, "count" counts (-vv), "list" gathers (commas, and repeated), "texts" gathers as given.

local config = require "karun.config"
local fault = require "karun.error"
local known = require "karun.known"
local units = require "karun.units"

local M = {}

local function split_list(text)
  local out = {}
  for item in text:gmatch("[^,]+") do
    item = item:match("^%s*(.-)%s*$")
    if item ~= "" then out[#out + 1] = item end
  end
  return out
end

local readers = {
  string = function(text) return text end,
  texts = function(text) return { text } end,
  list = function(text) return split_list(text) end,
  duration = units.duration,
  size = units.size,
  path = function(text)
    if text == "" then return nil, "it must not be empty" end
    local home = os.getenv("HOME")
    if home and (text == "~" or text:sub(1, 2) == "~/") then return home .. text:sub(2) end
    return text
  end,
  number = function(text)
    local number = tonumber(text)
    if number then return number end
    return nil, "it must be a number"
  end,
  integer = function(text)
    local number = math.tointeger(tonumber(text))
    if number then return number end
    return nil, "it must be a whole number"
  end,
}
M.types = readers

-- The name under which a flag's value is kept: dry-run -> dry_run.
function M.key(name)
  return (name:gsub("%-", "_"))
end

local function read(flag, text)
  if flag.choices then
    for _, choice in ipairs(flag.choices) do
      if choice == text then return text end
    end
    fault.raise("usage", ("--%s must be one of %s, not `%s`"):format(flag.name, table.concat(flag.choices, ", "), text))
  end
  local value, why = readers[flag.type](text)
  if value == nil then fault.raise("usage", ("--%s %s: %s"):format(flag.name, text, why)) end
  return value
end

local function keep(values, flag, value)
  local key = M.key(flag.name)
  if flag.type == "count" then
    values[key] = (values[key] or 0) + 1
  elseif flag.type == "list" or flag.type == "texts" then
    values[key] = values[key] or {}
    table.move(value, 1, #value, #values[key] + 1, values[key])
  else
    values[key] = value
  end
end

local function index(flags)
  local by_name, by_letter = {}, {}
  for _, flag in ipairs(flags) do
    by_name[flag.name] = flag
    if flag.letter then by_letter[flag.letter] = flag end
  end
  return by_name, by_letter
end

local function takes_value(flag)
  return flag.type ~= "boolean" and flag.type ~= "count"
end

local function names_of(flags)
  local names = {}
  for _, flag in ipairs(flags) do
    names[#names + 1] = "--" .. flag.name
  end
  return names
end

local function unknown(arg, flags, options)
  local all = names_of(flags)
  table.move(options.also or {}, 1, #(options.also or {}), #all + 1, all)
  local near = known.nearest(arg, all)
  fault.raise("usage", ("%s has no flag `%s`%s"):format(options.what or "karun", arg,
    near and (", did you mean `%s`?"):format(near) or (" (see %s --help)"):format(options.what or "karun")))
end

-- Takes one long flag at args[i]; answers the place of the next argument, or nil when not ours.
local function take_long(args, i, by_name, values)
  local name, value = args[i]:match("^%-%-([^=]+)=(.*)$")
  name = (name or args[i]:sub(3)):gsub("_", "-")
  local flag = by_name[name]
  if not flag and name:sub(1, 3) == "no-" then
    flag = by_name[name:sub(4)]
    if not flag or flag.type ~= "boolean" or value then return nil end
    keep(values, flag, false)
    return i + 1
  end
  if not flag then return nil end
  if not takes_value(flag) then
    if value then
      local truth = config.read("visible", value)
      if flag.type ~= "boolean" or truth == nil then fault.raise("usage", ("--%s takes no value"):format(name)) end
      keep(values, flag, truth)
    else
      keep(values, flag, true)
    end
    return i + 1
  end
  if not value then
    i = i + 1
    value = args[i]
    if value == nil then
      fault.raise("usage", ("--%s wants a value: --%s %s"):format(name, name, flag.arg or "VALUE"))
    end
  end
  keep(values, flag, read(flag, value))
  return i + 1
end

-- Takes letters at args[i] ("-vv", "-o x"); all or none of them must be ours.
local function take_letters(args, i, by_letter, values)
  local letters = args[i]:sub(2)
  for letter in letters:gmatch(".") do
    local flag = by_letter[letter]
    if not flag or (takes_value(flag) and #letters > 1) then return nil end
  end
  for letter in letters:gmatch(".") do
    local flag = by_letter[letter]
    if takes_value(flag) then
      if args[i + 1] == nil then fault.raise("usage", ("-%s wants a value"):format(letter)) end
      keep(values, flag, read(flag, args[i + 1]))
      return i + 2
    end
    keep(values, flag, true)
  end
  return i + 1
end

-- list(args, flags, { partial=, first_word=, what=, values= }) -> values, rest
--   partial: what is not ours stays in rest, also flags, and `--` with all after it
--   first_word: stops before the first word
function M.list(args, flags, options)
  options = options or {}
  local by_name, by_letter = index(flags)
  local values, rest = options.values or {}, {}
  local i = 1
  while i <= #args do
    local arg = args[i]
    local is_flag = arg:sub(1, 1) == "-" and #arg > 1 and not arg:match("^%-%.?%d")
    if arg == "--" then
      table.move(args, options.partial and i or i + 1, #args, #rest + 1, rest)
      break
    elseif not is_flag and options.first_word then
      table.move(args, i, #args, #rest + 1, rest)
      break
    end
    local after
    if is_flag then
      after = arg:sub(1, 2) == "--" and take_long(args, i, by_name, values)
        or (arg:sub(1, 2) ~= "--" and take_letters(args, i, by_letter, values)) or nil
      if not after and not options.partial then unknown(arg:match("^[^=]+"), flags, options) end
    end
    if not after then
      rest[#rest + 1] = arg
      after = i + 1
    end
    i = after
  end
  return values, rest
end

return M
