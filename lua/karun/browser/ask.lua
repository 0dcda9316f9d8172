-- One question about a locator, asked until it is answered: again after a navigation, in the frame that
-- a chain leads into, after a dialog; until its deadline, when the page is told to forget it.

local drift = require "karun.browser.drift"
local fault = require "karun.error"
local json = require "karun.native.json"
local native = require "karun.native.task"
local near_miss = require "karun.browser.near_miss"
local told = require "karun.browser.told"
local words = require "karun.browser.words"

local M = {}

local GRACE = 1 -- seconds a page gets to say what it saw last, when time is up
local AT_ONCE = 10 -- seconds a page gets to answer what waits for nothing

local ACTS = { aim = true, fill = true, select = true, focus = true, scroll = true } -- never later than asked

local TELLS = { fill = true, select = true } -- made once, whatever becomes of the answer

local last_id = 0

-- ---- the browser's clock: an act that comes too late must not be made ----

local CLOCK = "function() { return Date.now(); }"

-- Date.now() of the browser at our time `at`, never later than it is.
local function browser_time(frame, at, deadline)
  local browser = frame.page.browser
  if not browser.clock_offset then
    local date = frame:run("karun", CLOCK, nil, deadline, { by_value = true }).value
    browser.clock_offset = date - native.now() * 1000
  end
  return math.floor(at * 1000 + browser.clock_offset)
end

-- ---- a call: what is asked, until when ----

-- options of a verb -> its timeout and its deadline
function M.limit(locator, opts)
  local timeout = opts and opts.timeout
  if timeout == nil then timeout = locator.frame.page:default_timeout() end
  if type(timeout) ~= "number" or timeout < 0 or timeout ~= timeout then
    fault.raise("usage", ("timeout is a number of seconds from 0 to math.huge, got %s"):format(tostring(timeout)))
  end
  return timeout, native.now() + timeout
end

-- ---- frames in the middle of a chain ----

-- The frame inside the iframe that the agent found, or nil when it is not there any more.
local function inner_frame(frame, answer, deadline)
  local context = frame.contexts.karun
  local known = frame.inner
  if not known or known.context ~= context then
    known = { context = context }
    frame.inner = known
  end
  local found = known[answer.pin]
  if found and not found.detached then return found end
  local object = frame:element({ pin = answer.pin }, deadline)
  if not object then return nil end
  local described = frame.session:call("DOM.describeNode", { objectId = object }, math.max(0.001, deadline - native.now()))
  frame:release(object)
  found = frame.page.frames_by_id[described.node.frameId or ""]
  known[answer.pin] = found
  return found
end

-- ---- the end of a question that was not answered ----

-- Whatever ends the wait on our side ends it in the page as well.
function M.forget(frame, id, sent)
  local context = frame.contexts.karun
  if not context or frame.detached then return end
  frame.session:send("Runtime.callFunctionOn", {
    functionDeclaration = frame.ASK, executionContextId = context, returnByValue = true,
    arguments = { { value = { op = "cancel", id = id, sent = sent } } },
  })
end

-- Tells the page that time is up -> what it saw last, or nil.
function M.give_up(frame, id, sent)
  local ok, answer = fault.try(frame.ask_now, frame, { op = "cancel", id = id, sent = sent }, GRACE)
  if not ok and (answer.kind == "cancelled" or answer.kind == "interrupted") then error(answer, 0) end
  return ok and answer and answer.last ~= json.null and answer.last or nil
end

-- ---- asking ----

-- Does the running task wait for a dialog itself? Then waiting for its end would be for ever.
local function expects_dialog(page)
  local tasks = page.dialog_tasks
  return tasks and tasks[native.running()]
end

local function await_dialog(page, what, deadline)
  if expects_dialog(page) then page:ready_for(what) end
  while page.dialog do
    if not page:await_change(deadline) then page:ready_for(what) return end
  end
end

local MADE = { context_lost = true, frame_detached = true, page_closed = true, dialog = true }

-- A failure of the way there, not the page's answer: nothing, to begin again; an answer when the act was
-- made and led there itself. Else it is raised.
local function on_failure(call, err)
  local kind, root, frame = err.kind, call.locator.frame, call.frame
  if call.told and MADE[kind] and (call.told.message or kind == "dialog") then return call.told.message or {} end
  if kind == "dialog" then return await_dialog(root.page, call.what, call.limit) end
  if kind == "context_lost" or kind == "stale" or (kind == "frame_detached" and frame ~= root) then
    root:check_alive()
    if not call.locator.context then -- a new document is on its way; a pinned one is stale now
      frame:await_change(math.min(call.limit, native.now() + 0.02))
    end
    return
  end
  M.forget(frame, call.question.id)
  error(err, 0)
end

local function is_stale(locator)
  local frame = locator.frame
  return locator.context and (locator.context ~= frame.contexts.karun or locator.session ~= frame.session)
end

local function stale_answer(question)
  local want = question.want
  if want and (want.state == "hidden" or want.state == "detached") then return { ok = true } end
  return { error = "stale", message = "the element has left the document" }
end

-- Which entries of the list asked go along into a frame; again in a frame of that frame.
local function compose(entries, inner)
  if not entries or not inner then return entries or inner end
  local out = {}
  for i, entry in ipairs(inner) do
    out[i] = entries[entry]
  end
  return out
end

local function note_drift(locator, answer, entries)
  local entry = entries and entries[answer.entry] or answer.entry
  local list = locator.path.sel
  if type(list) == "table" and entry and entry > 1 then drift.record(list, entry, locator.frame.frame_url) end
end

-- Nothing matched: what of the selector still does is told along.
local function out_of_time(call, last)
  if last and last.kind == "not_found" then
    local ok, near = fault.try(near_miss.words, call.locator)
    if ok and near then last.seen = ("%s (%s)"):format(last.seen, near) end
  end
  error(words.out_of_time(call.locator, call.what, last, call.timeout, call.waited_for, call.frame.frame_url), 0)
end

-- The chain leads into an iframe: on with the rest of it there.
local function on_frame(call, answer)
  local ok, found = fault.try(inner_frame, call.frame, answer, call.limit)
  if ok and found then
    call.frame, call.path, call.entries = found, answer.rest, compose(call.entries, answer.entries)
    return
  end
  if not ok and found.kind ~= "timeout" then on_failure(call, found) end
  call.locator.frame.page:await_change(math.min(call.limit, native.now() + 0.05))
  if native.now() >= call.limit then out_of_time(call, { kind = "timeout", seen = "the frame has no document" }) end
  call:restart()
end

local function on_refusal(call, answer)
  local kind, now = answer.error, native.now()
  if kind == "late" and now < call.deadline then -- a clock was set
    call.locator.frame.page.browser.clock_offset = nil
    call.question["until"] = browser_time(call.frame, call.deadline, call.deadline)
  elseif kind == "late" or kind == "cancelled" then
    out_of_time(call, answer.last ~= json.null and answer.last or nil)
  elseif answer.seen then -- asked for now
    out_of_time(call, answer)
  else
    error(words.refused(call.locator, call.what, answer, call.frame.frame_url), 0)
  end
end

local Call = {}
Call.__index = Call

function Call:restart()
  self.frame, self.path, self.entries = self.locator.frame, self.locator.path, nil
end

-- One try -> the answer, or nothing: again.
local function try_once(call)
  call.question.path = call.path
  local ok, answer
  if is_stale(call.locator) then
    ok, answer = true, stale_answer(call.question)
  else
    ok, answer = fault.try(call.frame.ask, call.frame, call.question, call.limit)
  end
  if not ok then
    if answer.kind == "timeout" or native.now() >= call.limit then
      out_of_time(call, M.give_up(call.frame, call.question.id))
    end
    local made = on_failure(call, answer)
    if not made then call:restart() end
    return made
  end
  if answer.frame then return on_frame(call, answer) end
  if answer.error then return on_refusal(call, answer) end
  if call.entries or answer.entry and answer.entry > 1 then note_drift(call.locator, answer, call.entries) end
  return answer
end

local function until_answered(call)
  local answer
  repeat
    answer = try_once(call)
  until answer
  return answer
end

-- The question's answer and the frame that gave it. Raises what the agent refuses and what runs out of
-- time. question.op and its values; path, id, now and until are put in here.
function M.ask(locator, question, what, timeout, deadline, waited_for)
  last_id = last_id + 1
  question.id = last_id
  local call = setmetatable({
    locator = locator, question = question, what = what, timeout = timeout, deadline = deadline, limit = deadline,
    waited_for = waited_for, frame = locator.frame, path = locator.path,
  }, Call)
  if timeout == 0 then
    question.now = true
    call.limit = native.now() + AT_ONCE
  elseif timeout < math.huge and ACTS[question.op] then
    question["until"] = browser_time(locator.frame, deadline, deadline)
  end
  if not TELLS[question.op] then
    local answer = until_answered(call)
    return answer, call.frame
  end
  call.told = told.expect(last_id)
  local ok, answer = fault.try(until_answered, call)
  told.forget(question.id)
  if not ok then error(answer, 0) end
  return answer, call.frame
end

return M
