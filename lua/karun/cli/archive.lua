-- karun archive: what was downloaded so far: listed, proven, forgotten, counted.

local archive = require "karun.archive"
local fault = require "karun.error"
local known = require "karun.known"
local units = require "karun.units"

local M = {}

local verbs = {}

local function say(context, text)
  context.stdout:write(text, "\n")
end

local function answer(context, values, value, lines)
  if values.json then
    value.schema = 1
    return say(context, require("karun.json").encode(value, { pretty = true }))
  end
  for _, line in ipairs(lines) do
    say(context, line)
  end
end

local function list_of(rows)
  return require("karun.json").array(rows)
end

local function settings_of(row)
  return (row.key ~= 0 and (" (%+d)"):format(row.key) or "") .. (row.count_in == 1 and " (count-in)" or "")
end

-- The rows whose song or file is meant: an address, a part of artist, title or path; any case.
local function meant(record, words)
  local out = {}
  for _, row in ipairs(record:done()) do
    local fits = #words == 0
    for _, word in ipairs(words) do
      local text = ("%s - %s\n%s\n%s"):format(row.artist or "", row.title or "", row.song, row.path):lower()
      local wanted = (word:match("^https?://[^/]+([^?#]*)") or word):lower()
      fits = fits or text:find(wanted, 1, true) ~= nil
    end
    if fits then out[#out + 1] = row end
  end
  return out
end

-- ---- list ----

function verbs.list(record, values, words, context)
  local rows, lines, last = meant(record, words), {}, nil
  for i, row in ipairs(rows) do
    local song = ("%s - %s%s"):format(row.artist or "?", row.title or row.song, settings_of(row))
    if song ~= last then lines[#lines + 1] = song end
    last = song
    lines[#lines + 1] = ("  %s  %s  %s"):format(row.name or row.item, units.show_size(row.size), row.path)
    rows[i] = { site = row.site, song = row.song, artist = row.artist, title = row.title, item = row.item, name = row.name,
      key = row.key, count_in = row.count_in == 1, path = row.path, size_bytes = row.size, sha256 = row.sha256,
      done_at = row.done_at, duration_s = row.duration_s, took_s = row.took_s }
  end
  lines[#lines + 1] = ("%d files"):format(#rows)
  answer(context, values, { files = list_of(rows) }, lines)
  return 0
end

-- ---- verify ----

local function state_of(file, row)
  local stat = file.stat(row.path)
  if not stat or stat.type ~= "file" then return "missing" end
  if stat.size ~= row.size or file.sha256(row.path) ~= row.sha256 then return "changed" end
  return "ok"
end

-- A folder's manifests tell of files that the archive does not know (any more): taken up when the bytes are
-- what the manifest says.
local function take_up(record, file, folder)
  local taken = {}
  for _, path in ipairs(file.glob(folder .. "/**/*manifest.json")) do
    local ok, found = fault.try(function()
      return require("karun.json").decode(file.read(path))
    end)
    if ok and type(found) == "table" and found.made_by == "karun" and found.schema == 1 then
      local beside = file.split(path)
      for _, track in ipairs(found.tracks) do
        local song = found.song
        local item = { site = found.site, song = song.id, item = track.item, key = song.key, count_in = song.count_in,
          artist = song.artist, title = song.title, name = track.name }
        local there = file.join(beside, track.file)
        local stat = file.stat(there)
        if not record:find(item) and stat and stat.type == "file" and stat.size == track.size_bytes
          and file.sha256(there) == track.sha256 then
          record:record(item, { path = there, size = stat.size, sha256 = track.sha256, duration_s = track.duration_s })
          taken[#taken + 1] = there
        end
      end
    end
  end
  return taken
end

function verbs.verify(record, values, folders, context)
  local file = require "karun.file"
  local taken = {}
  for _, folder in ipairs(folders) do
    local stat = file.stat(folder)
    if not stat or stat.type ~= "directory" then fault.raise("usage", "there is no folder " .. folder, { where = false }) end
    local found = take_up(record, file, (folder:gsub("(.)/+$", "%1")))
    table.move(found, 1, #found, #taken + 1, taken)
  end
  local counts, bad, lines = { ok = 0, missing = 0, changed = 0 }, {}, {}
  for _, row in ipairs(record:done()) do
    local state = state_of(file, row)
    counts[state] = counts[state] + 1
    if state ~= "ok" then
      bad[#bad + 1] = { state = state, path = row.path, song = row.song, name = row.name }
      lines[#lines + 1] = ("%s: %s (%s: %s)"):format(state, row.path, row.title or row.song, row.name or row.item)
    end
  end
  if #taken > 0 then lines[#lines + 1] = ("%d files taken up from manifests"):format(#taken) end
  lines[#lines + 1] = ("%d right, %d missing, %d changed%s"):format(counts.ok, counts.missing, counts.changed,
    #bad > 0 and "; the next download fetches what is missing, `karun archive forget --missing` drops it" or "")
  answer(context, values, { ok = counts.ok, missing = counts.missing, changed = counts.changed, bad = list_of(bad),
    taken_up = list_of(taken) }, lines)
  return #bad > 0 and 4 or 0
end

-- ---- forget ----

function verbs.forget(record, values, words, context)
  local file = require "karun.file"
  if values.margins then record:drop_kept() end
  if #words == 0 and not values.missing and not values.all then
    if values.margins then
      answer(context, values, { forgotten = 0, margins = true }, { "margins forgotten" })
      return 0
    end
    fault.raise("usage", "name what to forget: a song's address or words of it, --missing, --margins, or --all", { where = false })
  end
  local rows = {}
  for _, row in ipairs(meant(record, words)) do
    if not values.missing or not file.exists(row.path) then rows[#rows + 1] = row end
  end
  if values.all and not values.missing and #words == 0 and #rows > 0 and not values.force then
    fault.raise("usage", ("this would forget all %d files (the files themselves stay); say --force"):format(#rows), { where = false })
  end
  local lines = {}
  for i, row in ipairs(rows) do
    record:forget { site = row.site, song = row.song, item = row.item, key = row.key, count_in = row.count_in == 1 }
    lines[i] = ("forgotten: %s: %s (%s)"):format(row.title or row.song, row.name or row.item, row.path)
  end
  lines[#lines + 1] = ("%d forgotten; files stay where they are"):format(#rows)
  answer(context, values, { forgotten = #rows }, lines)
  return 0
end

-- ---- stats ----

local SUMS = { "songs", "attempted", "done", "skipped", "failed", "retries", "bytes", "asked_mixes", "cache_hits", "saved_s",
  "prepared", "wall_s" }

local function decoded(text)
  local ok, value = fault.try(require("karun.json").decode, text or "")
  return ok and type(value) == "table" and value or {}
end

local function summed(rows)
  local total = { runs = #rows, phases_s = {} }
  for _, name in ipairs(SUMS) do
    total[name] = 0
  end
  for _, row in ipairs(rows) do
    for _, name in ipairs(SUMS) do
      total[name] = total[name] + row[name]
    end
    for name, seconds in pairs(decoded(row.phases)) do
      total.phases_s[name] = (total.phases_s[name] or 0) + seconds
    end
  end
  total.success_rate = total.attempted > 0 and total.done / total.attempted or nil
  total.track_s = total.done > 0 and total.wall_s / total.done or nil
  total.hit_rate = total.asked_mixes > 0 and total.cache_hits / total.asked_mixes or nil
  return total
end

local function run_line(row)
  return ("%s  attempted %3d  done %3d  failed %3d  %9s  %7.1f s%s"):format(os.date("%Y-%m-%d %H:%M", math.floor(row.started_at)),
    row.attempted, row.done, row.failed, units.show_size(row.bytes), row.wall_s,
    row.done > 0 and ("  %.1f s a track"):format(row.wall_s / row.done) or "")
end

function verbs.stats(record, values, _, context)
  local rows = record:runs()
  local total, lines = summed(rows), {}
  for i = math.max(1, #rows - 19), #rows do
    lines[#lines + 1] = run_line(rows[i])
  end
  lines[#lines + 1] = ("%d runs: attempted %d, done %d, failed %d%s; %s in %.1f s"):format(#rows, total.attempted, total.done,
    total.failed, total.success_rate and (" (%.0f %% right)"):format(100 * total.success_rate) or "",
    units.show_size(total.bytes), total.wall_s)
  local phases = {}
  for _, name in ipairs(require("karun.trace").phases) do
    local seconds = total.phases_s[name]
    if seconds and total.done > 0 then phases[#phases + 1] = ("%s %.1f s"):format(name, seconds / total.done) end
  end
  if #phases > 0 then lines[#lines + 1] = "a track, by phase: " .. table.concat(phases, ", ") end
  if total.hit_rate then
    lines[#lines + 1] = ("prepared mixes: %d of %d asked for came from the cache (%.0f %%), %.1f s saved"):format(total.cache_hits,
      total.asked_mixes, 100 * total.hit_rate, total.saved_s)
  end
  for _, row in ipairs(rows) do
    row.phases = decoded(row.phases)
  end
  answer(context, values, { total = total, runs = list_of(rows) }, lines)
  return 0
end

function M.run(values, args, context)
  local words = table.move(args, 1, #args, 1, {})
  local verb = table.remove(words, 1)
  if not verbs[verb or ""] then
    fault.raise("usage", verb and ("karun archive has no `%s`%s"):format(verb, known.hint(verb, { "list", "verify", "forget",
      "stats" })) or "say what: karun archive list, verify, forget or stats", { where = false })
  end
  local record <close> = archive.open()
  return verbs[verb](record, values, words, context)
end

return M
