-- A press on an element: the agent aims and arms its guard, the input goes off, the guard judges at the
-- press itself. What would land elsewhere is swallowed, and we aim again.

local ask = require "karun.browser.ask"
local fault = require "karun.error"
local input = require "karun.browser.input"
local native = require "karun.native.task"
local told = require "karun.browser.told"
local words = require "karun.browser.words"
local trace = require "karun.trace"

local M = {}

local LOST = 500 -- ms after which input that the guard has not seen is taken for lost

local function left(deadline)
  return math.max(0.001, deadline - native.now())
end

-- The iframe element that shows this frame, as an object in its parent's world of ours.
local function owner(frame, deadline)
  local parent = frame.parent_frame
  local found = parent.session:call("DOM.getFrameOwner", { frameId = frame.id }, left(deadline))
  return parent.session:call("DOM.resolveNode", {
    backendNodeId = found.backendNodeId, executionContextId = parent:context("karun", deadline),
  }, left(deadline)).object.objectId
end

-- A place in a frame's window as a place of the page. Arms the guard on each iframe on the way, so that
-- nothing above one gets the press. -> x, y; or nil, the answer that refuses
function M.outwards(frame, x, y, question, deadline)
  while frame.parent_frame do
    local parent = frame.parent_frame
    local object = owner(frame, deadline)
    local answer = parent:ask_about(object, {
      op = "through", x = x, y = y, hit = question.hit ~= false, id = question.id, presses = question.presses, now = question.now,
      ["until"] = question["until"],
    }, deadline)
    parent:release(object)
    if answer.error then return nil, answer, parent end
    x, y, frame = answer.x, answer.y, parent
  end
  return x, y
end

-- What the frames around saw last, inner ones first.
local function last_seen(frame, id)
  while frame do
    local last = ask.give_up(frame, id)
    if last then return last end
    frame = frame.parent_frame
  end
end

-- Aims at a locator -> target { frame, question, x, y, token }, or the agent's answer when it says `done`.
function M.aim(locator, question, what, timeout, deadline)
  local scrolled = false
  question.op = "aim"
  while true do
    local answer, frame = ask.ask(locator, question, what, timeout, deadline, "visible, enabled, still and not covered")
    if answer.done then return nil, frame end
    local target = { frame = frame, question = question, x = answer.x, y = answer.y, token = answer.token }
    if not frame.parent_frame then return target, frame end
    local ok, x, y, parent = fault.try(M.outwards, frame, answer.x, answer.y, question, deadline)
    if ok and x then
      target.x, target.y = x, y
      return target, frame
    end
    local last = not ok and x.kind == "timeout" and last_seen(frame.parent_frame, question.id) or nil
    M.disarm(target)
    if ok and not scrolled and y.outside then
      scrolled = true
      M.scroll(locator, what, timeout, deadline)
    elseif ok then
      error(words.out_of_time(locator, what, { kind = y.error, seen = y.message, covered_by = y.covered_by }, timeout, what, parent.frame_url), 0)
    elseif x.kind == "timeout" then
      error(words.out_of_time(locator, what, last, timeout, what, frame.frame_url), 0)
    elseif x.kind ~= "context_lost" and x.kind ~= "stale" and x.kind ~= "protocol" then
      error(x, 0)
    else
      locator.frame:check_alive()
      frame:await_change(math.min(deadline, native.now() + 0.02))
    end
    if native.now() >= deadline then
      error(words.out_of_time(locator, what, nil, timeout, what, frame.frame_url), 0)
    end
  end
end

-- Into view through all frames, also those of other sites.
function M.scroll(locator, what, timeout, deadline)
  local object, frame = require("karun.browser.locator").object(locator, "karun", what, timeout, deadline)
  frame.session:try("DOM.scrollIntoViewIfNeeded", { objectId = object }, left(deadline))
  frame:release(object)
end

-- Takes the guard's weapons away, in the frame and in those around it.
function M.disarm(target, sent)
  local frame = target.frame
  while frame do
    ask.forget(frame, target.question.id, sent)
    frame = frame.parent_frame
  end
end

-- The input was acknowledged, and the guard has not told of the last press: asks it. What was told is here
-- by then, whatever became of the document.
local function judged(target, entry)
  local message = entry.message
  if message and (not message.ok or message.left == 0) then return message end
  local frame = target.frame
  local ok, answer = fault.try(frame.ask_now, frame, { op = "pressed", token = target.token, within = LOST }, 10)
  if ok and answer and not answer.unknown then return answer end
  return entry.message or { cancelled = true } -- its document went before the press
end

local ENDED = { page_closed = true, frame_detached = true, dialog = true }

-- Sends input whose first press is guarded. -> the guard's verdict; { ok = true } when a dialog ended it.
-- Raises when the page or the time ended first.
function M.press(target, messages, locator, what, timeout, deadline)
  local page, id = target.frame.page, target.question.id
  if not target.token then
    input.send(page, messages)
    return { ok = true }
  end
  local entry = told.expect(id)
  local _ <close> = setmetatable({}, { __close = function() told.forget(id) end })
  local limit = timeout == 0 and native.now() + 10 or deadline
  local started = native.now()
  local ok, results, kind = fault.try(page.session.conn.burst, page.session.conn, messages, left(limit))
  trace.burst(messages, started, kind)
  if not ok then -- cancelled
    M.disarm(target, true)
    error(results, 0)
  end
  if not results then
    if ENDED[kind] and (entry.message and entry.message.ok or kind == "dialog") then return { ok = true } end -- by the click itself
    local last = kind == "timeout" and ask.give_up(target.frame, id, true) or nil
    M.disarm(target, true)
    if kind ~= "timeout" then error(page.session:fault(what, kind), 0) end
    error(words.out_of_time(locator, what, last, timeout, what, target.frame.frame_url), 0)
  end
  for i, result in ipairs(results) do
    if result.failed then error(page.session:fault(messages[i][2], "protocol", result.failed, result.code), 0) end
  end
  local verdict = judged(target, entry)
  if target.frame.parent_frame then M.disarm(target) end
  return verdict
end

return M
