-- What is done again, how often, and after which rest: the one policy of all downloads.
--
-- At once: a step that failed by chance, up to `retry.tries` times, each rest longer than the last.
-- After the song: what is left, once more. At the end of the run: what is left of all songs, once more.
-- Each second attempt is taken from two budgets, the song's and the run's. Numbers: `karun timing retry`.

local karun = require "karun"

local M = {}

local function set(...)
  local out = {}
  for _, kind in ipairs { ... } do
    out[kind] = true
  end
  return out
end

-- Kinds that end the run, not the track.
M.fatal = set("human_needed", "auth", "disk", "locked", "interrupted", "cancelled", "internal", "browser_gone", "usage",
  "config")
-- Kinds that another attempt cannot mend.
M.final = set("not_purchased", "human_needed", "auth", "disk", "path", "locked", "usage", "config", "interrupted",
  "cancelled", "internal", "browser_gone", "not_found")
-- Kinds whose cause may be a mix that came too late for the order: done again with a longer phase 2.
M.late = set("wrong_mix", "duplicate_content")
-- Kinds that say something about the song, nothing about the site's health.
local of_the_song = set("not_purchased", "not_found")

-- Seconds before attempt n + 1; what a server asks with Retry-After goes first.
function M.rest(run, err, n)
  local timing = run.timing.retry
  if err.retry_after then return math.min(err.retry_after, timing.max_delay) end
  local rest = timing.delay * timing.factor ^ (n - 1)
  return math.min(rest, timing.max_delay) * (1 + timing.jitter * (2 * math.random() - 1))
end

-- Is there another attempt at this failure? Taken from both budgets when there is.
function M.may(run, work, err)
  if M.final[err.kind] or err.status == 404 then return false end
  local timing = run.timing.retry
  if work.retries >= timing.per_song or run.tally.retries >= timing.per_run then return false end
  work.retries, run.tally.retries = work.retries + 1, run.tally.retries + 1
  return true
end

-- For what happens before anything is pressed, as karun.retry takes it.
function M.options(run, kinds)
  local timing = run.timing
  return {
    tries = timing.open.tries, delay = timing.retry.delay, factor = timing.retry.factor,
    max_delay = timing.retry.max_delay, jitter = timing.retry.jitter, on = kinds,
  }
end

-- A song is over: `err` is what it failed by when nothing of it was done. Enough of these in a row stop
-- the run: the reason, or nil.
function M.song_over(run, err)
  if not err then
    run.failed_in_row = 0
    return nil
  end
  if of_the_song[err.kind] or err.status == 404 then return nil end
  run.failed_in_row = (run.failed_in_row or 0) + 1
  if run.failed_in_row < run.timing.retry.songs_in_row then return nil end
  return ("%d songs in a row failed wholly, the last one by %s: %s"):format(run.failed_in_row, err.kind,
    (tostring(err.message):match("^[^\n]*")))
end

-- An error for what the run did not come to.
function M.not_tried(reason)
  return karun.error("cancelled", "not tried: " .. reason, { where = false })
end

return M
