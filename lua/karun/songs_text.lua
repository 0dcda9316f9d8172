-- A song list as text: Lua that a person can edit, or CSV for a spreadsheet. What karun wrote itself says
-- so in its first line, and only such a file is written over.

local fault = require "karun.error"
local file = require "karun.file"

local M = {}

local MARK <const> = "made by karun"

local function one_line(text)
  return (text:gsub("[%c]+", " "))
end

local function value_text(value)
  if type(value) == "string" then return ('"%s"'):format(one_line(value):gsub('[\\"]', "\\%0")) end
  if type(value) ~= "table" then return tostring(value) end
  local out = {}
  for i, item in ipairs(value) do
    out[i] = value_text(item)
  end
  for _, name in ipairs { "without", "only", "name" } do -- a mix
    if value[name] ~= nil then out[#out + 1] = name .. " = " .. value_text(value[name]) end
  end
  return "{ " .. table.concat(out, ", ") .. " }"
end

-- `{ url = "…", name = "…", key = 2 }`; a key of 0 and what is not there are left out.
function M.entry(song)
  local out = {}
  for _, field in ipairs { "url", "name", "artist", "title", "key", "count_in", "tracks", "mixes" } do
    local value = song[field]
    if value ~= nil and not (field == "key" and value == 0) then out[#out + 1] = field .. " = " .. value_text(value) end
  end
  return "{ " .. table.concat(out, ", ") .. " }"
end

-- from: what the list was made of, for its first line.
function M.lua(songs, from)
  local lines = { ("-- %s from %s"):format(MARK, one_line(from)), "return {" }
  for _, song in ipairs(songs) do
    if song.description and song.description ~= "" then lines[#lines + 1] = "  -- " .. one_line(song.description) end
    lines[#lines + 1] = "  " .. M.entry(song) .. ","
  end
  lines[#lines + 1] = "}"
  return table.concat(lines, "\n") .. "\n"
end

local function cell(value)
  if type(value) == "table" then value = table.concat(value, ",") end
  value = value == nil and "" or one_line(tostring(value))
  if value:find('[",;]') then value = '"' .. value:gsub('"', '""') .. '"' end
  return value
end

-- Columns that no song uses are left out.
function M.csv(songs, from)
  local fields = { "url" }
  for _, field in ipairs { "name", "artist", "title", "key", "count_in", "tracks" } do
    for _, song in ipairs(songs) do
      if song[field] ~= nil and song[field] ~= 0 then
        fields[#fields + 1] = field
        break
      end
    end
  end
  local lines = { table.concat(fields, ","), ("# %s from %s"):format(MARK, one_line(from)) }
  for _, song in ipairs(songs) do
    local row = {}
    for i, field in ipairs(fields) do
      row[i] = cell(song[field])
    end
    lines[#lines + 1] = table.concat(row, ",")
  end
  return table.concat(lines, "\n") .. "\n"
end

-- Raises `usage` when something else of that name stands there: nothing of a person's is lost.
function M.check_free(path, force)
  if force or not file.exists(path) then return end
  local is_ours = file.stat(path).type == "file" and file.read(path, { limit = 1 << 22 }):find(MARK, 1, true)
  if not is_ours then
    fault.raise("usage", ("%s is there already and is not karun's; nothing was written (--force replaces it)"):format(path),
      { path = path, where = false })
  end
end

return M
