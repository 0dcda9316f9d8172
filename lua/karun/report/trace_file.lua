-- trace.json in the trace-event format that Perfetto and speedscope open. Complete events of one thread
-- nest; tasks that never overlap share a thread; requests, which overlap freely, have threads of their own.

local clean = require "karun.report.clean"
local json = require "karun.native.json"

local M = {}

local function micro(seconds)
  return math.floor(seconds * 1e6 + 0.5)
end

-- What stands in the file twice or more (names, kinds, songs) is masked and escaped once.
local function quoter()
  local known = {}
  return function(text)
    local quoted = known[text]
    if not quoted then
      quoted = json.encode(clean.value(text))
      known[text] = quoted
    end
    return quoted
  end
end

-- Which fields a thing shows, and as what.
local SPAN = { "song", "track", "phase", "attempt", "outcome", "level" }
local OF_ITS_SPAN = { "song", "track", "phase" }
local OP = { "about", "outcome", "timeout", "timing", "line" }
local REQUEST = { "status", "failed", "method" }
local SHOWN_AS = { about = "waited_for", timeout = "timeout_s", outcome = "ended" }

-- `"name":value,` of each field that is there
local function fields(thing, names, quote, shown_as)
  local out = ""
  for _, name in ipairs(names) do
    local value = thing[name]
    if value ~= nil and value ~= math.huge then
      out = ('%s"%s":%s,'):format(out, shown_as and shown_as[name] or name, type(value) == "string" and quote(value) or json.encode(value))
    end
  end
  return out
end

-- How each sort of thing shows its arguments. Many operations have none of their own, and all of a span share its.
local function shows(quote)
  local of_span = {}
  return {
    span = function(span) return fields(span, SPAN, quote):sub(1, -2) end,
    request = function(request) return fields(request, REQUEST, quote):sub(1, -2) end,
    op = function(op)
      local span = op.span
      local its = not span and "" or of_span[span] or fields(span, OF_ITS_SPAN, quote)
      if span then of_span[span] = its end
      local own = (op.about or op.outcome or op.timeout or op.timing or op.line) and fields(op, OP, quote, SHOWN_AS) or ""
      return own .. its .. '"level":"operation"'
    end,
  }
end

-- thing: a span, an operation or a request, and how its arguments are shown. Those of one group share a thread.
local function event(thing, show, started, name, cat, group)
  local from = micro(thing.start - started)
  return { thing = thing, show = show, name = name, cat = cat, group = group, from = from,
    to = math.max(from, micro(thing.start + thing.dur - started)) }
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
  local events, requests, started = {}, {}, record.started
  local quote = quoter()
  local show = shows(quote)
  for _, span in ipairs(record.spans) do
    events[#events + 1] = event(span, show.span, started, span.name, span.phase == span.name and "phase" or "span", span.id)
  end
  for _, list in ipairs { record.ops, record.long } do
    for _, op in ipairs(list) do
      events[#events + 1] = event(op, show.op, started, op.name, op.kind, op.id)
    end
  end
  for i, request in ipairs(record.requests) do
    requests[i] = event(request, show.request, started, request.url, "request", i)
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
    lines[#lines + 1] = ('{"name":%s,"cat":%s,"ph":"X","ts":%d,"dur":%d,"pid":1,"tid":%d,"args":{%s}}'):format(
      quote(one.name), quote(one.cat), one.from, one.to - one.from, one.tid, one.show(one.thing))
  end
  for _, sample in ipairs(samples) do
    lines[#lines + 1] = json.encode { name = "memory", ph = "C", pid = 1, tid = 1, ts = micro(sample.at_s),
      args = { karun = sample.karun, browser = sample.browser } }
  end
  return '{"displayTimeUnit":"ms","traceEvents":[\n' .. table.concat(lines, ",\n") .. "\n]}\n"
end

return M
