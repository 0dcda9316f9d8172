-- The line of work of one song: while the site builds one file, the next track is set in the mixer;
-- transfer, proof and filing run beside. Only one build of a song at a time, ever.

local karun = require "karun"
local account = require "steps.account"
local filing = require "steps.filing"
local mix = require "steps.mix"
local order = require "steps.order"
local phase = require "steps.phase"
local proof = require "steps.proof"
local retry = require "steps.retry"
local solo = require "steps.solo"
local suspects = require "steps.suspects"
local transfer = require "steps.transfer"
local log = karun.log

local M = {}

local function label_of(work, track)
  return ("%s: %s"):format(work.song.title, track.shown)
end

-- The session ended, or the page broke: back to where the track can be tried again.
local function recover(work, err)
  if err.kind == "login_needed" then
    log.info("the session has ended; signing in again")
    work.run.signed_in = false
    account.sign_in(work.run, work.page, work.url)
  end
  if not retry.late[err.kind] or err.is_order then work.open(work) end
end

-- The mixer plays what the entry wants -> { ready_at }. Set ahead, it counts only in the page it was set in.
local function set_mixer(work, entry)
  local margin = math.max(entry.margin or 0, work.run.margin)
  local set = (entry.track.mix and mix.set or solo.track)(work.run, work.page, entry.track, margin)
  set.opened, set.margin = work.opened, margin
  return set
end

-- ---- from the finished build to the file in place ----

function M.put_in_place(work, entry, file)
  local run = work.run
  if run.dress then run.dress(work, entry, file) end
  local path = filing.file(run, entry.track, entry.item, file, entry.path)
  entry.failed_late = nil
  suspects.filed(work, entry, file)
  run.done(work.song, entry.track, path, entry.from)
end

local function fail(work, entry, err, file)
  if file then
    work.sounds:remove(file)
    err.kept = filing.reject(work.run, work.song, entry.track, file)
  end
  work.failed[#work.failed + 1] = { entry = entry, err = err }
  if retry.late[err.kind] then suspects.found(work, entry, err) end
end

-- Transfer, proof, filing: beside the next build.
local function finish(work, entry, address)
  local run, track = work.run, entry.track
  local file
  local ok, err = karun.try(function()
    local staged = ("%s/%s-%d.mp3"):format(run.staging, work.id, run.next_number())
    file = transfer.fetch(run, work.page, track, address, staged)
    file.name, file.place, file.index, file.usual = track.name, track.place, track.index, track.volume or 0
    file.levels, file.margin, file.entry = track.levels, entry.used_margin, entry
    file.took_s = karun.now() - entry.began
    local found = proof.check(run, track, file, work.sounds, work.rows)
    suspects.take_back(work, found)
    if run.is_preparing then
      run.keep_prepared(work, entry, file)
    elseif file.is_bare and not track.mix then
      work.held[#work.held + 1] = { entry = entry, file = file } -- its label says nothing: its siblings must
    else
      M.put_in_place(work, entry, file)
    end
  end)
  if ok then return end
  if retry.fatal[err.kind] then error(err) end
  fail(work, entry, err, file)
end

-- ---- up to the finished build ----

-- Set the mixer, order, wait until it is built; then hand the address on. The next one is set meanwhile.
local function build(work, entry, next_entry)
  local run, page, track = work.run, work.page, entry.track
  entry.began = entry.began or karun.now()
  local lit = entry.is_set
  entry.is_set = nil
  if not lit or lit.opened ~= work.opened then lit = set_mixer(work, entry) end
  entry.used_margin = lit.margin
  if lit.ready_at > karun.now() then
    phase(track, "sync", karun.sleep, lit.ready_at - karun.now()) -- phase 2's margin
  end
  local placed <close> = order.new(run, page, work.settings)
  phase(track, "prepare", function()
    placed:press(track)
    run.orders = run.orders + 1
    karun.wait.all {
      ready = function()
        local address = placed:ready()
        work.transfers[#work.transfers + 1] = karun.spawn(finish, work, entry, address)
        placed:dismiss()
      end,
      ahead = function()
        if not next_entry or not work.overlap or run.timing.solo.ahead == 0 then return end
        local ok, early = karun.try(set_mixer, work, next_entry)
        if ok then next_entry.is_set = early end
      end,
    }
  end)
  local rest = run.timing.download.rest
  if rest > 0 then phase(track, "download", karun.sleep, rest) end -- only older settings have one
end

-- One attempt at a track up to its build; what can be tried again is tried here, in the first round.
local function attempt(work, entry, next_entry)
  local run = work.run
  local tries = entry.rounds == 0 and run.timing.retry.tries or 1
  for try = 1, tries do
    entry.tries = entry.tries + 1
    entry.track.attempt = entry.tries
    local ok, err = karun.try(build, work, entry, next_entry)
    if ok then return end
    entry.is_set = nil
    if retry.fatal[err.kind] then error(err) end
    if retry.late[err.kind] then suspects.found(work, entry, err) end
    if try == tries or not retry.may(run, work, err) then
      work.failed[#work.failed + 1] = { entry = entry, err = err }
      karun.try(recover, work, err)
      return
    end
    log.info(("%s: %s; trying again"):format(label_of(work, entry.track), err.message))
    run.note(err.kind, err.message, entry.track)
    karun.sleep(retry.rest(run, err, try))
    recover(work, err)
  end
end

local function join_transfers(work)
  for _, task in ipairs(work.transfers) do
    task:join()
  end
  work.transfers = {}
end

local function not_tried(work, entries, from)
  for i = from, #entries do
    work.failed[#work.failed + 1] = { entry = entries[i], err = retry.not_tried(work.run.stopped) }
  end
end

-- All entries once, in order, until something stops the run.
function M.pass(work, entries)
  for i, entry in ipairs(entries) do
    work.run.stopped = work.run.stopped or work.run.over_cap()
    if work.run.stopped then
      not_tried(work, entries, i)
      break
    end
    attempt(work, entry, entries[i + 1])
    if i < #entries then karun.sleep(work.run.timing.pause.tracks * work.run.jitter()) end -- manners
  end
  join_transfers(work)
  suspects.settle_held(work, M.put_in_place)
end

-- What failed is done again once after its song; true when there was something.
function M.again(work)
  local entries, kept = {}, {}
  for _, failure in ipairs(work.failed) do
    local entry = failure.entry
    if entry.rounds >= work.run.timing.proof.again or not retry.may(work.run, work, failure.err) then
      kept[#kept + 1] = failure
    else
      entry.rounds, entry.is_set = entry.rounds + 1, nil
      log.info(("%s: %s; once more"):format(label_of(work, entry.track), failure.err.message))
      work.run.note(failure.err.kind, failure.err.message, entry.track)
      entries[#entries + 1] = entry
    end
  end
  work.failed = kept
  if #entries == 0 then return false end
  work.open(work)
  M.pass(work, entries)
  return true
end

return M
