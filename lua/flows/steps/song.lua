-- One song, all its tracks, as a line of work: while the site builds one file, the next track is soloed;
-- transfer, proof and filing run beside. Only one build of a song at a time, ever.

local karun = require "karun"
local account = require "steps.account"
local choice = require "steps.choice"
local filing = require "steps.filing"
local mixer = require "steps.mixer"
local order = require "steps.order"
local phase = require "steps.phase"
local proof = require "steps.proof"
local setting = require "steps.setting"
local solo = require "steps.solo"
local song_page = require "steps.song_page"
local transfer = require "steps.transfer"
local log = karun.log

local M = {}

-- What a second attempt needs: kinds whose cause is a mix that came too late for the order.
local LATE_MIX = { wrong_mix = true, duplicate_content = true }
-- Kinds after which another attempt makes no sense.
local FINAL = {
  not_purchased = true, human_needed = true, auth = true, disk = true, path = true, locked = true, usage = true,
  config = true, interrupted = true, cancelled = true, internal = true, browser_gone = true,
}
-- Kinds that end the run, not the track.
local FATAL = {
  human_needed = true, auth = true, disk = true, locked = true, interrupted = true, cancelled = true, internal = true,
  browser_gone = true, usage = true, config = true,
}

local function open(work)
  local run = work.run
  work.song = song_page.open(run, work.page, work.url)
  work.song.told, work.song.settings, work.song.name = work.told, setting.wanted(work.wanted), work.wanted.name
  mixer.await_ready(run, work.page)
  work.before = work.before or mixer.settings(run, work.page)
  work.settings = (work.is_plan and setting.foreseen or setting.apply)(run, work.page, work.song.settings)
end

-- The session ended, or the page broke: back to where the track can be tried again.
local function recover(work, err)
  if err.kind == "login_needed" then
    log.info("the session has ended; signing in again")
    work.run.signed_in = false
    account.sign_in(work.run, work.page, work.url)
  end
  if not LATE_MIX[err.kind] then open(work) end
end

local function track_label(work, track)
  return ("%s: %d %s"):format(work.song.title, track.place, track.name)
end

-- Transfer, proof, filing: beside the next build.
local function finish(work, entry, address)
  local run, track = work.run, entry.track
  local file
  local ok, err = karun.try(function()
    file = transfer.fetch(run, work.page, track, address, ("%s/%d-%d.mp3"):format(run.staging, track.index, entry.tries))
    file.name, file.took_s = track.name, karun.now() - entry.began
    proof.check(run, track, file, work.proven)
    work.proven[#work.proven + 1] = file
    local path = filing.file(run, track, entry.item, file, entry.path)
    run.done(work.song, track, path)
  end)
  if ok then return end
  if FATAL[err.kind] then error(err) end
  local kept = filing.reject(run, work.song, track, file)
  err.kept = kept
  work.failed[#work.failed + 1] = { entry = entry, err = err }
  if LATE_MIX[err.kind] then
    work.overlap = false -- evidence: this site learns the mix late
    run.margin = run.timing.solo.margin_again
  end
end

-- Solo, order, wait until it is built; then hand the address on. `ahead`: the next one, soloed meanwhile.
local function build(work, entry, next_entry)
  local run, page, track = work.run, work.page, entry.track
  entry.began = entry.began or karun.now()
  local margin = entry.margin or run.margin
  local lit = entry.soloed or solo.track(run, page, track, margin)
  entry.soloed = nil
  if lit.ready_at > karun.now() then
    phase(track, "sync", karun.sleep, lit.ready_at - karun.now()) -- phase 2's margin
  end
  local placed <close> = order.new(run, page, work.settings)
  phase(track, "prepare", function()
    placed:press()
    karun.wait.all {
      ready = function()
        local found = placed:ready()
        work.transfers[#work.transfers + 1] = karun.spawn(finish, work, entry, found)
        placed:dismiss()
      end,
      ahead = function()
        if not next_entry or not work.overlap or run.timing.solo.ahead == 0 then return end
        local ok, early = karun.try(solo.track, run, page, next_entry.track, margin)
        if ok then next_entry.soloed = early end
      end,
    }
  end)
  local rest = run.timing.download.rest
  if rest > 0 then phase(track, "download", karun.sleep, rest) end -- only older settings have one
end

-- One attempt at a track up to its build; what can be tried again is tried here.
local function attempt(work, entry, next_entry)
  local run = work.run
  while true do
    entry.tries = entry.tries + 1
    entry.track.attempt = entry.tries + entry.repeats
    local ok, err = karun.try(build, work, entry, next_entry)
    if ok then return end
    entry.soloed = nil
    if FATAL[err.kind] then error(err) end
    if FINAL[err.kind] or entry.tries >= run.timing.retry.tries or not run.may_retry(work) then
      work.failed[#work.failed + 1] = { entry = entry, err = err, is_final = true }
      karun.try(recover, work, err)
      return
    end
    log.info(("%s: %s; trying again"):format(track_label(work, entry.track), err.message))
    run.note(err.kind, err.message, entry.track)
    karun.sleep(err.retry_after or run.timing.retry.delay * run.jitter())
    recover(work, err)
  end
end

local function join_transfers(work)
  for _, task in ipairs(work.transfers) do
    task:join()
  end
  work.transfers = {}
end

-- All entries once, in order.
local function pass(work, entries)
  for i, entry in ipairs(entries) do
    attempt(work, entry, entries[i + 1])
    if i < #entries then karun.sleep(work.run.timing.pause.tracks) end -- manners
  end
  join_transfers(work)
end

-- What failed its proof or its transfer is done again once, with a longer phase 2.
local function again(work)
  local entries = {}
  local kept = {}
  for _, failure in ipairs(work.failed) do
    local entry = failure.entry
    if failure.is_final or FINAL[failure.err.kind] or entry.repeats >= work.run.timing.proof.again
      or not work.run.may_retry(work) then
      kept[#kept + 1] = failure
    else
      entry.repeats, entry.tries, entry.soloed = entry.repeats + 1, entry.tries, nil
      if LATE_MIX[failure.err.kind] then entry.margin = work.run.timing.solo.margin_again end
      log.info(("%s: %s; once more"):format(track_label(work, entry.track), failure.err.message))
      work.run.note(failure.err.kind, failure.err.message, entry.track)
      entries[#entries + 1] = entry
    end
  end
  work.failed = kept
  if #entries == 0 then return false end
  open(work)
  pass(work, entries)
  return true
end

local function entries_of(work)
  local run, entries = work.run, {}
  local rows = mixer.rows(run, work.page)
  for _, track in ipairs(choice.tracks(rows, work.wanted.tracks, work.song)) do
    local item = filing.item(run, work.song, track, work.settings)
    local path = filing.path(run, work.song, track, work.settings)
    local standing = run.archive:standing(item, path, run.out)
    track.told = work.told and work.told:track { name = track.name, number = track.place, index = track.index }
    if standing then
      run.skipped(work.song, track, standing)
    elseif karun.file.exists(path) and not karun.file.stat(path).type:find("file") then
      error(karun.error("disk", ("%s is in the way: it is no file"):format(path), { path = path }))
    else
      entries[#entries + 1] = { track = track, item = item, path = path, tries = 0, repeats = 0 }
    end
  end
  return entries
end

-- The tracks that would be ordered: nothing is pressed.
function M.plan(run, page, wanted)
  local work = { run = run, page = page, url = wanted.url, wanted = wanted, is_plan = true }
  open(work)

  if wanted.count_in ~= nil and work.settings.count_in ~= nil then work.settings.count_in = wanted.count_in end
  return work.song, entries_of(work)
end

-- Key and count-in as they were: only when asked, and never a reason to fail the song.
local function restore(work)
  if not work.run.options.restore or not work.before then return end
  local ok, err = karun.try(setting.put_back, work.run, work.page, work.before, function()
    song_page.open(work.run, work.page, work.url)
    mixer.await_ready(work.run, work.page)
  end)
  if ok then return end
  if FATAL[err.kind] then error(err) end
  log.warn("key and count-in were not put back: " .. err.message)
end

-- Does a song. Failures are told to the run; what ends the run is raised. told: its record of the run.
function M.download(run, page, wanted, told)
  local work = {
    run = run, page = page, url = wanted.url, wanted = wanted, proven = {}, failed = {}, transfers = {}, overlap = true,
    retries = 0, told = told,
  }
  local ok, err = karun.try(function()
    open(work)
    transfer.guard(run, page)
    local entries = entries_of(work)
    told.name, told.artist, told.tracks_count = work.song.title, work.song.artist, #told.tracks
    run.begin_song(work.song, #entries)
    pass(work, entries)
    while again(work) do end
  end)
  if not ok then
    for _, task in ipairs(work.transfers) do
      task:cancel()
    end
    if FATAL[err.kind] then error(err) end
    restore(work)
    run.song_failed(work.song or { url = wanted.url, title = told.name, told = told, settings = setting.wanted(wanted) },
      err, page)
    return
  end
  restore(work)
  for _, failure in ipairs(work.failed) do
    run.track_failed(work.song, failure.entry, failure.err, page)
  end
end

return M
