-- Is this file that track, whole, and not the mix? By the server's own label, and by its sound.

local karun = require "karun"
local audio = require "karun.audio"
local label = require "karun.label"
local phase = require "steps.phase"

local M = {}

-- Raises `wrong_mix` when the label does not name the track.
local function check_label(run, track, file)
  local grammar = run.site.label
  local named = label.track(file.label, grammar)
  if named == nil then
    return error(karun.error("wrong_mix", ("the file is called %q, which names no track; %s was wanted"):format(file.label,
      track.name), { label = file.label }))
  end
  if named == "" then
    error(karun.error("wrong_mix", ("the file is the full mix (%q), not %s: the solo did not count"):format(file.label,
      track.name), { label = file.label }))
  end
  if not label.means(named, track.name) then
    error(karun.error("wrong_mix", ("the file is %s (%q), not %s: the site rendered an older mix"):format(
      (named:gsub(grammar.space, " ")), file.label, track.name), { label = file.label }))
  end
end

-- The sound decodes to its end, is none of silence, and is as long as its siblings.
local function check_sound(run, track, file, siblings)
  local timing = run.timing.proof
  local sound = audio.probe(file.path)
  file.duration_s, file.fingerprint, file.peak = sound.duration_s, sound.fingerprint, sound.peak
  if sound.peak < timing.silence then
    error(karun.error("content", ("%s is silent (peak %.5f)"):format(track.name, sound.peak), { label = file.label }))
  end
  for _, other in ipairs(siblings) do
    if other.fingerprint == sound.fingerprint then
      error(karun.error("duplicate_content", ("%s has the very sound of %s: the site gave one file twice"):format(track.name,
        other.name), { label = file.label }))
    end
    if other.duration_s and math.abs(other.duration_s - sound.duration_s) > timing.length then
      error(karun.error("incomplete", ("%s lasts %.1f s, its sibling %s %.1f s: one of them is cut"):format(track.name,
        sound.duration_s, other.name, other.duration_s), { label = file.label }))
    end
  end
end

-- Raises wrong_mix, content, incomplete or duplicate_content; fills in what was measured.
function M.check(run, track, file, siblings)
  phase(track, "verify", function()
    check_label(run, track, file)
    check_sound(run, track, file, siblings)
  end)
end

return M
