-- Files under suspicion. A wrong file means that the site learned its mix too late, or not at all; so all
-- files taken under the same phase 2 margin are suspect. One whose label names its track is proven again by
-- label and sound. One whose label says nothing is done again with a longer margin; when that helps, the
-- margin is kept for this host.

local karun = require "karun"
local filing = require "steps.filing"
local sound = require "steps.sound"
local log = karun.log

local M = {}

-- A file was found wrong: from now on phase 2 takes longer, and nothing is set ahead.
function M.found(work, entry, err)
  local run = work.run
  local margin = run.timing.solo.margin_again
  entry.margin, entry.failed_late = margin, true
  work.overlap = false
  work.evidence = { margin = entry.used_margin or run.margin, name = entry.track.name, message = err.message }
  run.margin = math.max(run.margin, margin)
end

-- A file is in place. The longer margin that mended its entry is kept.
function M.filed(work, entry, file)
  local run = work.run
  entry.file = file
  if entry.margin and entry.margin == file.margin and run.archive:kept(run.host, "solo.margin") ~= entry.margin then
    run.archive:keep(run.host, "solo.margin", entry.margin)
    log.info(("%s learns the mix late: a margin of %g s is kept for it (`karun archive forget --margins` drops it)"):format(
      run.host, entry.margin))
  end
end

local function withdraw(work, entry, file, err)
  local run = work.run
  work.sounds:remove(file)
  if entry.file == file then
    err.kept = filing.take_back(run, work.song, entry.track, entry.item, file)
    run.taken_back(work.song, entry.track)
    entry.file = nil
  else
    err.kept = filing.reject(run, work.song, entry.track, file)
  end
  work.failed[#work.failed + 1] = { entry = entry, err = err }
end

-- Files that were filed before and that a later one proves wrong leave their place.
function M.take_back(work, found)
  for file, verdict in pairs(found) do
    if file.entry and file.entry.file == file then
      local err = karun.error(verdict.kind, verdict.message, { label = file.label })
      M.found(work, file.entry, err)
      log.warn(("%s: taken back: %s"):format(work.song.title, verdict.message))
      withdraw(work, file.entry, file, err)
    end
  end
end

local function hold_back(work, held, kind, message)
  local err = karun.error(kind, message, { label = held.file.label })
  M.found(work, held.entry, err)
  withdraw(work, held.entry, held.file, err)
end

-- Is there a file of this song whose label names its track?
local function some_label_names(work)
  for _, file in ipairs(work.sounds.files) do
    if not file.levels and not file.is_bare then return true end
  end
  for _, failure in ipairs(work.failed) do
    if failure.names_track then return true end
  end
  return false
end

-- Tracks of an earlier run whose labels said nothing either: siblings to hear the held ones against.
local function hear_standing(work)
  for _, entry in ipairs(work.standing) do
    local facts = not entry.track.mix and not entry.heard and work.run.archive:find(entry.item)
    if facts then
      entry.heard = true
      local ok, heard = karun.try(require("karun.audio").probe, entry.standing)
      if ok then
        local file = sound.file(entry.track, entry.standing, heard)
        file.label = facts.label
        file.is_bare = require("karun.label").track(facts.label or "", work.run.site.label) == ""
        work.sounds:add(file)
      end
    end
  end
end

M.hear_standing = hear_standing

-- Labels that say nothing: the files wait in staging until the sounds of the whole song are clean.
function M.settle_held(work, put_in_place)
  local held = work.held
  work.held = {}
  if #held == 0 then return M.prove_again(work) end
  if some_label_names(work) then
    for _, one in ipairs(held) do
      hold_back(work, one, "wrong_mix", ("the file is the full mix (%q), not %s: the solo did not count"):format(
        one.file.label, one.entry.track.name))
    end
    return M.prove_again(work)
  end
  hear_standing(work)
  local found = work.sounds:judge(work.run.timing.proof)
  if #work.sounds.files < 2 then
    return hold_back(work, held[1], "wrong_mix", ("the file is called %q, which names no track, and there is no sibling to "
      .. "compare %s with: it may be the full mix"):format(held[1].file.label, held[1].entry.track.name))
  end
  local wrong
  for _, one in ipairs(held) do
    wrong = wrong or found[one.file]
  end
  local since = work.evidence
  for _, one in ipairs(held) do
    local verdict = found[one.file]
    if verdict then
      hold_back(work, one, verdict.kind, verdict.message)
    elseif wrong or since and one.file.margin <= since.margin then
      -- one wrong file may have moved all others by one, which sounds clean
      hold_back(work, one, "wrong_mix", ("%s was taken under the same margin as a wrong file (%s), and its label says nothing")
        :format(one.entry.track.name, wrong and wrong.message or since.message))
    end
  end
  for _, one in ipairs(held) do
    if not found[one.file] and not wrong and not (since and one.file.margin <= since.margin) then
      put_in_place(work, one.entry, one.file)
    end
  end
  M.prove_again(work)
end

-- After evidence: those that are filed and have a label of their own are heard once more, all against all.
function M.prove_again(work)
  if not work.evidence then return end
  local since, names = work.evidence, {}
  work.evidence = nil
  M.take_back(work, (work.sounds:judge(work.run.timing.proof)))
  for _, file in ipairs(work.sounds.files) do
    if file.entry and file.entry.file == file and (file.margin or 0) <= since.margin then names[#names + 1] = file.name end
  end
  if #names > 0 then
    log.info(("%s: taken under the same margin as %s, proven again by label and sound: %s"):format(work.song.title, since.name,
      table.concat(names, ", ")))
  end
  M.suspect_songs(work, since)
end

-- Earlier songs of this run whose labels said nothing: done again at the end of the run.
function M.suspect_songs(work, since)
  local run = work.run
  for _, other in ipairs(run.past) do
    for _, file in ipairs(other ~= work and other.sounds.files or {}) do
      local entry = file.entry
      if entry and entry.file == file and file.is_bare and not file.levels and file.margin <= since.margin then
        withdraw(other, entry, file, karun.error("wrong_mix", ("%s was taken under the same margin as a wrong file of %s, and "
          .. "its label says nothing"):format(entry.track.name, work.song.title), { label = file.label }))
        entry.margin = run.margin
      end
    end
    if other ~= work and #other.failed > 0 then run.leave(other) end
  end
end

return M
