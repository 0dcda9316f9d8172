-- How the known Python program calls its folders and files, for --adopt: a song's folder is its address in
-- Title Case (with the artist in front where two songs share a title), a track its caption or the site's
-- own long name. karun's own names are known too.

local label = require "karun.label"
local native = require "karun.native.file"

local M = {}

local function plain(text)
  return label.plain(native.bare(text))
end

-- Is this the folder of the song { url, artist, title, name }? needs_artist: its title alone is another's too.
function M.is_folder(folder, song, needs_artist)
  if not utf8.len(folder) then return false end
  local artist_slug, slug = song.url:match("([^/]+)/([^/?#]+)%.html")
  local names = { song.artist .. song.title, (artist_slug or "") .. (slug or "") }
  if not needs_artist then table.move({ song.title, slug or "", song.name }, 1, 3, #names + 1, names) end
  local wanted, cut = plain(folder), folder:match("%.%.%.$") ~= nil -- it cuts names at 97 characters
  for _, name in ipairs(names) do
    name = plain(name)
    if name == wanted or (cut and #wanted > 20 and name:sub(1, #wanted) == wanted) then return wanted ~= "" end
  end
  return false
end

-- The key that a file's name shows, as in "Bass (+2).mp3"; nil: it shows none.
function M.key(name)
  local shown = name:match("%(([+-]%d+)%)%.%w+$")
  return shown and math.tointeger(tonumber((shown:gsub("%+", ""))))
end

-- Is this the file of a track { name, place }? -> true, and whether the site's own label says so
function M.is_track(name, track, grammar)
  if not utf8.len(name) then return false end
  local named = label.track(name, grammar)
  if named then return named ~= "" and label.means(named, track.name), true end
  local stem = name:gsub("%.%w+$", ""):gsub("%s*%([+-]%d+%)$", "")
  local number, rest = stem:match("^(%d%d) (.+)$")
  if number and tonumber(number) == track.place and plain(rest) == plain(track.name) then return true, false end
  return plain(stem) == plain(track.name) and plain(stem) ~= "", false
end

return M
