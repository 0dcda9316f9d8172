-- Dragging. A page may drag by mouse events alone, or by HTML's own drag and drop: then the browser hands
-- the drag to us (Input.setInterceptDrags), and its target gets drag events instead of mouse events.

local act = require "karun.browser.act"
local fault = require "karun.error"
local gesture = require "karun.browser.gesture"
local input = require "karun.browser.input"
local locator = require "karun.browser.locator"
local native = require "karun.native.task"
local words = require "karun.browser.words"
local Locator = locator.Locator

local M = { events = {} }

local STEPS = 5 -- moves on the way: pages that follow the pointer see it travel
local HANDOVER = 5 -- seconds the browser may take to hand a drag to us

M.events["Input.dragIntercepted"] = function(page, params)
  page.mouse.intercepted = params.data
  page:wake()
end

-- A drag may begin in any frame: asks all of them -> the answers.
local function ask_frames(page, question)
  local messages, answers = {}, {}
  for _, frame in ipairs(page.frame_order) do
    if frame.contexts.karun and #messages < 60 then
      messages[#messages + 1] = { frame.session.id, "Runtime.callFunctionOn", {
        functionDeclaration = frame.ASK, executionContextId = frame.contexts.karun, awaitPromise = true,
        returnByValue = true, arguments = { { value = question } },
      } }
    end
  end
  local results = #messages > 0 and page.session.conn:burst(messages, HANDOVER) or {}
  for _, result in ipairs(results) do
    if result.result and result.result.value then answers[#answers + 1] = result.result.value end
  end
  return answers
end

local function drag_event(mouse, kind)
  mouse.page.session:call("Input.dispatchDragEvent", {
    type = kind, x = mouse.x, y = mouse.y, data = mouse.drag, modifiers = mouse.page.keyboard.modifiers,
  })
end

local function has_begun(page)
  for _, answer in ipairs(ask_frames(page, { op = "dragged" })) do
    if answer.started then return true end
  end
  return false
end

local function watch(mouse)
  mouse.watching, mouse.intercepted = true, nil
  mouse.page.session:call("Input.setInterceptDrags", { enabled = true })
  ask_frames(mouse.page, { op = "dragged", reset = true })
end

-- A move while the left button is down; the mouse's place is already the new one.
function M.move(mouse)
  local page = mouse.page
  if mouse.drag then return drag_event(mouse, "dragOver") end
  if not mouse.watching then watch(mouse) end
  input.send(page, { input.mouse_event(mouse, "mouseMoved", "left") })
  if not mouse.intercepted and not has_begun(page) then return end
  local deadline = native.now() + HANDOVER
  while not mouse.intercepted and page:await_change(deadline) do
    page:check_alive()
  end
  if not mouse.intercepted then return end
  mouse.drag = mouse.intercepted
  drag_event(mouse, "dragEnter")
  drag_event(mouse, "dragOver")
end

-- What the target made of it: "copy", "move", "link"; "none" when it refused; nil for a drag by mouse alone.
local function effect_of(page)
  for _, answer in ipairs(ask_frames(page, { op = "dragged" })) do
    if answer.started then return answer.effect or "none" end
  end
end

-- The left button is let go -> the drag's effect
function M.release(mouse)
  local page, was_drag = mouse.page, mouse.drag ~= nil
  if was_drag then
    drag_event(mouse, "dragOver")
    drag_event(mouse, "drop")
  end
  mouse.drag, mouse.intercepted, mouse.watching = nil, nil, nil
  input.send(page, { input.mouse_event(mouse, "mouseReleased", "left", 1) })
  page.session:send("Input.setInterceptDrags", { enabled = false })
  return was_drag and effect_of(page) or nil
end

-- ---- locator:drag_to ----

-- The button goes down on the source, and nowhere else.
local function take_up(source, timeout, deadline)
  local mouse = source.frame.page.mouse
  while true do
    local target = gesture.aim(source, { presses = 1 }, "drag_to", timeout, deadline)
    mouse.x, mouse.y = target.x, target.y
    local messages = { input.mouse_event(mouse, "mouseMoved") }
    mouse.buttons = mouse.buttons | 1
    messages[2] = input.mouse_event(mouse, "mousePressed", "left", 1)
    local ok, verdict = fault.try(gesture.press, target, messages, source, "drag_to", timeout, deadline)
    if ok and verdict.ok then return end
    mouse.buttons = mouse.buttons & ~1
    fault.try(input.send, source.frame.page, { input.mouse_event(mouse, "mouseReleased", "left", 1) })
    if not ok then error(verdict, 0) end
    if timeout == 0 or native.now() >= deadline then error(act.refused(source, "drag_to", verdict, timeout), 0) end
  end
end

local function carry(mouse, target, steps, timeout, deadline)
  local place = gesture.aim(target, { act = "hover" }, "drag_to", timeout, deadline)
  mouse:move(place.x, place.y, { steps = steps })
end

function Locator:drag_to(target, opts)
  if not locator.is(target) then fault.raise("usage", "locator:drag_to takes the locator of the target, got " .. type(target)) end
  local timeout, deadline
  opts, timeout, deadline = act.begin(self, opts, { "steps", "timeout" }, "drag_to")
  local steps = opts.steps or STEPS
  if math.type(steps) ~= "integer" or steps < 1 then fault.raise("usage", "locator:drag_to: steps is a whole number from 1") end
  local mouse = self.frame.page.mouse
  gesture.aim(target, { act = "hover" }, "drag_to", timeout, deadline) -- there, and in view, before anything is taken up
  take_up(self, timeout, deadline)
  local ok, err = fault.try(carry, mouse, target, steps, timeout, deadline)
  mouse.buttons = mouse.buttons & ~1
  local released, effect = fault.try(M.release, mouse)
  if not ok then error(err, 0) end
  if not released then error(effect, 0) end
  if effect == "none" then
    error(words.not_applied(target, "drag_to", ("it refused what was dropped (%s)"):format(words.of(self)), timeout), 0)
  end
end

return M
