-- Which tracks of a song: by number, name, part of a name with `*`, or all but (`-Click`).

local karun = require "karun"
local known = require "karun.known"

local M = {}

local function fits(track, wanted)
  if math.type(wanted) == "integer" then return track.place == wanted end
  local name, text = track.name:lower(), wanted:lower()
  if text:find("*", 1, true) then
    local pattern = "^" .. text:gsub("[%^%$%(%)%%%.%[%]%+%-%?]", "%%%0"):gsub("%*", ".*") .. "$"
    return name:find(pattern) ~= nil
  end
  return name == text
end

local function complain(rows, wanted, song)
  local names = {}
  for i, row in ipairs(rows) do
    names[i] = row.name
  end
  local near = type(wanted) == "string" and known.nearest(wanted, names)
  error(karun.error("not_found", ("%s has no track %s%s; it has %s"):format(song.title, tostring(wanted),
    near and (", did you mean " .. near .. "?") or "", table.concat(names, ", ")), { where = false }))
end

-- rows, list of numbers and names or nil for all -> rows
function M.tracks(rows, wanted, song)
  if not wanted then return rows end
  local chosen, only_minus = {}, true
  for _, one in ipairs(wanted) do
    if not (type(one) == "string" and one:sub(1, 1) == "-") then only_minus = false end
  end
  for _, row in ipairs(rows) do
    chosen[row] = only_minus
  end
  for _, one in ipairs(wanted) do
    local minus = type(one) == "string" and one:sub(1, 1) == "-"
    local name, any = minus and one:sub(2) or one, false
    for _, row in ipairs(rows) do
      if fits(row, name) then
        chosen[row], any = not minus, true
      end
    end
    if not any then complain(rows, name, song) end
  end
  local out = {}
  for _, row in ipairs(rows) do
    if chosen[row] then out[#out + 1] = row end
  end
  return out
end

return M
