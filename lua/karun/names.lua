-- File names from a template such as "{artist} - {title}/{nn} {track}{key}.mp3". Each part of the
-- path is made safe by `safe_name` (karun.file.safe_name), which never changes a letter or digit.

local fault = require "karun.error"
local known = require "karun.known"

local M = {}

M.fields = { "artist", "title", "nn", "n", "track", "key", "count_in", "song", "site" }
local has_field = {}
for _, field in ipairs(M.fields) do
  has_field[field] = true
end
M.default = "{artist} - {title}/{nn} {track}{key}.mp3"

-- The key as a name shows it: 2 -> " (+2)", 0 -> "".
function M.show_key(key)
  if not key or key == 0 then return "" end
  return (" (%+d)"):format(key)
end

-- Raises `config` when the template cannot work: an unknown field, or a way out of the folder.
function M.check(template)
  for field in template:gmatch("{(.-)}") do
    if not has_field[field] then
      fault.raise("config", ("the name template has no field `{%s}`%s"):format(field, known.hint(field, M.fields)),
        { where = false })
    end
  end
  if template:sub(1, 1) == "/" or ("/" .. template .. "/"):find("/..?/") then
    fault.raise("config", ("the name template `%s` leaves the download folder"):format(template), { where = false })
  end
  if not template:find("{track}", 1, true) and not template:find("{nn?}") then
    fault.raise("config", ("the name template `%s` would give every track one name; put {track} or {nn} in")
      :format(template), { where = false })
  end
end

local function values_of(item)
  return {
    artist = item.artist or "", title = item.title or "", track = item.track or "", song = item.song or "",
    site = item.site or "", key = M.show_key(item.key), n = tostring(item.nn or ""),
    nn = item.nn and ("%02d"):format(item.nn) or "", count_in = item.count_in and " (count-in)" or "",
  }
end

-- What is left of a template's own marks when a field is empty: " - Title" -> "Title".
local function tidy(part)
  return (part:gsub("%s+", " "):gsub("^%s*%-%s+", ""):gsub("%s+%-%s*$", ""):match("^%s*(.-)%s*$"))
end

-- name(template, { artist=, title=, nn=, track=, key=, … }, safe_name) -> "Toto - Africa/03 Bass.mp3"
function M.path(template, item, safe_name)
  local values = values_of(item)
  local parts = {}
  for part in template:gmatch("[^/]+") do
    local stem, extension = part:match("^(.*)(%.%w+)$")
    if not stem then stem, extension = part, "" end
    local text = stem:gsub("{(.-)}", values)
    -- a slash inside a value is a character of the name, never a folder
    parts[#parts + 1] = safe_name(tidy(text) .. extension)
  end
  return table.concat(parts, "/")
end

-- The template with the artist in front of the part that names the song, for songs that would share a
-- folder. One that names the artist anyway stays as it is.
function M.with_artist(template)
  if template:find("{artist}", 1, true) then return template end
  local parts, at = {}, nil
  for part in template:gmatch("[^/]+") do
    parts[#parts + 1] = part
    if not at and (part:find("{title}", 1, true) or part:find("{song}", 1, true)) then at = #parts end
  end
  at = at or 1
  parts[at] = "{artist} - " .. parts[at]
  return table.concat(parts, "/")
end

return M
