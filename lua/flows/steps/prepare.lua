-- Preparing: mixes that are usual with the archive's owner are built before they are asked for, when
-- nothing else is, and wait in the cache. Nothing is filed by that. A mix that is asked for later is served
-- from there, proven by its hash.

local karun = require "karun"
local entries = require "steps.entries"
local line = require "steps.line"
local mix = require "steps.mix"
local prepared = require "karun.prepared"
local retry = require "steps.retry"
local song = require "steps.song"
local telling = require "karun.run"
local transfer = require "steps.transfer"
local log = karun.log

local M = {}

function M.open(run)
  run.cache = { asked = 0, hits = 0, saved_s = 0, prepared = 0, files = prepared.open(run.timing.cache.max_size) }
  run.served = M.served
  function run.keep_prepared(_, entry, file)
    run.cache.files:put(entry.item, file.path, file)
    run.cache.prepared = run.cache.prepared + 1
    log.info(("prepared: %s: %s"):format(entry.item.title, entry.track.name))
  end
end

function M.close(run)
  if run.cache then run.cache.files:close() end
end

-- Puts what the cache has in place -> the entries that are still due.
function M.served(work, due)
  local run, rest = work.run, {}
  for _, entry in ipairs(due) do
    local found, is_broken
    if entry.track.mix then
      run.cache.asked = run.cache.asked + 1
      found, is_broken = run.cache.files:find(entry.item)
    end
    if is_broken then
      log.warn(("%s: the prepared file did not stand up to its hash; ordered afresh"):format(entry.track.name))
    end
    if found then
      local file = { path = ("%s/%s-cache-%d.mp3"):format(run.staging, work.id, #rest + run.cache.hits), label = found.label,
        duration_s = found.duration_s, took_s = 0, name = entry.track.name, margin = 0, levels = {} }
      karun.file.copy(found.path, file.path)
      entry.from = "cache"
      run.cache.hits, run.cache.saved_s = run.cache.hits + 1, run.cache.saved_s + (found.took_s or 0)
      line.put_in_place(work, entry, file)
    else
      rest[#rest + 1] = entry
    end
  end
  return rest
end

-- The usual mixes that this song lacks, as entries.
local function lacking(work)
  local run, due = work.run, {}
  for _, item in ipairs(run.archive:usual(run.site.name, run.timing.cache.usual)) do
    local ok, subject = karun.try(mix.resolve, work.rows, mix.of_item(item), work.song) -- not every song has these tracks
    if ok and subject.item == item then
      subject.shown = subject.name
      local entry = entries.new(work, subject)
      if not run.archive:find(entry.item) and not run.cache.files:has(entry.item) then due[#due + 1] = entry end
    end
  end
  return due
end

-- Builds them, one after the other, into the cache.
function M.song(work)
  local run = work.run
  run.is_preparing = true
  local ok, err = karun.try(function()
    song.look(work)
    transfer.guard(run, work.page)
    line.pass(work, lacking(work))
  end)
  run.is_preparing = nil
  if not ok then
    if retry.fatal[err.kind] then error(err) end
    log.info(("nothing was prepared for %s: %s"):format(work.url, err.message))
  end
  for _, failure in ipairs(work.failed) do
    log.info(("not prepared: %s: %s"):format(failure.entry.track.name, failure.err.message))
  end
end

-- What the cache did for this run, into the report.
function M.tell(run)
  local cache = run.cache
  if cache.asked > 0 then
    telling.note(("prepared mixes: %d of %d asked for came from the cache (%.0f %%), %.1f s saved"):format(cache.hits, cache.asked,
      100 * cache.hits / cache.asked, cache.saved_s))
  end
  if cache.prepared > 0 then
    local n, bytes = cache.files:size()
    telling.note(("%d mixes prepared; the cache holds %d files, %.1f MB"):format(cache.prepared, n, bytes / 1e6))
  end
end

return M
