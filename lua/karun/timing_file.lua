-- Reads timing files: the shipped one with all entries, then what lies over it. Answers a book:
-- { entries = { ["solo.timeout"] = {value, unit, range, reason, from} }, names, values }.

local data_file = require "karun.data_file"
local fault = require "karun.error"
local known = require "karun.known"
local trace = require "karun.trace"
local units = require "karun.units"

local M = {}

local function whole(value)
  local number = math.tointeger(tonumber(value))
  if number then return number end
  return nil, "a count is a whole number"
end

local function ratio(value)
  local number = tonumber(value)
  if number then return number end
  return nil, "a ratio is a number"
end

local readers = { s = units.duration, bytes = units.size, count = whole, ratio = ratio }

local function is_entry(value)
  return type(value) == "table" and value.value ~= nil
end

-- The value of one override for `entry`, or nil and what is wrong with it.
local function read_value(entry, name, value)
  if is_entry(value) then value = value.value end
  if type(value) ~= "number" and type(value) ~= "string" then
    return nil, ("`%s` is a %s; it must be a number (%s)"):format(name, type(value), entry.unit)
  end
  local number, why = readers[entry.unit](value)
  if not number then return nil, ("`%s` = %s: %s"):format(name, tostring(value), why) end
  local low, high = entry.range[1], entry.range[2]
  if number < low or number > high then
    return nil, ("`%s` = %s is out of range: %s to %s %s (%s)")
      :format(name, tostring(value), low, high, entry.unit, entry.reason)
  end
  return number
end

local function check_shipped(name, entry)
  if not readers[entry.unit] then return ("`%s` has the unknown unit `%s`"):format(name, tostring(entry.unit)) end
  if type(entry.reason) ~= "string" or entry.reason == "" then return ("`%s` gives no reason"):format(name) end
  if type(entry.range) ~= "table" or #entry.range ~= 2 then return ("`%s` has no range"):format(name) end
  local _, why = read_value(entry, name, entry.value)
  return why
end

local function sorted(map)
  local names = {}
  for name in pairs(map) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

local function read_shipped(path)
  local tree, lines = data_file.load(path)
  if not tree then fault.raise("config", "the shipped timing file is missing: " .. path, { path = path }) end
  local entries, problems = {}, {}
  for group, members in pairs(tree) do
    for key, entry in pairs(members) do
      local name = group .. "." .. key
      local why = is_entry(entry) and check_shipped(name, entry) or (not is_entry(entry) and name .. " is no entry")
      if why then problems[#problems + 1] = { line = lines[name], message = why } end
      entry.from = path
      entries[name] = entry
    end
  end
  data_file.complain(path, problems)
  return entries
end

-- The sentence about a name that does not exist: members of its group first, else the groups.
local function unknown(name, names)
  local near = known.nearest(name, names)
  if near then return ("there is no timing `%s`, did you mean `%s`?"):format(name, near) end
  local group = name:match("^[^.]+")
  local members, groups = {}, {}
  for _, one in ipairs(names) do
    local its = one:match("^[^.]+")
    if its == group then members[#members + 1] = one end
    if groups[#groups] ~= its then groups[#groups + 1] = its end
  end
  return ("there is no timing `%s`%s"):format(name, known.hint(name, #members > 0 and members or groups))
end

local function lay_over(entries, names, tree, lines, path)
  local problems, good = {}, {}
  local function problem(name, message)
    problems[#problems + 1] = { line = lines[name], message = message }
  end
  -- a whole entry (value, unit, range, reason) under a new name: a timing of one's own flow
  local function add(name, entry)
    local why = check_shipped(name, entry)
    if why then return problem(name, why) end
    entries[name] = entry
    good[name] = readers[entry.unit](entry.value)
  end
  local function take(name, value)
    if not entries[name] and is_entry(value) and value.unit then return add(name, value) end
    if not entries[name] then return problem(name, unknown(name, names)) end
    local number, why = read_value(entries[name], name, value)
    if not number then return problem(name, why) end
    good[name] = number
  end
  for group, members in pairs(tree) do
    if type(members) ~= "table" then
      take(tostring(group), members)
    elseif type(group) ~= "string" then
      problem(tostring(group), "groups have names: `return { solo = { timeout = 12 } }`")
    else
      for key, value in pairs(members) do
        take(group .. "." .. tostring(key), value)
      end
    end
  end
  data_file.complain(path, problems)
  for name, number in pairs(good) do
    entries[name].value, entries[name].from = number, path
  end
end

-- A read-only view: `values.solo.timeout`; a name that does not exist is `usage` with the nearest.
local function view(entries, names)
  local groups = {}
  for name, entry in pairs(entries) do
    local group, key = name:match("^([^.]+)%.(.+)$")
    groups[group] = groups[group] or {}
    groups[group][key] = entry.value
  end
  local function refuse()
    fault.raise("usage", "timings are read-only here: use --set, or timing.lua in your project")
  end
  local function guarded(content, prefix)
    return setmetatable({}, {
      __index = function(_, key)
        local value = content[key]
        if value == nil then
          local name = prefix .. tostring(key)
          fault.raise("usage", unknown(name, prefix == "" and sorted(groups) or names))
        end
        if prefix ~= "" then trace.read_timing(prefix .. key, value) end
        return value
      end,
      __newindex = refuse,
      __pairs = function() return next, content end,
    })
  end
  for group, content in pairs(groups) do
    groups[group] = guarded(content, group .. ".")
  end
  return guarded(groups, "")
end

-- load{ shipped = path, files = { lowest first }, sets = { { "solo.timeout", "12" }, … } } -> book
function M.load(options)
  local entries = read_shipped(options.shipped)
  local names = sorted(entries)
  for _, path in ipairs(options.files or {}) do
    local tree, lines = data_file.load(path)
    if tree then lay_over(entries, names, tree, lines, path) end
    names = sorted(entries)
  end
  local problems = {}
  for _, set in ipairs(options.sets or {}) do
    local entry = entries[set[1]]
    local number, why
    if entry then
      number, why = read_value(entry, set[1], set[2])
    else
      why = unknown(set[1], names)
    end
    if number then
      entry.value, entry.from = number, "--set"
    else
      problems[#problems + 1] = { message = why }
    end
  end
  data_file.complain("--set", problems)
  return { entries = entries, names = names, values = view(entries, names) }
end

return M
