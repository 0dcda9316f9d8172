-- journal.jsonl of a run that goes on: what is needed to make its report although it was killed. One line
-- when a phase begins or ends, when something is told, and now and then a sample. Locked while its run
-- lives; gone when the report is written.

local clean = require "karun.report.clean"
local json = require "karun.native.json"
local run = require "karun.run"
local trace = require "karun.trace"

local M = {}

local Journal = {}
Journal.__index = Journal

local function put(self, what, fields)
  fields.what = what
  local ok, text = pcall(json.encode, clean.value(fields))
  if ok then self.file:write(text, "\n") end
end

-- The parts of a span that a report needs.
function M.span(span, started)
  return { name = span.name, start_s = span.start - started, dur_s = span.dur or nil, song = span.song, track = span.track,
    phase = span.phase, attempt = span.attempt, outcome = span.outcome, level = span.level }
end

local TOLD = {
  song = function(song)
    return { name = song.name, artist = song.artist, url = song.url and clean.url(song.url), number = song.number,
      status = song.status, why = song.why, error = song.error }
  end,
  track = function(track)
    return { name = track.name, index = track.index, number = track.number, song = track.song.number, status = track.status,
      why = track.why, error = track.error, bytes = track.bytes, path = track.path }
  end,
}

local function copy(thing)
  local out = {}
  for key, value in pairs(thing) do
    if type(value) ~= "function" then out[key] = value end
  end
  return out
end

function M.open(life)
  local path = life.path .. "/journal.jsonl"
  local file = io.open(path, "w")
  local self = setmetatable({ path = path, file = file or { write = function() end, close = function() end } }, Journal)
  if file then
    file:setvbuf("line")
    local ok, lock = pcall(require("karun.native.file").lock, path)
    self.lock = ok and lock
  end
  put(self, "run", { id = life.id, flow = life.flow, started_at = life.started_at })
  trace.listen(function(event, span)
    if span.phase == span.name or event == "end" and span.level == "component" then
      put(self, event, M.span(span, life.started))
    end
  end)
  run.listen(function(event, thing)
    put(self, event, (TOLD[event] or copy)(thing))
  end)
  return self
end

-- One sample of memory and time (the report of a killed run has few of them).
function Journal:sample(sample)
  put(self, "sample", copy(sample))
end

function Journal:remove()
  self.file:close()
  if self.lock then self.lock:close() end
  os.remove(self.path)
end

return M
