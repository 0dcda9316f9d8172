-- What a song is asked for, as entries: tracks and mixes, each with its place; what stands there already is
-- told and left out.

local karun = require "karun"
local choice = require "steps.choice"
local filing = require "steps.filing"
local mix = require "steps.mix"

local M = {}

-- An order's subject: a track (a row of the mixer) or a mix; `shown` is how it is called on a line.
local function subjects(work)
  local wanted, list = work.wanted, {}
  if wanted.stems ~= false then
    for _, row in ipairs(choice.tracks(work.rows, wanted.tracks, work.song)) do
      row.shown = ("%02d %s"):format(row.place, row.name)
      list[#list + 1] = row
    end
  end
  local known = {}
  for _, one in ipairs(wanted.mixes or {}) do
    local subject = mix.resolve(work.rows, one, work.song)
    subject.shown = subject.name
    if not known[subject.item] then list[#list + 1] = subject end
    known[subject.item] = true
  end
  return list
end

local function check_place(path)
  local stat = karun.file.exists(path) and karun.file.stat(path)
  if stat and stat.type ~= "file" then
    error(karun.error("disk", ("%s is in the way: it is no file"):format(path), { path = path }))
  end
end

function M.new(work, subject)
  local run = work.run
  return {
    track = subject, item = filing.item(run, work.song, subject, work.settings),
    path = filing.path(run, work.song, subject, work.settings), tries = 0, rounds = 0,
  }
end

-- -> the entries that are due; work.standing: those that are done.
function M.of(work)
  local run, due = work.run, {}
  work.standing = {}
  for _, subject in ipairs(subjects(work)) do
    local entry = M.new(work, subject)
    subject.told = work.told and work.told:track { name = subject.name, number = subject.place, index = subject.index }
    local standing = run.archive:standing(entry.item, entry.path, run.out)
    if standing then
      entry.standing = standing
      work.standing[#work.standing + 1] = entry
      run.skipped(work.song, subject, standing)
    else
      check_place(entry.path)
      due[#due + 1] = entry
    end
  end
  return due
end

return M
