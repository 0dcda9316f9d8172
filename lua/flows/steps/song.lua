-- One song: opened, asked for its tracks and mixes, told.

local karun = require "karun"
local adoption = require "steps.adoption"
local entries = require "steps.entries"
local line = require "steps.line"
local mixer = require "steps.mixer"
local retry = require "steps.retry"
local setting = require "steps.setting"
local song_page = require "steps.song_page"
local sound = require "steps.sound"
local telling = require "karun.run"
local transfer = require "steps.transfer"
local log = karun.log

local M = {}

local function open(work)
  local run = work.run
  work.song = song_page.open(run, work.page, work.url)
  work.song.told, work.song.settings, work.song.name = work.told, setting.wanted(work.wanted), work.wanted.name
  mixer.await_ready(run, work.page)
  work.before = work.before or mixer.settings(run, work.page)
  work.settings = (work.is_plan and setting.foreseen or setting.apply)(run, work.page, work.song.settings)
  run.mixed[work.page] = nil
  work.opened = work.opened + 1 -- what was set in the page before is gone
end

-- What is known of a song while it is worked on.
function M.work(run, page, wanted, told)
  return {
    id = run.next_number and run.next_number() or 0, run = run, page = page, url = wanted.url, wanted = wanted, told = told,
    sounds = sound.new(), held = {}, failed = {}, transfers = {}, standing = {}, doubts = {},
    opened = 0, overlap = true, retries = 0, open = open,
  }
end

-- Opens it and looks at the mixer: nothing is pressed.
function M.look(work)
  open(work)
  work.rows = work.rows or mixer.rows(work.run, work.page)
end

-- What would be ordered: nothing is pressed.
function M.plan(run, page, wanted)
  local work = M.work(run, page, wanted)
  work.is_plan = true
  M.look(work)
  return work.song, entries.of(work)
end

local function cancel_transfers(work)
  for _, task in ipairs(work.transfers) do
    task:cancel()
  end
  work.transfers = {}
end

local function begin(work)
  local run, told = work.run, work.told
  M.look(work)
  transfer.guard(run, work.page)
  adoption.take(work)
  local due = entries.of(work)
  for _, name in ipairs { work.song.id, work.url } do -- as a whole it did not fail this time
    run.archive:forgive { site = run.site.name, song = name, item = "song", key = work.settings.key, count_in = work.settings.count_in }
  end
  told.name, told.artist, told.tracks_count = work.song.title, work.song.artist, #told.tracks
  due = run.served(work, due)
  run.begin_song(work.song, #due)
  return due
end

-- Sounds take memory; what was found of them does not.
local function close(work)
  local _, doubts = work.sounds:judge(work.run.timing.proof)
  for _, doubt in ipairs(doubts) do
    if not work.doubts[doubt] then telling.note(("%s: doubtful: %s"):format(work.song.title, doubt)) end
    work.doubts[doubt] = true
  end
  work.sounds:report(work.song)
  for _, file in ipairs(work.sounds.files) do
    file.sound = nil
  end
end

local function guarded(work, fn)
  local ok, err = karun.try(fn)
  if ok then return nil end
  cancel_transfers(work)
  if retry.fatal[err.kind] then error(err) end
  return err
end

-- Key and count-in as they were: only when asked, and never a reason to fail the song.
local function restore(work)
  if not work.run.options.restore or not work.before then return end
  local ok, err = karun.try(setting.put_back, work.run, work.page, work.before, function()
    song_page.open(work.run, work.page, work.url)
    mixer.await_ready(work.run, work.page)
  end)
  if ok then return end
  if retry.fatal[err.kind] then error(err) end
  log.warn("key and count-in were not put back: " .. err.message)
end

-- Does a song. What ends the run is raised; what failed stays with the work (`failed`, `err`).
function M.download(work)
  work.err = guarded(work, function()
    local due = begin(work)
    work.has_begun = true
    line.pass(work, due)
    while line.again(work) do end
  end)
  restore(work)
  if work.song and work.has_begun then
    close(work)
    work.run.after_song(work)
  end
end

-- What is left of it, once more, at the end of the run.
function M.redo(work)
  if not work.has_begun then
    work.err = nil
    return M.download(work)
  end
  local due = {}
  for _, failure in ipairs(work.failed) do
    failure.entry.rounds, failure.entry.is_set = failure.entry.rounds + 1, nil
    due[#due + 1] = failure.entry
  end
  work.failed, work.err = {}, nil
  work.err = guarded(work, function()
    work.open(work)
    transfer.guard(work.run, work.page)
    line.pass(work, due)
  end)
  restore(work)
  close(work)
  work.run.after_song(work)
end

-- Its failures, told to the run.
function M.tell(work)
  local run = work.run
  if work.err then
    run.song_failed(work.song or { url = work.url, title = work.told.name, told = work.told,
      settings = setting.wanted(work.wanted) }, work.err, work.page)
  end
  for _, failure in ipairs(work.failed) do
    run.track_failed(work.song, failure.entry, failure.err, work.page)
  end
end

return M
