-- One protocol session: a target's calls and events. Knows how the protocol's complaints read and
-- which kind of error each one is.

local fault = require "karun.error"
local native = require "karun.native.task"
local trace = require "karun.trace"

local Session = {}
Session.__index = Session

-- What Chromium says, and what it means. Measured on Chromium 156.
local MEANINGS = {
  { "Cannot find context", "context_lost" },
  { "Execution context was destroyed", "context_lost" },
  { "uniqueContextId not found", "context_lost" },
  { "Inspected target navigated or closed", "context_lost" },
  { "Not attached to an active page", "context_lost" },
  { "Argument should belong to the same", "context_lost" },
  { "Could not find object with given id", "stale" },
  { "Session with given id not found", "page_closed" },
  { "Target closed", "page_closed" },
  { "No target with given id", "page_closed" },
  { "Target crashed", "page_crashed" },
  { "wasn't found", "unsupported" },
  { "Object reference chain is too long", "too_large" },
  { "stack limit exceeded", "too_large" }, -- a value of too many levels, on its way out of the browser
}

local GONE = {
  browser_gone = "the browser is gone",
  page_closed = "the page was closed",
  page_crashed = "the page crashed",
  frame_detached = "the frame was removed from its page",
  dialog = "a dialog is open on the page and waits for its answer",
  too_large = "the message is larger than 256 MB",
  timeout = "the browser gave no answer",
}

local function kind_of(message)
  for _, meaning in ipairs(MEANINGS) do
    if message:find(meaning[1], 1, true) then return meaning[2] end
  end
  return "protocol"
end

local function new(conn, id)
  return setmetatable({ conn = conn, id = id, gone = nil, hold = nil }, Session)
end

function Session:fault(method, kind, message, code)
  if kind ~= "protocol" then
    local err = fault.new(kind, ("%s (%s)"):format(self.gone_words or GONE[kind] or kind, method), { method = method })
    if kind == "timeout" then err.timed_out = true end
    return err
  end
  kind = kind_of(message)
  local words = kind == "unsupported" and "this browser does not know the method" or message
  return fault.new(kind, ("%s: %s"):format(method, words), { method = method, code = code })
end

-- One call and its answer, timed.
local function ask(session, method, params, timeout)
  local started = native.now()
  local result, kind, message, code = session.conn:call(session.id, method, params, timeout or 30)
  trace.call(method, started, params, kind, message)
  return result, kind, message, code
end

-- The result, or an error raised. timeout in seconds.
function Session:call(method, params, timeout)
  if self.gone then error(self:fault(method, self.gone), 0) end
  local result, kind, message, code = ask(self, method, params, timeout)
  if result then return result end
  error(self:fault(method, kind == "timeout" and self.gone or kind, message, code), 0)
end

-- The result, or nil, error object: for callers that have an answer to a failure.
function Session:try(method, params, timeout)
  if self.gone then return nil, self:fault(method, self.gone) end
  local result, kind, message, code = ask(self, method, params, timeout)
  if result then return result end
  return nil, self:fault(method, kind, message, code)
end

-- Several at once, answered together: list of { method, params } -> list of results.
function Session:burst(calls, timeout)
  if self.gone then error(self:fault(calls[1][1], self.gone), 0) end
  local messages = {}
  for i, call in ipairs(calls) do
    messages[i] = { self.id, call[1], call[2] }
  end
  local started = native.now()
  local results, kind = self.conn:burst(messages, timeout or 30)
  trace.burst(messages, started, kind)
  if not results then error(self:fault(calls[#calls][1], kind), 0) end
  for i, result in ipairs(results) do
    if result.failed then error(self:fault(calls[i][1], "protocol", result.failed, result.code), 0) end
  end
  return results
end

-- Sent and not waited for.
function Session:send(method, params)
  return not self.gone and self.conn:send(self.id, method, params)
end

-- Nothing will be answered any more: pending calls end now, later ones at once.
function Session:lose(kind, words)
  self.gone, self.gone_words = kind, words
  self.conn:abort(self.id, kind)
end

-- Ends pending calls with this kind; later ones go on.
function Session:abort(kind)
  self.conn:abort(self.id, kind)
end

return { new = new, now = native.now }
