-- trace.json in the trace-event format that Perfetto and speedscope open. Complete events of one thread
-- nest; tasks that never overlap share a thread; requests, which overlap freely, have threads of their own.

local clean = require "karun.report.clean"
local json = require "karun.native.json"

local M = {}

local function micro(seconds)
  return math.floor(seconds * 1e6 + 0.5)
end

local function event(thing, started, args)
  local from = micro(thing.start - started)
  return { from = from, to = math.max(from, micro(thing.start + thing.dur - started)), args = args }
end

local function span_event(span, started)
  local out = event(span, started, { song = span.song, track = span.track, phase = span.phase, attempt = span.attempt,
    outcome = span.outcome, level = span.level })
  out.name, out.cat, out.group = span.name, span.phase == span.name and "phase" or "span", span.id
  return out
end

local function op_event(op, started)
  local span = op.span or {}
  local out = event(op, started, { waited_for = op.about, ended = op.outcome, timeout_s = op.timeout ~= math.huge and op.timeout or nil,
    timing = op.timing, line = op.line, song = span.song, track = span.track, phase = span.phase, level = "operation" })
  out.name, out.cat, out.group = op.name, op.kind, op.id
  return out
end

-- Puts groups (tasks, or single requests) on as few threads as hold them without overlap -> tid of each.
local function assign(groups, first)
  local list = {}
  for id, group in pairs(groups) do
    list[#list + 1] = { id = id, from = group.from, to = group.to }
  end
  table.sort(list, function(a, b)
    if a.from ~= b.from then return a.from < b.from end
    return a.to > b.to
  end)
  local free, tid_of, count = {}, {}, 0
  for _, group in ipairs(list) do
    local place
    for i = 1, count do
      if free[i] <= group.from then place = i break end
    end
    if not place then
      count = count + 1
      place = count
    end
    free[place] = group.to
    tid_of[group.id] = first + place - 1
  end
  return tid_of, count
end

local function extents(events)
  local groups = {}
  for _, one in ipairs(events) do
    local group = groups[one.group]
    if not group then
      groups[one.group] = { from = one.from, to = one.to }
    else
      group.from, group.to = math.min(group.from, one.from), math.max(group.to, one.to)
    end
  end
  return groups
end

-- A child that ends later than its parent (by a clock's step) is cut to it.
local function nest(events)
  table.sort(events, function(a, b)
    if a.tid ~= b.tid then return a.tid < b.tid end
    if a.from ~= b.from then return a.from < b.from end
    if a.to ~= b.to then return a.to > b.to end
    return (a.cat == "phase" or a.cat == "span") and not (b.cat == "phase" or b.cat == "span")
  end)
  local stack, tid = {}, nil
  for _, one in ipairs(events) do
    if one.tid ~= tid then stack, tid = {}, one.tid end
    while #stack > 0 and stack[#stack].to <= one.from do
      stack[#stack] = nil
    end
    local parent = stack[#stack]
    if parent and one.to > parent.to then one.to = parent.to end
    stack[#stack + 1] = one
  end
end

local function named(tid, name)
  return json.encode { name = "thread_name", ph = "M", pid = 1, tid = tid, args = { name = name } }
end

-- The file's text. record: what karun.trace kept; samples: memory and cpu.
function M.text(record, samples, title)
  local events, requests = {}, {}
  for _, span in ipairs(record.spans) do
    events[#events + 1] = span_event(span, record.started)
  end
  for _, list in ipairs { record.ops, record.long } do
    for _, op in ipairs(list) do
      events[#events + 1] = op_event(op, record.started)
    end
  end
  for i, request in ipairs(record.requests) do
    local out = event(request, record.started, { status = request.status, failed = request.failed, method = request.method })
    out.name, out.cat, out.group = request.url, "request", i
    requests[#requests + 1] = out
  end
  local tids, tasks = assign(extents(events), 1)
  local request_tids, lanes = assign(extents(requests), tasks + 1)
  for _, one in ipairs(events) do one.tid = tids[one.group] end
  for _, one in ipairs(requests) do one.tid = request_tids[one.group] end
  table.move(requests, 1, #requests, #events + 1, events)
  nest(events)
  local lines = { json.encode { name = "process_name", ph = "M", pid = 1, tid = 1, args = { name = title } } }
  for tid = 1, tasks do lines[#lines + 1] = named(tid, tid == 1 and "main" or "task " .. tid) end
  for lane = 1, lanes do lines[#lines + 1] = named(tasks + lane, "requests " .. lane) end
  for _, one in ipairs(events) do
    lines[#lines + 1] = json.encode(clean.value { name = one.name, cat = one.cat, ph = "X", ts = one.from, dur = one.to - one.from,
      pid = 1, tid = one.tid, args = one.args })
  end
  for _, sample in ipairs(samples) do
    lines[#lines + 1] = json.encode { name = "memory", ph = "C", pid = 1, tid = 1, ts = micro(sample.at_s),
      args = { karun = sample.karun, browser = sample.browser } }
  end
  return '{"displayTimeUnit":"ms","traceEvents":[\n' .. table.concat(lines, ",\n") .. "\n]}\n"
end

return M
