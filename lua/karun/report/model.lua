-- From what was recorded to what is told: the content of run.json, which the report, `compare` and
-- `--advise` read. Seconds count from the run's start; every figure is a union of intervals, so that what
-- went on at the same time is not counted twice.
--
-- Each moment of a run belongs to one of three: the site (a request under way, or a wait for something
-- that only the site can bring), working (protocol calls, files, our own code), waiting (pauses, and waits
-- for anything else). Where several hold, the first of these wins.

local intervals = require "karun.report.intervals"
local trace = require "karun.trace"

local M = { schema = 1 }

local SLOW = 25          -- waits that are listed
local WAITS = 200        -- lengths kept of each timing

local function round(seconds)
  return math.floor(seconds * 10000 + 0.5) / 10000
end

local function piece_of(span)
  return { span.start_s, span.start_s + span.dur_s }
end

-- ---- site, working, waiting ----

local CLASS = { pause = "waiting", wait = "waiting", join = "waiting" }

-- A question that took long waited for its element.
local function class_of(op)
  if op.site then return "site" end
  if op.kind == "ask" then return op.dur_s >= trace.long and "waiting" or "working" end
  return CLASS[op.kind] or "working"
end

local function classes(input)
  local lists = { site = {}, working = {}, waiting = {} }
  for _, request in ipairs(input.requests or {}) do
    table.insert(lists.site, piece_of(request))
  end
  for _, op in ipairs(input.ops or {}) do
    if not op.inner then table.insert(lists[class_of(op)], piece_of(op)) end
  end
  local whole = { { 0, input.wall_s } }
  local out = { site = intervals.both(intervals.union(lists.site), whole) }
  local busy = intervals.without(intervals.union(lists.working), out.site)
  out.waiting = intervals.without(intervals.without(intervals.both(intervals.union(lists.waiting), whole), out.site), busy)
  out.working = intervals.without(intervals.without(whole, out.site), out.waiting)
  return out
end

local function shares(class, union)
  local out = {}
  for name, list in pairs(class) do
    out[name .. "_s"] = round(intervals.length(intervals.both(list, union)))
  end
  return out
end

-- ---- phases, songs, tracks ----

local function phase_unions(spans)
  local lists = {}
  for _, name in ipairs(trace.phases) do
    lists[name] = {}
  end
  for _, span in ipairs(spans) do
    if lists[span.name] then table.insert(lists[span.name], piece_of(span)) end
  end
  for name, list in pairs(lists) do
    lists[name] = intervals.union(list)
  end
  return lists
end

local function lengths(unions)
  local out = {}
  for name, union in pairs(unions) do
    out[name] = round(intervals.length(union))
  end
  return out
end

local function key_of(song, track)
  return (song or "") .. "\0" .. track
end

-- Songs as they were told, and those that only spans know of.
local function gather(input)
  local songs, by_name, tracks = {}, {}, {}
  local function song_of(name, told)
    local song = by_name[name]
    if not song then
      song = { name = name, tracks = {} }
      by_name[name], songs[#songs + 1] = song, song
    end
    for _, field in ipairs { "artist", "url", "number", "status", "why", "error" } do
      song[field] = told and told[field] or song[field]
    end
    return song
  end
  local function track_of(song, name, told)
    local key = key_of(song.name, name)
    local track = tracks[key]
    if not track then
      track = { name = name, spans = {} }
      tracks[key], song.tracks[#song.tracks + 1] = track, track
    end
    for _, field in ipairs { "index", "number", "status", "why", "error", "bytes", "path", "began_s", "ended_s" } do
      track[field] = told and rawget(told, field) or track[field]
    end
    return track
  end
  for _, told in ipairs(input.songs) do
    local song = song_of(told.name, told)
    for _, track in ipairs(told.tracks) do
      track_of(song, track.name, track)
    end
  end
  for _, span in ipairs(input.spans) do
    if span.track and (trace.is_phase[span.name] or not span.phase) then
      local list = track_of(song_of(span.song or ""), span.track).spans
      list[#list + 1] = span
    end
  end
  return songs
end

-- What holds another comes before it, so that both show.
local function by_start(a, b)
  if a.start_s ~= b.start_s then return a.start_s < b.start_s end
  return a.dur_s > b.dur_s
end

local function finish_track(track, class)
  local whole, attempts, phases = {}, 0, {}
  for _, span in ipairs(track.spans) do
    if trace.is_phase[span.name] then
      whole[#whole + 1] = piece_of(span)
      phases[#phases + 1] = { name = span.name, start_s = round(span.start_s), dur_s = round(span.dur_s),
        outcome = span.outcome ~= "ok" and span.outcome or nil, attempt = span.attempt }
      attempts = math.max(attempts, tonumber(span.attempt) or 1)
    end
  end
  table.sort(phases, by_start)
  local union = intervals.union(whole)
  track.dur_s = round(intervals.length(union))
  track.start_s = phases[1] and phases[1].start_s or track.began_s and round(track.began_s) or 0
  track.attempts = attempts > 1 and attempts or nil
  track.phases = lengths(phase_unions(track.spans))
  track.share = shares(class, union)
  track.spans, track.began_s, track.ended_s = phases, nil, nil
  return union
end

local function finish_songs(songs, class)
  for _, song in ipairs(songs) do
    local whole = {}
    for _, track in ipairs(song.tracks) do
      table.move(finish_track(track, class), 1, #track.spans, #whole + 1, whole)
    end
    song.dur_s = round(intervals.length(intervals.union(whole)))
  end
  return songs
end

-- ---- what a component costs, and what to think of it ----

local function verdict(component, wall)
  if component.dur_s < 0.05 * wall and component.dur_s < 5 then return "fine" end
  if component.site_s >= 0.7 * component.dur_s then return "the site's time" end
  if component.waiting_s >= 0.3 * component.dur_s then return "too much waiting" end
  return "our work"
end

local function components(unions, class, wall)
  local out, all = {}, {}
  local function add(name, union)
    local one = shares(class, union)
    one.name, one.dur_s = name, round(intervals.length(union))
    one.share = wall > 0 and round(one.dur_s / wall) or 0
    one.gain_s = round(one.dur_s - one.site_s)
    one.verdict = verdict(one, wall)
    out[#out + 1] = one
  end
  for _, name in ipairs(trace.phases) do
    add(name, unions[name])
    table.move(unions[name], 1, #unions[name], #all + 1, all)
  end
  add("between", intervals.without({ { 0, wall } }, intervals.union(all)))
  return out
end

-- What no client could have gone below: all builds one after the other, the last file's way, and the
-- site's part of signing in and opening.
local function bound(unions, class)
  local function site(name)
    return intervals.both(unions[name], class.site)
  end
  local last = site "download"
  local sum = intervals.length(site "login") + intervals.length(site "open") + intervals.length(site "prepare")
  return round(sum + (last[#last] and last[#last][2] - last[#last][1] or 0))
end

-- ---- waits ----

local function slow_waits(ops)
  local list = {}
  for _, op in ipairs(ops) do
    if not op.inner and op.dur_s >= trace.long and op.kind ~= "protocol" and op.kind ~= "join" then
      list[#list + 1] = { what = op.name, about = op.about, kind = op.kind, start_s = round(op.start_s), dur_s = round(op.dur_s),
        limit_s = op.timeout, timing = op.timing, ended = op.outcome or "came", line = op.line, site = op.site,
        song = op.song, track = op.track, phase = op.phase }
    end
  end
  table.sort(list, function(a, b) return a.dur_s > b.dur_s end)
  return table.move(list, 1, math.min(SLOW, #list), 1, {})
end

-- By the timing that limited them: how long they really took.
local function waits(ops)
  local out = {}
  for _, op in ipairs(ops) do
    local given_up = op.outcome == "cancelled" or op.outcome == "interrupted" -- says nothing about its limit
    if op.timing and not given_up then
      local one = out[op.timing] or { limit_s = op.timeout, n = 0, timeouts = 0, lengths = {}, kind = op.kind }
      out[op.timing] = one
      one.n = one.n + 1
      if op.outcome and op.outcome ~= "ok" then one.timeouts = one.timeouts + 1
      elseif #one.lengths < WAITS then one.lengths[#one.lengths + 1] = round(op.dur_s) end
    end
  end
  return out
end

-- ---- all of it ----

-- input: { wall_s, spans, ops, requests, songs, failures, presses, drifts, notes, samples, totals, dropped, meta }
function M.build(input)
  local class = classes(input)
  local unions = phase_unions(input.spans)
  local model = {
    schema = M.schema, wall_s = round(input.wall_s), phases = lengths(unions), share = shares(class, { { 0, input.wall_s } }),
    components = components(unions, class, input.wall_s), bound_s = bound(unions, class),
    songs = finish_songs(gather(input), class), slow_waits = slow_waits(input.ops or {}), waits = waits(input.ops or {}),
    failures = input.failures, presses = input.presses, drifts = input.drifts, notes = input.notes, sounds = input.sounds,
    samples = input.samples, operations = input.totals, dropped = input.dropped, run_spans = {},
  }
  for _, span in ipairs(input.spans) do
    if not span.track and trace.is_phase[span.name] then
      table.insert(model.run_spans, { name = span.name, song = span.song, start_s = round(span.start_s),
        dur_s = round(span.dur_s), outcome = span.outcome ~= "ok" and span.outcome or nil })
    end
  end
  table.sort(model.run_spans, by_start)
  for name, value in pairs(input.meta or {}) do
    model[name] = value
  end
  return model
end

return M
