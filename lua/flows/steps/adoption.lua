-- Takes the files of another program's folder (--adopt DIR) into the archive: found by their names, proven
-- by their sound. What is not proven is left where it is, and downloaded anew.

local karun = require "karun"
local audio = require "karun.audio"
local filing = require "steps.filing"
local old_names = require "karun.old_names"
local sound = require "steps.sound"
local log = karun.log

local M = {}

-- The folders of DIR that are this song's, and DIR itself when it is called so.
local function folders_of(run, song)
  local dir, list = run.options.adopt:gsub("(.)/+$", "%1"), {}
  local _, own = karun.file.split(dir)
  local function look(name, path)
    if old_names.is_folder(name, song, run.namesakes[song.url]) then list[#list + 1] = path end
  end
  look(own, dir)
  for _, name in ipairs(karun.file.list(dir)) do
    local path = dir .. "/" .. name
    local stat = karun.file.stat(path)
    if stat and stat.type == "directory" then look(name, path) end
  end
  return list
end

local function refuse(path, why)
  log.info(("not adopted: %s: %s"):format(path, why))
end

-- The one track that a file's name means. A caption that two tracks have says nothing.
local function track_of(work, path, name)
  local found, labelled
  for _, row in ipairs(work.rows) do
    local fits, by_label = old_names.is_track(name, row, work.run.site.label)
    if fits and found then return refuse(path, "two tracks are called so: which one it is cannot be told") end
    if fits then found, labelled = row, by_label end
  end
  local key = old_names.key(name)
  if found and key and key ~= work.settings.key then
    return refuse(path, ("its name says key %+d, %+d is wanted"):format(key, work.settings.key))
  end
  return found, labelled
end

-- -> list of { track, path, label, labelled }, at most one a track, in the mixer's order
local function candidates(work)
  local by_place, list = {}, {}
  for _, folder in ipairs(folders_of(work.run, work.song)) do
    for _, name in ipairs(karun.file.list(folder)) do
      local path = folder .. "/" .. name
      if name:lower():match("%.mp3$") and karun.file.stat(path).type == "file" then
        local track, labelled = track_of(work, path, name)
        local other = track and by_place[track.place]
        if track and (not other or (labelled and not other.labelled)) then
          by_place[track.place] = { track = track, path = path, label = name, labelled = labelled }
        end
      end
    end
  end
  for _, row in ipairs(work.rows) do
    if by_place[row.place] then list[#list + 1] = by_place[row.place] end
  end
  return list
end

-- Decodes to its end and is not silent -> a file as steps.sound takes them, or nil and why not.
local function listen(run, one)
  local ok, heard = karun.try(audio.probe, one.path)
  if not ok then return nil, heard.message end
  if heard.peak < run.timing.proof.silence then return nil, "it is silent" end
  local file = sound.file(one.track, one.path, heard)
  file.label, file.track = one.labelled and one.label or nil, one.track
  return file
end

-- The length that most files have.
local function usual_length(files)
  local all = {}
  for i, file in ipairs(files) do
    all[i] = file.duration_s
  end
  table.sort(all)
  return all[(#all + 1) // 2]
end

-- Why a file is not proven; `wrong` is the verdict on all (see steps.sound).
local function doubt(run, file, files, wrong, length)
  if #files == 1 and not file.label then return "it lies there alone: nothing tells it from the mix" end
  if math.abs(file.duration_s - length) > run.timing.proof.length then
    return ("it lasts %.1f s, the others %.1f s"):format(file.duration_s, length)
  end
  if wrong[file] then return wrong[file].message end
  for other, verdict in pairs(wrong) do -- of two with one sound nobody knows which is right
    if verdict.other == file and not file.label then return verdict.message, other end
  end
end

local function record(work, file)
  local run = work.run
  run.archive:record(filing.item(run, work.song, file.track, work.settings), {
    path = file.path, size = karun.file.stat(file.path).size, sha256 = karun.file.sha256(file.path), label = file.label,
    duration_s = file.duration_s, run = run.id,
  })
  log.info(("adopted: %s: %02d %s (%s)"):format(work.song.title, file.place, file.name, file.path))
end

-- work: an opened song with its rows. Files are taken at the key and count-in that the list says.
function M.take(work)
  local run = work.run
  if not run.options.adopt then return end
  local files, sounds = {}, sound.new()
  for _, one in ipairs(candidates(work)) do
    if not run.archive:find(filing.item(run, work.song, one.track, work.settings)) then
      local file, why = listen(run, one)
      if file then
        files[#files + 1] = file
        sounds:add(file)
      else
        refuse(one.path, why)
      end
    end
  end
  local wrong, length = sounds:judge(run.timing.proof), usual_length(files)
  for _, file in ipairs(files) do
    local why = doubt(run, file, files, wrong, length)
    if why then refuse(file.path, why) else record(work, file) end
  end
end

return M
