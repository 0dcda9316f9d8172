-- What became of each track: counted, told as it happens, summed up at the end.

local karun = require "karun"
local telling = require "karun.run"
local log = karun.log

local M = {}

-- What a person may do about each kind of failure.
local NEXT = {
  wrong_mix = "run again with --last-failed; a longer --set solo.margin_again=30 may help",
  duplicate_content = "run again with --last-failed",
  content = "listen to the kept file; run again with --last-failed",
  incomplete = "run again with --last-failed",
  stalled = "check the connection, then --last-failed",
  net = "check the connection, then --last-failed",
  http = "look at the song in a browser; then --last-failed",
  timeout = "run again with --last-failed; --set prepare.build=300 waits longer",
  rate_limited = "wait a while, then --last-failed",
  not_purchased = "buy the song on the site, then run again",
  not_found = "check the address; `karun flows/mixer.lua URL` lists a song's tracks",
  cancelled = "run again when the cause is gone; --last-failed does what is left",
  not_applied = "run again with --visible and look at the mixer; `karun doctor` checks the selectors",
}

local Tally = {}
Tally.__index = Tally

function M.new(run)
  return setmetatable({ run = run, songs = {}, done = 0, skipped = 0, failed = {}, retries = 0, bytes = 0,
    began = karun.now(), began_at = os.time() }, Tally)
end

function Tally:song(song)
  local entry = self.songs[song.url]
  if not entry then
    entry = { song = song, done = 0, skipped = 0, failed = 0, began = karun.now(), bytes = 0 }
    self.songs[song.url] = entry
    self.songs[#self.songs + 1] = entry
  end
  entry.song = song
  return entry
end

function Tally:add_done(song, track, path, from)
  local entry = self:song(song)
  local size = karun.file.stat(path).size
  entry.done, entry.bytes, entry.ended = entry.done + 1, entry.bytes + size, karun.now()
  self.done, self.bytes = self.done + 1, self.bytes + size
  track.told:done { path = path, bytes = size }
  log.info(("done: %s: %s -> %s%s"):format(song.title, track.shown, path, from and " (" .. from .. ")" or ""))
end

-- What was done is not, after all.
function Tally:take_back(song, track)
  local entry = self:song(song)
  entry.done, self.done = entry.done - 1, self.done - 1
  track.told.status, track.told.ended_s = nil, nil
end

function Tally:add_skipped(song, track, path)
  local entry = self:song(song)
  entry.skipped, entry.ended = entry.skipped + 1, karun.now()
  self.skipped = self.skipped + 1
  if track.told then track.told:skip("there already") end -- a dry run tells nobody
  log.info(("there already: %s: %s (%s)"):format(song.title, track.shown, path))
end

-- A failure of a song, or of one of its tracks; what a person can do goes with it.
function Tally:add_failed(song, track, err, page)
  local entry = self:song(song)
  entry.failed, entry.ended = entry.failed + 1, karun.now()
  local next_step = NEXT[err.kind] or "run again with --last-failed"
  local told = track and track.told or song.told
  told:fail(err, { page = page and not page:closed() and page or nil, next = next_step })
  self.failed[#self.failed + 1] = ("%s%s: %s: %s -> %s"):format(song.title,
    track and ": " .. track.shown or "", err.kind,
    (tostring(err.message):gsub("%s*\n%s*", " ")), next_step)
end

local function megabytes(bytes)
  return ("%.1f MB"):format(bytes / 1e6)
end

-- The run in figures, for the archive.
function Tally:figures()
  local run = self.run
  local attempted = self.done + #self.failed
  return {
    run = run.id, site = run.site.name, host = run.host, started_at = self.began_at, wall_s = karun.now() - self.began,
    songs = #self.songs, attempted = attempted, done = self.done, skipped = self.skipped, failed = #self.failed,
    retries = self.retries, bytes = self.bytes, asked_mixes = run.cache.asked, cache_hits = run.cache.hits,
    saved_s = run.cache.saved_s, prepared = run.cache.prepared, phases = karun.json.encode(telling.phase_seconds()),
  }
end

-- The figures in words: what was tried, what came of it, where the time went.
local function in_words(figures)
  local parts, phases = {}, karun.json.decode(figures.phases)
  for _, name in ipairs(karun.trace.phases) do
    if phases[name] then parts[#parts + 1] = ("%s %.1f s"):format(name, phases[name]) end
  end
  local lines = { ("attempted %d, done %d, failed %d (%s), %s in %.1f s"):format(figures.attempted, figures.done, figures.failed,
    figures.attempted > 0 and ("%.0f %%"):format(100 * figures.done / figures.attempted) or "nothing to do",
    megabytes(figures.bytes), figures.wall_s) }
  if figures.done > 0 then lines[1] = lines[1] .. (", %.1f s a track"):format(figures.wall_s / figures.done) end
  if #parts > 0 then lines[2] = "by phase: " .. table.concat(parts, ", ") end
  return table.concat(lines, "\n")
end

-- The table that closes a run, and the last words.
function Tally:summary()
  local lines, widest = {}, 4
  for _, entry in ipairs(self.songs) do
    widest = math.max(widest, utf8.len(entry.song.title or "") or 4)
  end
  local function row(title, done, skipped, failed, bytes, took)
    local pad = (" "):rep(widest - (utf8.len(title) or #title))
    lines[#lines + 1] = ("%s%s  %5s  %7s  %6s  %9s  %7s"):format(title, pad, done, skipped, failed, bytes, took)
  end
  row("Song", "done", "there", "failed", "size", "time")
  for _, entry in ipairs(self.songs) do
    row(entry.song.title or "?", entry.done, entry.skipped, entry.failed, megabytes(entry.bytes),
      ("%.1f s"):format((entry.ended or karun.now()) - entry.began))
  end
  lines[#lines + 1] = in_words(self:figures())
  return table.concat(lines, "\n")
end

-- 4 when something failed, else 0.
function Tally:exit_code()
  return #self.failed > 0 and 4 or 0
end

return M
