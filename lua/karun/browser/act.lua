-- Acting with the mouse: click, hover, check, uncheck.

local ask = require "karun.browser.ask"
local fault = require "karun.error"
local gesture = require "karun.browser.gesture"
local input = require "karun.browser.input"
local keys = require "karun.browser.keys"
local known = require "karun.known"
local native = require "karun.native.task"
local waiting = require "karun.browser.waiting"
local words = require "karun.browser.words"
local Locator = require("karun.browser.locator").Locator

local M = {}

local SETTLE = 1 -- seconds a checked box may take to show its state

-- What every acting verb begins with -> options, timeout, deadline.
function M.begin(locator, opts, names, what)
  opts = known.check(opts, names, "locator:" .. what)
  local page = locator.frame.page
  page:ready_for(what)
  if page.browser.slow and page.browser.slow > 0 then native.sleep(page.browser.slow) end
  local timeout, deadline = ask.limit(locator, opts)
  return opts, timeout, deadline
end

local function check_at(at, what)
  if at == nil then return nil end
  local x, y = at.x or at[1], at.y or at[2]
  if type(x) ~= "number" or type(y) ~= "number" then
    fault.raise("usage", ("locator:%s: at is a place {x, y} in the element"):format(what))
  end
  return { x = x, y = y }
end
M.check_at = check_at

local function check_modifiers(modifiers, what)
  local list = {}
  for i, name in ipairs(type(modifiers) == "string" and { modifiers } or modifiers or {}) do
    local key = keys.key(name, "locator:" .. what)
    if not key.bit then fault.raise("usage", ("locator:%s: %s is no modifier"):format(what, name)) end
    list[i] = key
  end
  return list
end

-- Modifier keys are pressed before and let go after.
local function with_modifiers(page, modifiers, make)
  if #modifiers == 0 then return make() end
  local messages = {}
  for i, key in ipairs(modifiers) do
    messages[i] = input.key_event(page.keyboard, key, true)
  end
  for _, message in ipairs(make()) do
    messages[#messages + 1] = message
  end
  for i = #modifiers, 1, -1 do
    messages[#messages + 1] = input.key_event(page.keyboard, modifiers[i], false)
  end
  return messages
end

-- The guard refused a press: what was there instead.
function M.refused(locator, what, verdict, timeout, url)
  local seen = verdict.covered_by and "it was covered by " .. verdict.covered_by .. " when it was pressed"
    or verdict.gone and "it had left the document when it was pressed"
    or verdict.astray and "the press went to the page around its frame" or "the press did not arrive"
  local made = verdict.made or 0
  if made > 0 then seen = ("%d of the presses were made, then %s"):format(made, seen) end
  return words.out_of_time(locator, what, {
    kind = verdict.gone and "not_found" or verdict.covered_by and "covered" or "timeout", seen = seen,
    covered_by = verdict.covered_by,
  }, timeout, what, url or locator.frame.frame_url)
end

-- One click, certain to be on the element; `checked` is the state it is to bring about. -> false: it is so already
local function click(locator, opts, what, timeout, deadline, checked)
  local page = locator.frame.page
  local question = {
    at = opts.at, force = opts.force, presses = opts.count, checked = checked, pin = true,
  }
  while true do
    local target, frame = gesture.aim(locator, question, what, timeout, deadline)
    if not target then return false end
    local messages = with_modifiers(page, opts.modifiers, function()
      return input.click_events(page.mouse, target.x, target.y, opts.button, opts.count)
    end)
    local verdict = gesture.press(target, messages, locator, what, timeout, deadline)
    if verdict.ok then return true end
    if (verdict.made or 0) > 0 or timeout == 0 or native.now() >= deadline then
      error(M.refused(locator, what, verdict, timeout, frame.frame_url), 0)
    end
  end
end

local CLICK = { "button", "count", "modifiers", "at", "force", "timeout", "becomes", "again" }

local function prepare(opts, what)
  return {
    at = check_at(opts.at, what), force = opts.force or nil, button = input.check_button(opts.button, "locator:" .. what),
    count = input.check_count(opts.count, "locator:" .. what), modifiers = check_modifiers(opts.modifiers, what),
  }
end

-- Does it hold within `timeout` seconds?
local function holds(locator, want, what, timeout)
  local deadline = native.now() + timeout
  local ok, err = fault.try(ask.ask, locator, { op = "wait", want = want }, what, timeout, deadline)
  if ok then return true end
  if err.timed_out then return false, err end
  error(err, 0)
end

local function click_until(locator, opts, how, timeout, deadline)
  local want, line = waiting.want(opts.becomes, "locator:click becomes")
  local again = opts.again or 2
  if opts.becomes.timeout then fault.raise("usage", "locator:click: becomes takes no timeout of its own") end
  if type(again) ~= "number" or again <= 0 then fault.raise("usage", "locator:click: again is a number of seconds above 0") end
  if holds(locator, want, "click", 0) then return end
  local seen
  repeat
    local clicked, why = fault.try(click, locator, how, "click", timeout, deadline)
    if not clicked and not (seen and why.timed_out) then error(why, 0) end
    local held, err = holds(locator, want, "click", math.min(again, math.max(0, deadline - native.now())))
    if held then return end
    seen = err.last_state
  until native.now() >= deadline
  error(words.not_applied(locator, "click", ("it did not become %s (%s)"):format(line, seen), timeout, true), 0)
end

function Locator:click(opts)
  local timeout, deadline
  opts, timeout, deadline = M.begin(self, opts, CLICK, "click")
  local how = prepare(opts, "click")
  if opts.becomes then return click_until(self, opts, how, timeout, deadline) end
  click(self, how, "click", timeout, deadline)
end

-- ---- check ----

local function set_checked(locator, opts, wanted, what)
  local timeout, deadline
  opts, timeout, deadline = M.begin(locator, opts, { "force", "timeout", "at" }, what)
  if not click(locator, prepare(opts, what), what, timeout, deadline, wanted) then return end
  local state = wanted and "checked" or "unchecked"
  local held, err = holds(locator, { state = state }, what, math.min(SETTLE, math.max(0, deadline - native.now())))
  if not held then
    error(words.not_applied(locator, what, ("after the click it is not %s (%s)"):format(state, err.last_state), timeout), 0)
  end
end

function Locator:check(opts)
  set_checked(self, opts, true, "check")
end

function Locator:uncheck(opts)
  set_checked(self, opts, false, "uncheck")
end

-- ---- hover ----

function Locator:hover(opts)
  local timeout, deadline
  opts, timeout, deadline = M.begin(self, opts, { "at", "force", "timeout" }, "hover")
  local page = self.frame.page
  local question = { at = check_at(opts.at, "hover"), force = opts.force or nil, act = "hover", pin = true }
  while true do
    local target, frame = gesture.aim(self, question, "hover", timeout, deadline)
    page.mouse.x, page.mouse.y = target.x, target.y
    input.send(page, { input.mouse_event(page.mouse, "mouseMoved", input.held_button(page.mouse)) })
    local ok, over = fault.try(ask.ask, self, { op = "read", what = "hovered" }, "hover", 0, deadline)
    if ok and over.value or opts.force then return end
    if timeout == 0 or native.now() >= deadline then
      error(words.out_of_time(self, "hover", { kind = ok and "unstable" or "not_found", seen = "the pointer is not over it" },
        timeout, "hover", frame.frame_url), 0)
    end
  end
end

return M
