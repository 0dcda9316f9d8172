-- A download run from its first page to its last word: the folder, the browser and its accidents, the
-- songs one after the other, the summary.

local karun = require "karun"
local run_folder = require "karun.run_folder"
local start = require "steps.start"
local tally = require "steps.tally"
local telling = require "karun.run"
local slug = require "karun.slug"
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
        one = { url = row.url, key = row.key, count_in = row.count_in == 1 or nil, tracks = {} }
        by_song[which] = one
        out[#out + 1] = one
      end
      local index = row.item:match("^track:(%d+)$")
      if index and one.tracks then one.tracks[#one.tracks + 1] = math.tointeger(tonumber(index)) + 1 else one.tracks = nil end
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
  function run.done(song, track, path) count:add_done(song, track, path) end
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
  function run.may_retry(work)
    work.retries, count.retries = work.retries + 1, count.retries + 1
    return work.retries <= run.timing.retry.per_song and count.retries <= run.timing.retry.per_run
  end
end

local Session = {}
Session.__index = Session

-- Locks the folder, starts the browser. Closing it ends both.
function M.open(run, archive)
  run.out, run.archive, run.margin = run.options.out:gsub("(.)/+$", "%1"), archive, run.timing.solo.margin
  run.tally, run.id, run.deaths = tally.new(run), run_folder.path():match("[^/]+$"), {}
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
  self.lock:close()
end

-- The run's page; a closed or crashed one is replaced.
function M.page(run)
  if run.page and not run.page:closed() then return run.page end
  run.page = run.browser:page()
  run.page:on("dialog", function(dialog)
    log.info(("the site says %q; answered with yes"):format(dialog.message)) -- to a press of our own, on a bought song
    dialog:accept()
  end)
  return run.page
end

-- The browser died: a new one, unless it dies too often.
local function restart(run, err)
  local timing = run.timing.browser
  local now, recent = karun.now(), {}
  for _, at in ipairs(run.deaths) do
    if now - at < timing.restart_window then recent[#recent + 1] = at end
  end
  recent[#recent + 1] = now
  run.deaths, run.page = recent, nil
  if #recent >= timing.restarts then error(err) end
  log.warn("the browser is gone; starting it again")
  karun.try(run.browser.close, run.browser)
  start.browser(run)
end

-- One song, through browser deaths; then the pause that manners ask for.
function M.each(run, i, n, wanted, download)
  local told = telling.song {
    name = slug.title_case(wanted.url:match("([^/]+)%.html") or wanted.url), url = wanted.url, number = i, count = n,
  }
  while true do
    local ok, err = karun.try(function()
      download(run, M.page(run), wanted, told)
    end)
    if ok then break end
    if err.kind ~= "browser_gone" then error(err) end
    restart(run, err)
  end
  if i < n then karun.sleep(run.timing.pause.songs * jitter(run)) end -- manners
end

function M.print_plan(_, song, entries)
  print(("%s - %s"):format(song.artist, song.title))
  for _, entry in ipairs(entries) do
    print(("  %02d %s -> %s"):format(entry.track.place, entry.track.name, entry.path))
  end
  if #entries == 0 then print("  nothing to do") end
end

-- The last words, and the exit code.
function M.finish(run)
  if run.options.dry_run then return 0 end
  log.info("\n" .. run.tally:summary())
  log.info("folder: " .. run.out)
  local failed = run.tally.failed
  if #failed > 0 then
    local path = run_folder.path() .. "/failures.txt"
    karun.file.write(path, table.concat(failed, "\n") .. "\n")
    log.info("failures: " .. path)
  end
  return run.tally:exit_code()
end

return M
