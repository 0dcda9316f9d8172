-- karun timing: every timing with value, unit, range, reason and where it was set.

local dirs = require "karun.dirs"
local fault = require "karun.error"
local known = require "karun.known"
local settings = require "karun.settings"

local M = {}

local function number(value)
  return math.tointeger(value) and ("%d"):format(value) or ("%g"):format(value)
end

local function chosen(book, args)
  if #args == 0 then return book.names end
  local out = {}
  for _, wanted in ipairs(args) do
    local before = #out
    for _, name in ipairs(book.names) do
      if name == wanted or name:sub(1, #wanted + 1) == wanted .. "." then out[#out + 1] = name end
    end
    if #out == before then
      fault.raise("usage", ("there is no timing `%s`%s"):format(wanted, known.hint(wanted, book.names)),
        { where = false })
    end
  end
  return out
end

local function as_json(book, names)
  local json = require "karun.json"
  local timings = {}
  for _, name in ipairs(names) do
    local entry = book.entries[name]
    timings[name] = {
      value = entry.value, unit = entry.unit, range = json.array { entry.range[1], entry.range[2] },
      reason = entry.reason, from = entry.from,
    }
  end
  return json.encode({ schema = 1, entries = timings }, { pretty = true }) .. "\n"
end

local function from_of(entry)
  if entry.from == dirs.shipped .. "/timing.lua" then return "" end
  return "  (set in " .. entry.from .. ")"
end

function M.run(values, args, context)
  local book = settings.timing_book()
  local names = chosen(book, args)
  if values.json then
    context.stdout:write(as_json(book, names))
    return 0
  end
  for _, name in ipairs(names) do
    local entry = book.entries[name]
    context.stdout:write(("%-24s %8s %-6s %s to %s%s\n    %s\n"):format(name, number(entry.value), entry.unit,
      number(entry.range[1]), number(entry.range[2]), from_of(entry), entry.reason))
  end
  return 0
end

return M
