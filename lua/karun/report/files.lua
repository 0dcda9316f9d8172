-- The files of a run's folder, written whole at its end; and how they are read back.

local clean = require "karun.report.clean"
local fault = require "karun.error"
local json = require "karun.native.json"
local model = require "karun.report.model"
local native_log = require "karun.native.log"
local settings = require "karun.settings"

local M = {}

-- Beside, then renamed; plain calls, so that it works at the end of an interrupted run.
function M.put(path, text)
  local file = io.open(path .. ".new", "wb")
  if not file then fault.raise("disk", "cannot write " .. path, { path = path }) end
  local ok, why = file:write(text)
  ok = file:close() and ok
  if not ok then fault.raise("disk", ("cannot write %s: %s"):format(path, tostring(why)), { path = path }) end
  os.rename(path .. ".new", path)
end

local function plain_spans(record)
  local out = {}
  for _, span in ipairs(record and record.spans or {}) do
    out[#out + 1] = { name = span.name, start_s = span.start - record.started, dur_s = span.dur, song = span.song,
      track = span.track, phase = span.phase, attempt = span.attempt, outcome = span.outcome }
  end
  return out
end

local function plain_ops(record)
  local out = {}
  for _, list in ipairs { record and record.ops or {}, record and record.long or {} } do
    for _, op in ipairs(list) do
      local span = op.span or {}
      out[#out + 1] = { kind = op.kind, name = op.name, start_s = op.start - record.started, dur_s = op.dur, inner = op.inner,
        outcome = op.outcome, about = op.about, line = op.line, site = op.site, timing = op.timing,
        timeout = op.timeout ~= math.huge and op.timeout or nil, song = span.song, track = span.track, phase = span.phase }
    end
  end
  return out
end

local function plain_requests(record)
  local out = {}
  for _, request in ipairs(record and record.requests or {}) do
    out[#out + 1] = { start_s = request.start - record.started, dur_s = request.dur }
  end
  return out
end

local function totals(record)
  local list = {}
  for _, kinds in pairs(record and record.totals or {}) do
    for _, total in pairs(kinds) do
      list[#list + 1] = { kind = total.kind, name = total.name, count = total.count, sum_s = total.sum, max_s = total.max }
    end
  end
  table.sort(list, function(a, b) return a.sum_s > b.sum_s end)
  return table.move(list, 1, math.min(#list, 40), 1, json.array {})
end

local function timings()
  local out = {}
  local book = settings.timing_book()
  for name, entry in pairs(book.entries) do
    out[name] = entry.value
  end
  return out
end

-- What is the same for a run that ended and one that was killed.
function M.meta(fields)
  local machine = io.open("/proc/sys/kernel/osrelease")
  local release = machine and machine:read("l")
  if machine then machine:close() end
  fields.environment = { karun = native_log.version, lua = _VERSION, kernel = release, browser = fields.browser }
  return fields
end

local function input_of(life, result)
  local words, record = life.words, result.record
  return {
    wall_s = result.wall_s, spans = plain_spans(record), ops = plain_ops(record), requests = plain_requests(record),
    songs = words.songs, failures = words.failures, presses = words.presses, drifts = words.drifts, notes = words.notes, sounds = words.sounds,
    samples = life.samples, network = record and #record.requests or 0, totals = totals(record), dropped = record and record.dropped or 0,
    meta = M.meta { id = life.id, flow = life.flow, args = table.move(life.args, 1, #life.args, 1, {}), started = result.started, ended = result.ended,
      exit_code = result.exit_code, counts = result.counts, timings = timings(), recorded = record ~= nil },
  }
end

local LISTS = {
  "songs", "failures", "presses", "drifts", "notes", "samples", "slow_waits", "components", "run_spans", "args",
}

-- The failures' pictures as base64, by number.
function M.pictures(path, built)
  local out = {}
  for _, failure in ipairs(built.failures) do
    local file = failure.folder and io.open(path .. "/" .. failure.folder .. "/small.jpg", "rb")
    if file then
      out[failure.number] = require("karun.native.base64").encode(file:read("a"))
      file:close()
    end
  end
  return out
end

-- run.json and report.html in `path`.
function M.write_model(path, built)
  local out = clean.whole(built)
  for _, name in ipairs(LISTS) do
    out[name] = json.array(out[name] or {})
  end
  for _, song in ipairs(out.songs) do
    song.tracks = json.array(song.tracks or {})
    for _, track in ipairs(song.tracks) do track.spans = json.array(track.spans or {}) end
  end
  M.put(path .. "/run.json", json.encode(out, true) .. "\n")
  M.put(path .. "/report.html", require("karun.report.html").text(out, { pictures = M.pictures(path, out),
    history = require("karun.report.history").of(out) }))
  return out
end

function M.write(life, result)
  M.write_model(life.path, model.build(input_of(life, result)))
  if result.record then
    M.put(life.path .. "/trace.json", require("karun.report.trace_file").text(result.record, life.samples, "karun " .. life.flow))
  end
end

-- The content of a run.json, or nil; nil too when its text does not hold `words` (decoding is dear).
function M.read(path, words)
  local file = io.open(path .. "/run.json", "rb")
  local text = file and file:read("a")
  if file then file:close() end
  if not text or words and not text:find(words, 1, true) then return nil end
  local ok, value = pcall(json.decode, text)
  return ok and type(value) == "table" and value.schema and value or nil
end

return M
