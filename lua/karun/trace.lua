-- karun.trace: where the time goes. Spans (what a flow calls a step) and operations (what the runtime
-- does by itself: protocol calls, waits, pauses, requests, file steps), on the monotonic clock.
--
--   karun.span("solo", { track = "Bass" }, function(span) … span.presses = 2 … end) -> fn's results
--
-- Spans nest within a task; a spawned task inherits song, track, phase and attempt. A span named as one of
-- `phases` is a phase. Memory is bounded: what no longer fits is counted (`dropped`), long operations last.
-- Recorded only while a run goes on (karun.run_life); else a span just calls its function.

local fault = require "karun.error"
local native = require "karun.native.task"

local M = {}

M.phases = { "login", "open", "solo", "sync", "prepare", "download", "verify", "file" }
local is_phase = {}
for _, name in ipairs(M.phases) do
  is_phase[name] = true
end
M.is_phase = is_phase

M.limits = { spans = 20000, ops = 10000, long_ops = 10000, messages = 60 }
M.long = 0.05 -- seconds: an operation from here on is kept before shorter ones, with its line

local now = native.now
local recording = false
local record            -- { started, spans, ops, long, open, dropped, totals }
local states = setmetatable({}, { __mode = "k" })
local outside = { id = 0, depth = 0 }
local listeners = {}
local on_activity       -- called at the next thing that begins, once
local last_read = {}    -- timing value -> its name, as last read by the flow

local function state_of()
  local task = native.running()
  if not task then return outside end
  local state = states[task]
  if not state then
    record.lanes = record.lanes + 1
    state = { id = record.lanes, depth = 0 }
    states[task] = state
  end
  return state
end

local function active()
  local fn = on_activity
  on_activity = nil
  fn()
end

local function tell(event, thing)
  for _, fn in ipairs(listeners) do
    fn(event, thing)
  end
end

-- ---- spans ----

local Span = {}
Span.__index = Span

local CONTEXT = { song = true, track = true, attempt = true }

local function level_of(name, fields, parent)
  if fields.level then return fields.level end
  if is_phase[name] or not parent then return "component" end
  return "step"
end

-- Begins a span; `local span <close> = trace.begin(…)`, or span:finish(err).
function M.begin(name, fields)
  fields = fields or {}
  local span = setmetatable({ name = name, start = now() }, Span)
  for key, value in pairs(fields) do
    span[key] = value
  end
  if not recording then return span end
  if on_activity then active() end
  local state = state_of()
  local parent = state.top
  span.level, span.id, span.state, span.parent = level_of(name, fields, parent), state.id, state, parent
  span.phase = is_phase[name] and name or parent and parent.phase
  for key in pairs(CONTEXT) do
    if span[key] == nil and parent then span[key] = parent[key] end
  end
  state.top = span
  record.open[span] = true
  tell("begin", span)
  return span
end

function Span:finish(err, at)
  if self.dur then return end
  self.dur = (at or now()) - self.start
  if self.outcome == nil then self.outcome = err == nil and "ok" or type(err) == "table" and err.kind or "error" end
  local state = self.state
  if not state or not record or not record.open[self] then return end
  record.open[self] = nil
  if state.top == self then state.top = self.parent end
  if #record.spans < M.limits.spans then
    record.spans[#record.spans + 1] = self
  else
    record.dropped = record.dropped + 1
  end
  tell("end", self)
end

Span.__close = function(self, err)
  self:finish(err)
end

function M.span(name, fields, fn)
  if type(fields) == "function" then fields, fn = nil, fields end
  if type(name) ~= "string" or name == "" then fault.raise("usage", "karun.span(name, fields, fn): name is a text") end
  if fields ~= nil and type(fields) ~= "table" then
    fault.raise("usage", "karun.span(name, fields, fn): fields is a table, got " .. type(fields))
  end
  if type(fn) ~= "function" then fault.raise("usage", "karun.span(name, fields, fn): fn is a function, got " .. type(fn)) end
  local span <close> = M.begin(name, fields)
  return fn(span)
end

-- The innermost span of the running task, or nil.
function M.current()
  return recording and state_of().top or nil
end

-- A task that is being spawned goes on in its parent's song, track and phase.
function M.inherit(task)
  if not recording then return end
  local top = state_of().top
  if not top then return end
  record.lanes = record.lanes + 1
  states[task] = { id = record.lanes, depth = 0, top = top }
end

-- ---- operations ----

-- Every operation is counted; as many as fit are kept.
local function keep(op, dur)
  local kind, name = op.kind, op.name
  local kinds = record.totals[kind]
  if not kinds then
    kinds = {}
    record.totals[kind] = kinds
  end
  local total = kinds[name]
  if not total then
    total = { kind = kind, name = name, count = 0, sum = 0, max = 0 }
    kinds[name] = total
  end
  total.count, total.sum = total.count + 1, total.sum + dur
  if dur > total.max then total.max = dur end
  local list, limit = record.ops, M.limits.ops
  if dur >= M.long then list, limit = record.long, M.limits.long_ops end
  local n = #list
  if n < limit then list[n + 1] = op else record.dropped = record.dropped + 1 end
end

local Op = {}

-- Begins an operation: { kind=, name=, … }; the table becomes it. Operations may hold others (a wait holds
-- its protocol calls); those are `inner`. start and dur are there from the first, so that the table does
-- not grow.
function M.open(op)
  if on_activity then active() end
  local state = state_of()
  setmetatable(op, Op)
  op.start, op.id, op.span, op.state = now(), state.id, state.top, state
  if state.depth == 0 then
    state.op = op
    record.active[op] = true
  else
    op.inner = true
  end
  state.depth = state.depth + 1
  if op.timeout and not op.timing then op.timing = last_read[op.timeout] end
  return op
end

function Op.__close(op, err)
  local state, dur = op.state, now() - op.start
  state.depth = state.depth - 1
  if state.op == op then state.op = nil end
  op.dur, op.state = dur, nil
  if not record then return end
  record.active[op] = nil
  op.outcome = op.outcome or err ~= nil and (type(err) == "table" and err.kind or "error") or nil
  if dur >= M.long or err ~= nil then
    op.about = M.about(op)
    -- after an error the stack is gone; the error knows where it was
    if not op.inner then op.line = type(err) == "table" and err.where or fault.where() end
  end
  op.subject, op.arg = nil, nil
  keep(op, dur)
end

-- A wait for other tasks: theirs are the waits that tell something.
function M.join(what)
  return recording and M.open { kind = "join", name = what } or nil
end

-- A wait with words of its own: fn's results. fields: timeout, site (only the site can end it).
--   karun.trace.waiting("the site to build the file", { site = true, timeout = 120 }, fn)
function M.waiting(what, fields, fn)
  if not recording then return fn() end
  local _ <close> = M.open { kind = "wait", name = what, site = fields.site, timeout = fields.timeout }
  return fn()
end

-- What an operation is about, in words: never what was typed.
function M.about(op)
  if op.about then return op.about end
  local subject, arg = op.subject, op.arg
  if op.shows_arg then
    if type(arg) == "string" then return (arg:gsub("%?.*$", "")) end -- tokens stand in queries
    if type(subject) == "string" then return subject end
  end
  local meta = getmetatable(subject)
  if not meta or not meta.__tostring then return nil end
  return (op.waited_for and op.waited_for .. " of " or "") .. tostring(subject):gsub("^locator ", "")
end

-- Times the methods `names` of `object`. options: kind, prefix, site (the site answers for the time),
-- shows_arg (the first argument is an address or event and may be written down).
function M.wrap(object, names, options)
  for _, name in ipairs(names) do
    local fn = rawget(object, name)
    if fn then
      local what = (options.prefix or "") .. name
      object[name] = function(self, ...) -- as many arguments as there were: eval counts them
        if not recording then return fn(self, ...) end
        local a, b, last = ...
        local opts = type(last) == "table" and last or type(b) == "table" and b or type(a) == "table" and a
        local site = options.site
        if type(site) == "table" then site = site[a] end
        local _ <close> = M.open { kind = options.kind, name = what, subject = self, arg = a, site = site,
          shows_arg = options.shows_arg, timeout = opts and rawget(opts, "timeout") or nil, start = 0, dur = 0 }
        return fn(self, ...)
      end
    end
  end
end

-- The next place in the ring of the last messages; its table is used again, so that nothing is made.
local function slot()
  local ring = record.messages
  local last = ring.last % M.limits.messages + 1
  ring.last = last
  local message = ring[last]
  if not message then
    message = {}
    ring[last] = message
  end
  return message
end

-- A protocol call that has ended; the last ones are remembered for a failure's file.
function M.call(method, started, params, failed, message)
  if not recording then return end
  if on_activity then active() end
  local state = state_of()
  local dur = now() - started
  local op = { kind = "protocol", name = method, start = started, dur = dur, id = state.id, span = state.top }
  if state.depth > 0 then op.inner = true
  elseif dur >= M.long then op.line = fault.where() end
  if failed then op.outcome = failed end
  keep(op, dur)
  local told = slot()
  told.method, told.event, told.params, told.failed, told.at, told.dur = method, nil, params, message or failed,
    started - record.started, dur
end

-- Calls that were sent together and answered together: { { session, method, params }, … }.
function M.burst(messages, started, failed)
  if not recording then return end
  for _, message in ipairs(messages) do
    M.call(message[2], started, message[3], failed)
  end
end

-- An event of the browser, for the same file.
function M.event(name, params)
  if not recording then return end
  local told = slot()
  told.method, told.event, told.params, told.failed, told.at, told.dur = nil, name, params, nil, now() - record.started, nil
end

-- One request of a page or of karun itself. Addresses are kept without their query: tokens stand there.
function M.request(url, method, started, status, failed)
  if not recording then return end
  local list = record.requests
  if #list >= M.limits.ops then
    record.dropped = record.dropped + 1
    return
  end
  list[#list + 1] = { url = url:match("^[^?#]*"), method = method, start = started, dur = now() - started,
    status = status, failed = failed }
end

-- The flow read a timing: a wait with this limit, begun soon after, is a wait for that.
function M.read_timing(name, value)
  if recording then last_read[value] = name end
end

-- ---- the recording ----

-- fn() hears of the next span, operation or call that begins: once.
function M.on_next(fn)
  on_activity = fn
end

-- fn("begin"|"end", span) hears every span.
function M.listen(fn)
  listeners[#listeners + 1] = fn
end

function M.start()
  states = setmetatable({}, { __mode = "k" })
  outside = { id = 0, depth = 0 }
  listeners, last_read = {}, {}
  record = { started = now(), spans = {}, ops = {}, long = {}, open = {}, active = {}, totals = {}, requests = {},
    messages = { last = 0 }, dropped = 0, lanes = 0 }
  recording = true
  return record
end

-- Ends the recording; spans still open end now, as "open".
function M.stop()
  if not recording then return nil end
  local done, ended = record, now()
  for span in pairs(record.open) do
    span.outcome = span.outcome or "open"
    span:finish(nil, ended)
  end
  done.ended = ended
  recording, record, listeners, on_activity = false, nil, {}, nil
  return done
end

-- For measuring what recording costs: nothing is recorded between pause(true) and pause(false).
function M.pause(is_paused)
  recording = not is_paused and record ~= nil
end

function M.recording()
  return recording and record or nil
end

return M
