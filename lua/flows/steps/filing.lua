-- Names and places: where a track belongs, moving it there, writing it down.

local karun = require "karun"
local landing = require "karun.landing"
local names = require "karun.names"
local phase = require "steps.phase"

local M = {}

-- What the archive calls a track of a song, at a key and a count-in.
function M.item(run, song, track, settings)
  return {
    site = run.site.name, song = song.id, item = track.item or "track:" .. track.index, key = settings.key,
    count_in = settings.count_in or false, url = song.url, artist = song.artist, title = song.title, name = track.name,
  }
end

local function path_by(template, run, song, track, settings)
  return run.out .. "/" .. names.path(template, {
    artist = song.artist, title = song.title, song = song.name or song.title, nn = track.place, track = track.name,
    key = settings.key, count_in = settings.count_in, site = run.site.name,
  }, karun.file.safe_name)
end

-- Would another song's files lie in this folder: one of this run, or one of the archive?
local function is_shared(run, song, path)
  if run.namesakes[song.url] then return true end
  local folder = karun.file.split(path)
  return folder ~= run.out and run.archive:shares(run.site.name, song.id, folder)
end

-- The path of a track under the output folder. Songs that would share a folder get their artists.
function M.path(run, song, track, settings)
  local path = path_by(run.options.template, run, song, track, settings)
  local longer = names.with_artist(run.options.template)
  if longer == run.options.template or not is_shared(run, song, path) then return path end
  return path_by(longer, run, song, track, settings)
end

-- The songs of a list whose addresses give them one title: { [url] = true }.
function M.namesakes(site, list)
  local first, out = {}, {}
  for _, one in ipairs(list) do
    local artist, title = (one.url:match("^https?://[^/]+([^?#]*)") or ""):match(site.song_pattern)
    local other = title and first[title]
    if other and other.artist ~= artist then out[one.url], out[other.url] = true, true end
    if title and not other then first[title] = { artist = artist, url = one.url } end
  end
  return out
end

-- From the private folder to its place, never over anything; then the archive.
function M.file(run, track, item, file, wanted)
  return phase(track, "file", function()
    karun.file.mkdir((karun.file.split(wanted)))
    file.sha256 = karun.file.sha256(file.path)
    local path = landing.place(file.path, wanted)
    run.archive:record(item, {
      path = path, size = karun.file.stat(path).size, sha256 = file.sha256, label = file.label, duration_s = file.duration_s,
      took_s = file.took_s, run = run.id,
    })
    file.path = path
    return path
  end)
end

-- A file that was filed and then found wrong leaves the songs again.
function M.take_back(run, song, track, item, file)
  run.archive:forget(item)
  return M.reject(run, song, track, file)
end

-- A rejected file is kept for a look, never among the songs.
function M.reject(run, song, track, file)
  if not file or not karun.file.exists(file.path) then return nil end
  local name = karun.file.safe_name(("%s - %s.mp3"):format(song.title, track.shown))
  local ok, path = karun.try(landing.place, file.path, run.failures_folder() .. "/" .. name)
  return ok and path or nil
end

return M
