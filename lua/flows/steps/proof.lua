-- Is this file that track, whole, and not the mix? By the server's own label, by its sound, and by its
-- siblings'.

local karun = require "karun"
local audio = require "karun.audio"
local label = require "karun.label"
local phase = require "steps.phase"

local M = {}

local function wrong(message, file)
  error(karun.error("wrong_mix", message, { label = file.label }))
end

-- The only track that a mix leaves audible: such a file is labelled as that track.
local function lone(track)
  local only
  for place, level in ipairs(track.levels or {}) do
    if level > 0 then
      if only then return nil end
      only = place
    end
  end
  return only
end

-- Raises `wrong_mix` when the label names something else. file.is_bare: it names no track, as a mix's.
local function check_label(run, track, file, rows)
  local grammar = run.site.label
  local named = label.track(file.label, grammar)
  if named == nil then
    return wrong(("the file is called %q, which names no track; %s was wanted"):format(file.label, track.name), file)
  end
  local only = lone(track)
  local wanted = track.levels and (only and rows[only].name) or not track.levels and track.name or nil
  file.is_bare = named == ""
  if file.is_bare then return end
  if not wanted then
    wrong(("the file is %s (%q), not the mix %s: an older order was rendered"):format((named:gsub(grammar.space, " ")),
      file.label, track.name), file)
  end
  if not label.means(named, wanted) then
    wrong(("the file is %s (%q), not %s: the site rendered an older mix"):format((named:gsub(grammar.space, " ")), file.label,
      track.name), file)
  end
end

-- May two files of this song have one sound? A mix that leaves one track audible sounds like that track.
local function may_be_one(track, other)
  if not track.levels then return other.levels ~= nil end
  if not other.levels then return true end
  for place, level in ipairs(track.levels) do
    if other.levels[place] ~= level then return false end
  end
  return true
end

-- The sound decodes to its end, is none of silence, and is as long as its siblings.
local function check_sound(run, track, file, siblings)
  local timing = run.timing.proof
  local sound = audio.probe(file.path)
  file.sound, file.duration_s, file.fingerprint, file.peak = sound, sound.duration_s, sound.fingerprint, sound.peak
  if sound.peak < timing.silence then
    error(karun.error("content", ("%s is silent (peak %.5f)"):format(track.name, sound.peak), { label = file.label }))
  end
  for _, other in ipairs(siblings) do
    if other.fingerprint == sound.fingerprint and not may_be_one(track, other) then
      error(karun.error("duplicate_content", ("%s has the very sound of %s: the site gave one file twice"):format(track.name,
        other.name), { label = file.label, other = other }))
    end
    if other.duration_s and math.abs(other.duration_s - sound.duration_s) > timing.length then
      error(karun.error("incomplete", ("%s lasts %.1f s, its sibling %s %.1f s: one of them is cut"):format(track.name,
        sound.duration_s, other.name, other.duration_s), { label = file.label }))
    end
  end
end

-- Raises wrong_mix, content, incomplete or duplicate_content; fills in what was measured, and takes the
-- file among the song's sounds. -> doubts and the wrong ones among those that were there before.
function M.check(run, track, file, sounds, rows)
  return phase(track, "verify", function()
    check_label(run, track, file, rows)
    check_sound(run, track, file, sounds.files)
    sounds:add(file)
    local found = sounds:judge(run.timing.proof)
    local own = found[file]
    if not own then return found end
    sounds:remove(file)
    error(karun.error(own.kind, own.message, { label = file.label, other = own.other }))
  end)
end

return M
