-- For the desk of a musician: tags, WAV stems of one length, and manifest.json beside the files.

local karun = require "karun"
local audio = require "karun.audio"
local id3 = require "karun.id3"
local landing = require "karun.landing"
local log = karun.log

local M = {}

-- ---- tags ----

-- Writes the tag into the staged file; its sound must be the very same afterwards.
local function dress(work, entry, file)
  local song, track = work.song, entry.track
  local path = file.path .. ".tagged"
  karun.file.write(path, id3.with_tag(karun.file.read(file.path), {
    title = track.name, artist = song.artist, album = song.title, track = track.place, tracks = #work.rows, bpm = song.bpm,
  }))
  local before, after = audio.probe(file.path).fingerprint, audio.probe(path).fingerprint
  if before ~= after then
    karun.file.remove(path)
    error(karun.error("internal", ("the tag would have touched the sound of %s; nothing was written"):format(track.name)))
  end
  karun.file.move(path, file.path, { replace = true })
end

-- ---- what stands of a song ----

-- All files of this song at these settings -> list of archive rows with their paths as they stand.
local function standing(work)
  local list = {}
  for _, row in ipairs(work.run.archive:done(work.song.id)) do
    local is_ours = row.site == work.run.site.name and row.key == (work.settings.key or 0)
      and (row.count_in == 1) == (work.settings.count_in or false)
    if is_ours and row.path:sub(1, #work.run.out + 1) == work.run.out .. "/" and karun.file.exists(row.path) then
      list[#list + 1] = row
    end
  end
  table.sort(list, function(a, b)
    return a.path < b.path
  end)
  return list
end

local function wav_of(path)
  return (path:gsub("%.%w+$", "")) .. ".wav"
end

-- Every file as WAV, all as long as the longest: sample on sample when laid side by side. What is there and
-- has that length stays.
local function write_wavs(work, list)
  local longest = 0
  for _, row in ipairs(list) do
    row.sound = audio.probe(row.path)
    longest = math.max(longest, row.sound.duration_s)
  end
  for _, row in ipairs(list) do
    local path = wav_of(row.path)
    local frames = math.floor(longest * row.sound.rate + 0.5)
    local size = 44 + frames * row.sound.channels * 2
    local stat = karun.file.exists(path) and karun.file.stat(path)
    if not stat or stat.size ~= size then
      local made = ("%s/%s-%d.wav"):format(work.run.staging, work.id, work.run.next_number())
      audio.wav(row.path, made, { length = longest })
      path = landing.place(made, path, { replace = work.run.made_by_karun(path) })
    end
    row.wav, row.wav_frames = path, frames
  end
end

-- ---- manifest.json ----

local function name_within(folder, path)
  return path:sub(1, #folder + 1) == folder .. "/" and path:sub(#folder + 2) or path
end

local function own_manifest(path)
  if not karun.file.exists(path) then return nil, false end
  local ok, value = karun.try(function()
    return karun.json.decode(karun.file.read(path))
  end)
  return ok and type(value) == "table" and value.made_by == "karun" and value or nil, true
end

-- Where it goes: beside the files. A folder that holds other songs too gets one named after the song.
local function place_of(work, list)
  local folder = karun.file.split(list[1].path)
  local plain = folder .. "/manifest.json"
  local own, is_there = own_manifest(plain)
  if own and own.song.id == work.song.id and own.song.key == (work.settings.key or 0)
    and own.song.count_in == (work.settings.count_in or false) then return plain, folder end
  if not is_there and folder ~= work.run.out then return plain, folder end
  local key = work.settings.key ~= 0 and (" (%+d)"):format(work.settings.key) or ""
  return ("%s/%s"):format(folder, karun.file.safe_name(("%s - %s%s.manifest.json"):format(work.song.artist, work.song.title, key))),
    folder
end

local function write_manifest(work, list)
  local path, folder = place_of(work, list)
  local tracks, by_index = karun.json.array {}, {}
  for _, row in ipairs(work.rows) do
    by_index["track:" .. row.index] = row
  end
  for i, row in ipairs(list) do
    local track = by_index[row.item]
    tracks[i] = {
      item = row.item, name = row.name, number = track and track.place, index = track and track.index,
      is_mix = track == nil, file = name_within(folder, row.path), size_bytes = row.size, sha256 = row.sha256,
      duration_s = row.duration_s, wav = row.wav and name_within(folder, row.wav), wav_frames = row.wav_frames,
    }
  end
  local song = work.song
  local text = karun.json.encode({
    schema = 1, made_by = "karun", site = work.run.site.name,
    song = { id = song.id, url = song.url, artist = song.artist, title = song.title, key = work.settings.key or 0,
      count_in = work.settings.count_in or false, bpm = song.bpm },
    tracks = tracks,
  }, { pretty = true }) .. "\n"
  local own, is_there = own_manifest(path)
  if is_there and not own then
    log.warn(("%s is not karun's and stays; no manifest was written"):format(path))
    return
  end
  karun.file.write(path, text)
end

function M.open(run)
  if run.options.tags then run.dress = dress end
  function run.made_by_karun(path)
    -- a WAV that we wrote stands beside its MP3 in the manifest
    local folder, name = karun.file.split(path)
    for _, found in ipairs(karun.file.glob(folder .. "/*manifest.json")) do
      for _, track in ipairs((own_manifest(found) or { tracks = {} }).tracks) do
        if track.wav == name then return true end
      end
    end
    return false
  end
  function run.after_song(work)
    local list = standing(work)
    if #list == 0 then return end
    if run.options.wav then write_wavs(work, list) end
    write_manifest(work, list)
  end
end

return M
