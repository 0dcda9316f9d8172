-- Durations and sizes as people write them; one parser for flags, config, timing and options.

local M = {}

local seconds = { [""] = 1, ms = 0.001, s = 1, m = 60, min = 60, h = 3600, d = 86400 }
local bytes = { [""] = 1, b = 1, k = 2 ^ 10, m = 2 ^ 20, g = 2 ^ 30 }

local function positive(number)
  return number == number and number >= 0
end

-- "250ms", "8s", "2m", "24h", "1.5", 1.5 -> seconds, or nil and what would be right.
function M.duration(value)
  if math.type(value) then
    if positive(value) then return value end
    return nil, "a duration is 0 or more"
  end
  local number, unit = tostring(value):match("^%s*(%d*%.?%d+)%s*(%a*)%s*$")
  local factor = unit and seconds[unit:lower()]
  if not factor then return nil, 'a duration is a number of seconds, or text such as "250ms", "8s", "2m", "24h"' end
  return tonumber(number) * factor
end

-- "500k", "2M", 4096 -> bytes (k is 1024), or nil and what would be right.
function M.size(value)
  if math.type(value) then
    if positive(value) and value < 2 ^ 53 and value % 1 == 0 then return math.tointeger(value) end
    return nil, "a size is a whole number of bytes"
  end
  local number, unit = tostring(value):match("^%s*(%d*%.?%d+)%s*(%a*)%s*$")
  local letter = unit and (unit:lower():match("^([kmg])i?b?$") or unit:lower():match("^b?$"))
  if not letter then return nil, 'a size is a number of bytes, or text such as "500k", "2M", "1G"' end
  return math.tointeger(tonumber(number) * bytes[letter] // 1)
end

-- Seconds for a reader: 0.25 -> "250ms", 90 -> "1m 30s".
function M.show_duration(value)
  if value == math.huge then return "for ever" end
  if value > 0 and value < 1 then return ("%.0fms"):format(value * 1000) end
  if value < 60 then return ("%.3g"):format(value) .. "s" end
  local minutes, rest = value // 60, value % 60
  if minutes < 60 then
    return ("%dm"):format(minutes) .. (rest >= 1 and (" %ds"):format(rest // 1) or "")
  end
  return ("%dh"):format(minutes // 60) .. (minutes % 60 > 0 and (" %dm"):format(minutes % 60) or "")
end

-- Bytes for a reader: 8650752 -> "8.3 MB" (of 1024, like `k` above).
function M.show_size(value)
  local steps = { "B", "kB", "MB", "GB", "TB" }
  local step = 1
  while value >= 1024 and step < #steps do
    value, step = value / 1024, step + 1
  end
  return step == 1 and ("%d B"):format(value) or ("%.1f %s"):format(value, steps[step])
end

return M
