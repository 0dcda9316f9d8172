-- What a download run stands on: the folder, the browser and its accidents, what the steps tell, and the
-- last words.

local karun = require "karun"
local address = require "karun.address"
local desk = require "steps.desk"
local mix = require "steps.mix"
local prepare = require "steps.prepare"
local run_folder = require "karun.run_folder"
local start = require "steps.start"
local tally = require "steps.tally"
local telling = require "karun.run"
local log = karun.log

local M = {}

-- The items that failed last, as songs with the tracks that are due.
function M.last_failed(archive, site, list)
  local named, by_song, out = {}, {}, {}
  for _, one in ipairs(list) do
    named[one.url] = true
  end
  for _, row in ipairs(archive:failed(site.name)) do
    if next(named) == nil or named[row.url] then
      local which = ("%s %d %d"):format(row.url, row.key, row.count_in) -- one song at two keys is two things to do
      local one = by_song[which]
      if not one then
        one = { url = row.url, key = row.key, count_in = row.count_in == 1 or nil, tracks = {}, mixes = {},
          stems = false }
        by_song[which] = one
        out[#out + 1] = one
      end
      local index, wish = row.item:match("^track:(%d+)$"), mix.of_item(row.item)
      if row.item == "song" then
        one.tracks, one.stems, one.mixes = nil, nil, nil
        one.is_whole = true
      elseif index and not one.is_whole then
        one.stems = true
        one.tracks[#one.tracks + 1] = math.tointeger(tonumber(index)) + 1
      elseif wish and not one.is_whole then
        one.mixes[#one.mixes + 1] = wish
      end
    end
  end
  return out
end

local function jitter(run)
  return 1 + run.timing.pause.jitter * (2 * math.random() - 1)
end

-- What the steps tell of: done, skipped, failed, notes.
local function give_voice(run)
  local count = run.tally
  function run.done(song, track, path, from) count:add_done(song, track, path, from) end
  function run.taken_back(song, track) count:take_back(song, track) end
  function run.skipped(song, track, path) count:add_skipped(song, track, path) end
  function run.begin_song(song, n)
    count:song(song)
    log.info(("%s - %s: %d to download"):format(song.artist, song.title, n))
  end
  function run.song_failed(song, err, page)
    count:add_failed(song, nil, err, page)
    run.archive:fail({ site = run.site.name, song = song.id or song.url, item = "song", url = song.url, title = song.title,
      key = song.settings and song.settings.key, count_in = song.settings and song.settings.count_in }, err.kind, err.message)
  end
  function run.track_failed(song, entry, err, page)
    count:add_failed(song, entry.track, err, page)
    run.archive:fail(entry.item, err.kind, err.message)
  end
  function run.note(what, why, track)
    telling.press { what = what, why = why, track = track and track.name }
  end
  function run.jitter() return jitter(run) end
  function run.failures_folder() return run_folder.failures() end
  local number = 0
  function run.next_number()
    number = number + 1
    return number
  end
  -- Manners: so many orders a day and no more. The reason to stop, or nil.
  function run.over_cap()
    local cap = run.timing.limits.tracks_per_day
    if run.done_before + run.orders < cap then return nil end
    return ("the daily cap of %d downloads is reached (limits.tracks_per_day); run again tomorrow"):format(cap)
  end
end

local Session = {}
Session.__index = Session

-- Locks the folder, starts the browser. Closing it ends both.
function M.open(run, archive)
  run.out, run.archive, run.margin = run.options.out:gsub("(.)/+$", "%1"), archive, run.timing.solo.margin
  run.tally, run.id, run.deaths = tally.new(run), run_folder.path():match("[^/]+$"), {}
  run.host, run.orders, run.past, run.left, run.pages = address.host(run.origins[1]), 0, {}, {}, {}
  run.margin = math.max(run.margin, archive:kept(run.host, "solo.margin") or 0)
  run.done_before = archive:done_since(run.site.name, os.time() - 86400)
  prepare.open(run)
  desk.open(run)
  give_voice(run)
  karun.file.mkdir(run.out)
  local self = setmetatable({ run = run, lock = karun.file.lock(run.out) }, Session)
  local ok, err = karun.try(function()
    run.staging, self.staging = karun.file.temp { folder = run.out } -- the same file system: filing is a rename
    telling.phase("open", start.browser, run)
  end)
  if not ok then
    Session.__close(self)
    error(err)
  end
  return self
end

function Session:__close()
  local run = self.run
  if run.browser then run.browser:close() end
  if self.staging then self.staging:close() end
  prepare.close(run)
  self.lock:close()
end

-- A worker's page; a closed or crashed one is replaced.
function M.page(run, worker)
  worker = worker or 1
  local page = run.pages[worker]
  if not page or page:closed() then
    page = run.browser:page()
    run.pages[worker] = page
  end
  return page
end

-- The browser that a worker saw die: a new one, unless it dies too often. Another worker may have done it.
function M.restart(run, err, browser)
  if run.restarting then run.restarting:join() end
  if run.browser ~= browser then return end
  local timing = run.timing.browser
  local now, recent = karun.now(), {}
  for _, at in ipairs(run.deaths) do
    if now - at < timing.restart_window then recent[#recent + 1] = at end
  end
  recent[#recent + 1] = now
  run.deaths, run.pages = recent, {}
  if #recent >= timing.restarts then error(err) end
  log.warn("the browser is gone; starting it again")
  run.restarting = karun.spawn(function()
    karun.try(browser.close, browser)
    start.browser(run)
  end)
  run.restarting:join()
  run.restarting = nil
end

function M.print_plan(_, song, entries)
  print(("%s - %s"):format(song.artist, song.title))
  for _, entry in ipairs(entries) do
    print(("  %s -> %s"):format(entry.track.shown, entry.path))
  end
  if #entries == 0 then print("  nothing to do") end
end

-- The last words, and the exit code.
function M.finish(run)
  if run.options.dry_run then return 0 end
  log.info("\n" .. run.tally:summary())
  prepare.tell(run)
  log.info("folder: " .. run.out)
  run.archive:add_run(run.tally:figures())
  local failed = run.tally.failed
  if #failed > 0 then
    local path = run_folder.path() .. "/failures.txt"
    karun.file.write(path, table.concat(failed, "\n") .. "\n")
    log.info("failures: " .. path)
  end
  return run.tally:exit_code()
end

return M
