-- Mouse and keyboard of a page, as a hand has them: page.mouse, page.keyboard, page:press. Events go to
-- the page's own session, in the page's coordinates, also for frames.

local fault = require "karun.error"
local keys = require "karun.browser.keys"
local known = require "karun.known"
local native = require "karun.native.task"
local trace = require "karun.trace"

local M = {}

local BUTTONS = { left = 1, right = 2, middle = 4, back = 8, forward = 16 }
local MOUSE, KEY = "Input.dispatchMouseEvent", "Input.dispatchKeyEvent"
local MAX_BURST = 60

-- ---- mouse ----

-- x, y: where it is; buttons: bits of those that are down; drag, watching, intercepted: see drag.lua
local Mouse = { __name = "karun.mouse" }
known.class("page.mouse", Mouse, { "page", "x", "y", "buttons", "drag", "watching", "intercepted" })

-- One message of a burst.
function M.mouse_event(mouse, kind, button, count)
  return { mouse.page.session.id, MOUSE, {
    type = kind, x = mouse.x, y = mouse.y, button = button or "none", buttons = mouse.buttons,
    modifiers = mouse.page.keyboard.modifiers, clickCount = count,
  } }
end

-- move, press and release, `count` times: messages of a burst
function M.click_events(mouse, x, y, button, count)
  mouse.x, mouse.y = x, y
  local list = { M.mouse_event(mouse, "mouseMoved") }
  for i = 1, count do
    local before = mouse.buttons
    mouse.buttons = before | BUTTONS[button]
    list[#list + 1] = M.mouse_event(mouse, "mousePressed", button, i)
    mouse.buttons = before
    list[#list + 1] = M.mouse_event(mouse, "mouseReleased", button, i)
  end
  return list
end

function M.check_button(button, what)
  button = button or "left"
  if not BUTTONS[button] then
    fault.raise("usage", ("%s: there is no button `%s`%s"):format(what, tostring(button),
      known.hint(button, { "left", "right", "middle", "back", "forward" })))
  end
  return button
end

function M.check_count(count, what)
  count = count or 1
  if math.type(count) ~= "integer" or count < 1 or count > 3 then
    fault.raise("usage", what .. ": count is 1, 2 or 3, got " .. tostring(count))
  end
  return count
end

local function check_place(x, y, what)
  if type(x) ~= "number" or type(y) ~= "number" or x ~= x or y ~= y then
    fault.raise("usage", ("%s takes x and y in CSS pixels, got %s, %s"):format(what, tostring(x), tostring(y)))
  end
end

-- Sends a burst and waits for its answers; a dialog that it opened is its end.
function M.send(page, messages)
  local started = native.now()
  local results, kind = page.session.conn:burst(messages, page:default_timeout())
  trace.burst(messages, started, kind)
  if results or kind == "dialog" then return end
  error(page.session:fault(messages[#messages][2], kind), 0)
end

local function parts(messages)
  local i = 0
  return function()
    if i >= #messages then return nil end
    local part = table.move(messages, i + 1, math.min(i + MAX_BURST, #messages), 1, {})
    i = i + MAX_BURST
    return part
  end
end

function M.send_all(page, messages)
  for part in parts(messages) do
    M.send(page, part)
  end
end

function Mouse:move(x, y, opts)
  opts = known.check(opts, { "steps" }, "mouse:move")
  check_place(x, y, "mouse:move")
  local steps = opts.steps or 1
  if math.type(steps) ~= "integer" or steps < 1 then fault.raise("usage", "mouse:move: steps is a whole number from 1") end
  self.page:ready_for("mouse:move")
  local from_x, from_y = self.x, self.y
  for i = 1, steps do
    self.x, self.y = from_x + (x - from_x) * i / steps, from_y + (y - from_y) * i / steps
    if self.buttons & BUTTONS.left ~= 0 then
      require("karun.browser.drag").move(self)
    else
      M.send(self.page, { M.mouse_event(self, "mouseMoved", M.held_button(self)) })
    end
  end
end

-- The button an event of a moving mouse names.
function M.held_button(mouse)
  for name, bit in pairs(BUTTONS) do
    if mouse.buttons & bit ~= 0 then return name end
  end
end

function Mouse:down(opts)
  opts = known.check(opts, { "button", "count" }, "mouse:down")
  local button, count = M.check_button(opts.button, "mouse:down"), M.check_count(opts.count, "mouse:down")
  self.page:ready_for("mouse:down")
  self.buttons = self.buttons | BUTTONS[button]
  M.send(self.page, { M.mouse_event(self, "mousePressed", button, count) })
end

function Mouse:up(opts)
  opts = known.check(opts, { "button", "count" }, "mouse:up")
  local button, count = M.check_button(opts.button, "mouse:up"), M.check_count(opts.count, "mouse:up")
  self.page:ready_for("mouse:up")
  self.buttons = self.buttons & ~BUTTONS[button]
  if button == "left" and self.watching then
    require("karun.browser.drag").release(self)
  else
    M.send(self.page, { M.mouse_event(self, "mouseReleased", button, count) })
  end
end

function Mouse:click(x, y, opts)
  opts = known.check(opts, { "button", "count" }, "mouse:click")
  check_place(x, y, "mouse:click")
  local button, count = M.check_button(opts.button, "mouse:click"), M.check_count(opts.count, "mouse:click")
  self.page:ready_for("mouse:click")
  M.send(self.page, M.click_events(self, x, y, button, count))
end

function Mouse:wheel(dx, dy)
  check_place(dx, dy, "mouse:wheel")
  self.page:ready_for("mouse:wheel")
  local message = M.mouse_event(self, "mouseWheel")
  message[3].deltaX, message[3].deltaY = dx, dy
  M.send(self.page, { message })
end

-- ---- keyboard ----

local Keyboard = { __name = "karun.keyboard" }
known.class("page.keyboard", Keyboard, { "page", "modifiers", "held" })

local function key_event(keyboard, key, down)
  if key.bit then
    keyboard.modifiers = down and keyboard.modifiers | key.bit or keyboard.modifiers & ~key.bit
  end
  local params = keys.event(key, down, keyboard.modifiers)
  params.autoRepeat = down and keyboard.held[key.code] or nil
  keyboard.held[key.code] = down or nil
  return { keyboard.page.session.id, KEY, params }
end

M.key_event = key_event

-- The messages of a combination pressed once.
function M.press_events(page, combination)
  local list, n = {}, #combination
  for i = 1, n do
    list[i] = key_event(page.keyboard, combination[i], true)
  end
  for i = n, 1, -1 do
    list[#list + 1] = key_event(page.keyboard, combination[i], false)
  end
  return list
end

-- Marks and joiners belong to the character before them, and so does what a joiner joins.
local function joins(code, last)
  return code >= 0x300 and code <= 0x36F or code >= 0x1AB0 and code <= 0x1AFF or code >= 0x20D0 and code <= 0x20FF
    or code >= 0xFE00 and code <= 0xFE0F or code >= 0x1F3FB and code <= 0x1F3FF or code == 0x200D or last == 0x200D
    or code >= 0xE0020 and code <= 0xE007F
end

-- A text as a reader's characters.
local function characters(text)
  local list, last = {}, 0
  for _, code in utf8.codes(text) do
    local char = utf8.char(code)
    if #list > 0 and joins(code, last) then
      list[#list] = list[#list] .. char
    else
      list[#list + 1] = char
    end
    last = code
  end
  return list
end

-- The messages that type a text: a list of lists, one for each character.
function M.type_events(page, text)
  local out = {}
  for _, char in ipairs(characters((text:gsub("\r\n", "\n")))) do
    local key = keys.of_character(char)
    if key then
      out[#out + 1] = { key_event(page.keyboard, key, true), key_event(page.keyboard, key, false) }
    else
      out[#out + 1] = { { page.session.id, "Input.insertText", { text = char } } }
    end
  end
  return out
end

-- Types: in bursts, or one character every `delay` seconds.
function M.type_text(page, text, delay)
  local batch = {}
  for i, messages in ipairs(M.type_events(page, text)) do
    if delay and delay > 0 then
      if i > 1 then native.sleep(delay) end
      M.send(page, messages)
    else
      if #batch + #messages > MAX_BURST then
        M.send(page, batch)
        batch = {}
      end
      table.move(messages, 1, #messages, #batch + 1, batch)
    end
  end
  if #batch > 0 then M.send(page, batch) end
end

function Keyboard:press(combination)
  local list = keys.combination(combination, "keyboard:press")
  self.page:ready_for("keyboard:press")
  M.send(self.page, M.press_events(self.page, list))
end

function Keyboard:down(name)
  local key = keys.key(name, "keyboard:down")
  self.page:ready_for("keyboard:down")
  M.send(self.page, { key_event(self, key, true) })
end

function Keyboard:up(name)
  local key = keys.key(name, "keyboard:up")
  self.page:ready_for("keyboard:up")
  M.send(self.page, { key_event(self, key, false) })
end

function Keyboard:type(text, opts)
  opts = known.check(opts, { "delay" }, "keyboard:type")
  local plain = M.plain(text, "keyboard:type")
  self.page:ready_for("keyboard:type")
  M.type_text(self.page, plain, opts.delay)
end

-- A text, or a secret's plain text, from what a flow gave -> text, is it a secret
function M.plain(text, what)
  if type(text) == "string" then
    if not utf8.len(text) then fault.raise("usage", what .. ": the text is not UTF-8") end
    return text, false
  end
  if math.type(text) == "integer" then return tostring(text), false end
  local meta = getmetatable(text)
  if type(meta) == "table" and meta.__name == "karun.secret" then
    return require("karun.secret").reveal(text), true
  end
  fault.raise("usage", ("%s takes a text or a secret, got %s"):format(what, type(text)))
end

-- A new page gets its mouse and its keyboard.
function M.attach(page)
  page.mouse = setmetatable({ page = page, x = 0, y = 0, buttons = 0 }, Mouse)
  page.keyboard = setmetatable({ page = page, modifiers = 0, held = {} }, Keyboard)
end

return M
