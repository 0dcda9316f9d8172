-- karun.run: what a flow says about its run, for the report, run.json and the status line. Everything here
-- works outside of a run too (in tests), where nothing is written.
--
--   local run = require "karun.run"
--   run.phase("login", function() … end)
--   local song = run.song { name = "Title", artist = "…", url = "…", number = 1, count = 5, tracks = 11 }
--   song:phase("open", function() … end)
--   local track = song:track { name = "Bass", number = 3, index = 2 }
--   track:phase("solo", { attempt = 1 }, function(span) … end)   -- answers the function's results
--   track:received(bytes, total)                                  -- while a file comes
--   track:done { path = "…", bytes = 123 }   track:skip("there already")   track:fail(err, { page =, next = "…" })
--   song:done()   song:skip(why)   song:fail(err, { page = })
--   run.failure(err, page, { song =, track =, next = })  -- keeps screenshot, DOM, console, protocol; answers the folder
--   run.note(text)                                                -- one line of the report
--   run.sound { song = "Title", labels = { "Bass", … }, rows = { { 1, 0.01 }, … } } -- which file holds which track
--   run.again { kind = "wrong_mix", why = "…", track = }            -- a step that is done again
--   run.press { what = "solo", why = "button still unlit", track = }   -- a press that had to be repeated
--   run.drift { selectors = { … }, matched = 2, key = "download.link" } -- a selector that was not the first
--
-- Phases may run in other tasks than the one that made song or track, and at the same time.

local clean = require "karun.report.clean"
local fault = require "karun.error"
local known = require "karun.known"
local log = require "karun.log"
local native = require "karun.native.task"
local term = require "karun.term"
local trace = require "karun.trace"

local M = {}

local seen              -- { text, failure }: kept when an error left a browser's block, in case nobody catches it
local current           -- { songs, failures, notes, presses, drifts, listeners }

local function fresh()
  return { songs = {}, failures = {}, notes = {}, presses = {}, drifts = {}, sounds = {}, listeners = {} }
end

current = fresh()

-- What was said so far (run_life and the report read it).
function M.data()
  return current
end

function M.reset()
  current, seen = fresh(), nil
  return current
end

-- fn(event, thing) hears "song", "track", "failure", "note", "press", "drift" as they are said or end.
function M.listen(fn)
  current.listeners[#current.listeners + 1] = fn
end

local function tell(event, thing)
  for _, fn in ipairs(current.listeners) do
    fn(event, thing)
  end
end

local told = setmetatable({}, { __mode = "k" }) -- error object -> its failure

local function at()
  local record = trace.recording()
  return record and native.now() - record.started or 0
end

-- ---- phases ----

local function phase_of(name, fields, fn)
  if type(fields) == "function" then fields, fn = nil, fields end
  if not trace.is_phase[name] then
    fault.raise("usage", ("there is no phase `%s`; they are %s"):format(tostring(name), table.concat(trace.phases, ", ")))
  end
  local out = {}
  for key, value in pairs(fields or {}) do
    out[key] = value
  end
  return out, fn
end

-- As karun.span, for the names of trace.phases only.
function M.phase(name, fields, fn, ...)
  local args = table.pack(...)
  if type(fields) == "function" then
    args = table.pack(fn, ...)
    fields, fn = nil, fields
  end
  fields, fn = phase_of(name, fields, fn)
  term.progress { phase = name }
  return trace.span(name, fields, function(span)
    if args.n > 0 then return fn(table.unpack(args, 1, args.n)) end
    return fn(span)
  end)
end

-- Seconds of each phase so far, as recorded: { name -> seconds }; what went on at the same time counts once.
function M.phase_seconds()
  local intervals = require "karun.report.intervals"
  local record, pieces, out = trace.recording(), {}, {}
  for _, span in ipairs(record and record.spans or {}) do
    if trace.is_phase[span.name] and span.dur then
      pieces[span.name] = pieces[span.name] or {}
      table.insert(pieces[span.name], { span.start, span.start + span.dur })
    end
  end
  for name, list in pairs(pieces) do
    out[name] = math.floor(intervals.length(intervals.union(list)) * 1000 + 0.5) / 1000
  end
  return out
end

-- ---- songs and tracks ----

local Item = {}
local Song = { __name = "karun.run.song" }
local Track = { __name = "karun.run.track" }

local STATUS = { "status", "why", "error", "ended_s" }

local function ended(item, status, fields)
  if item.status then return end
  for key, value in pairs(fields or {}) do
    item[key] = value
  end
  item.status, item.ended_s = status, at()
  tell(item.kind, item)
end

function Item:done(fields)
  ended(self, "done", fields)
end

function Item:skip(why)
  ended(self, "skipped", { why = why })
end

-- opts: page (its picture is kept), next (what a person can do).
function Item:fail(err, opts)
  opts = known.check(opts, { "page", "next" }, "fail")
  local is_track = self.kind == "track"
  local failure = M.failure(err, opts.page, { song = is_track and self.song.name or self.name,
    track = is_track and self.name or nil, next = opts.next })
  ended(self, "failed", { error = failure.message, failure = failure.number })
  return failure
end

function Song:phase(name, fields, fn)
  fields, fn = phase_of(name, fields, fn)
  fields.song = self.name
  term.progress { phase = name, song = self.number, songs = self.count, song_name = self.name }
  return trace.span(name, fields, fn)
end

function Track:phase(name, fields, fn)
  fields, fn = phase_of(name, fields, fn)
  local song = self.song
  fields.song, fields.track = song.name, self.name
  term.progress { phase = name, song = song.number, songs = song.count, song_name = song.name,
    track = self.number, tracks = song.tracks_count, track_name = self.name }
  return trace.span(name, fields, fn)
end

-- Bytes of the file that is coming.
function Track:received(received, total)
  self.got, self.total = received, total
  term.progress { received = received, total = total }
end

known.class("a song of the run", Song, { "artist", "url", "number", "count", "tracks_count", "bytes", "path", "failure",
  table.unpack(STATUS) })
known.class("a track of the run", Track, { "index", "number", "bytes", "path", "failure", "got", "total", "verdict",
  table.unpack(STATUS) })
for name, fn in pairs(Item) do
  Song[name], Track[name] = fn, fn
end

local function named(what, fields, names)
  known.check(fields, names, what)
  if type(fields) ~= "table" or type(fields.name) ~= "string" then
    fault.raise("usage", what .. " wants at least { name = text }")
  end
end

-- tracks: how many there are.
function M.song(fields)
  named("run.song", fields, { "name", "artist", "url", "number", "count", "tracks" })
  local song = setmetatable({ kind = "song", name = fields.name, artist = fields.artist, url = fields.url,
    number = fields.number or #current.songs + 1, count = fields.count, tracks_count = fields.tracks, tracks = {},
    began_s = at() }, Song)
  current.songs[#current.songs + 1] = song
  term.progress { song = song.number, songs = song.count, song_name = song.name, track = "", tracks = "", track_name = "", phase = "" }
  tell("song", song)
  return song
end

function Song:track(fields)
  named("song:track", fields, { "name", "index", "number" })
  local track = setmetatable({ kind = "track", song = self, name = fields.name, index = fields.index,
    number = fields.number or #self.tracks + 1, began_s = at() }, Track)
  self.tracks[#self.tracks + 1] = track
  tell("track", track)
  return track
end

-- ---- what else is told ----

-- An error leaves the block that holds a browser: what the page shows now is kept, for the run's end
-- (browser/witness.lua). Answers what was kept, or nil when there was something already.
function M.see(err, page)
  if not trace.recording() or told[err] or seen then return end
  local failure = { name = "uncaught", number = 0 }
  seen = { text = tostring(fault.of(err)), failure = failure }
  require("karun.report.failure").keep(failure, fault.of(err), page)
  return failure
end

-- The error that ended the run, uncaught.
function M.uncaught(err)
  if told[err] then return end
  local mine = seen and seen.text == tostring(err) and seen.failure
  local failure = M.failure(err, nil, nil, mine)
  return failure
end

-- A script's own words may be any bytes; the report takes only text.
local function readable(text)
  local from = 1
  while true do
    local fine, bad = utf8.len(text, from)
    if fine then return text end
    text = text:sub(1, bad - 1) .. "?" .. text:sub(bad + 1)
    from = bad + 1
  end
end

-- Keeps what can be seen of a failure; the flow goes on or raises as it likes.
function M.failure(err, page, fields, kept)
  fields = known.check(fields, { "song", "track", "next", "phase" }, "run.failure")
  err = fault.of(err)
  if told[err] then return told[err] end
  local span = trace.current()
  local failure = {
    number = #current.failures + 1, at_s = at(), kind = err.kind, message = readable(clean.text(tostring(err))), next = fields.next,
    song = fields.song or span and span.song, track = fields.track or span and span.track,
    phase = fields.phase or span and span.phase,
  }
  current.failures[failure.number], told[err] = failure, failure
  if kept then
    failure.folder, failure.url, failure.line = kept.folder, kept.url, kept.line
  elseif trace.recording() then
    require("karun.report.failure").keep(failure, err, page)
  end
  log.debug("failure: " .. failure.message, { song = failure.song, track = failure.track })
  tell("failure", failure)
  return failure
end

function M.note(text)
  local note = { at_s = at(), text = clean.text(tostring(text)) }
  current.notes[#current.notes + 1] = note
  log.info(note.text)
  tell("note", note)
end

function M.press(fields)
  known.check(fields, { "what", "why", "song", "track", "waited" }, "run.press")
  local span = trace.current()
  local press = { at_s = at(), what = fields.what, why = fields.why, waited_s = fields.waited, phase = span and span.phase,
    song = fields.song or span and span.song, track = fields.track or span and span.track }
  current.presses[#current.presses + 1] = press
  log.debug(("pressed again: %s (%s)"):format(press.what or "", press.why or ""), { track = press.track })
  tell("press", press)
end

-- What the files of a song tell about each other: rows[i][j] says how much of track j is in file i. A
-- later matrix of the same song takes the place of the earlier one.
function M.sound(fields)
  known.check(fields, { "song", "labels", "rows" }, "run.sound")
  for i, sound in ipairs(current.sounds) do
    if sound.song == fields.song then
      current.sounds[i] = fields
      return
    end
  end
  current.sounds[#current.sounds + 1] = fields
end

-- A step that is done again: { kind = error kind, why, song, track }.
function M.again(fields)
  known.check(fields, { "kind", "why", "song", "track" }, "run.again")
  M.press { what = fields.kind, why = fields.why, song = fields.song, track = fields.track }
end

-- The same drift is told once. `key` is the entry of the site table, where known.
function M.drift(fields)
  known.check(fields, { "selectors", "matched", "key", "line" }, "run.drift")
  local first, used = fields.selectors[1], fields.selectors[fields.matched]
  for _, drift in ipairs(current.drifts) do
    if drift.wanted == first and drift.used == used then
      drift.times = drift.times + 1
      return
    end
  end
  local drift = { wanted = first, used = used, selectors = fields.selectors, key = fields.key, times = 1,
    line = fields.line or fault.where() }
  current.drifts[#current.drifts + 1] = drift
  log.debug(("selector drift: %s does not match, %s does"):format(first, used), { site_key = fields.key })
  tell("drift", drift)
end

return M
