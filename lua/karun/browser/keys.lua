-- Keys by their DOM names, on a US keyboard: what an event of each must say.

local fault = require "karun.error"
local known = require "karun.known"

local M = {}

local by_name = {} -- DOM key or code -> { key, code, number, text, shifted, location }

local function add(entry, ...)
  for _, name in ipairs { entry.key, entry.code, ... } do
    by_name[name] = by_name[name] or entry
  end
end

local function character(code, number, plain, shifted)
  add { key = plain, code = code, number = number, text = plain, shifted = shifted }
  local upper = { key = shifted, code = code, number = number, text = shifted, shifted = shifted }
  by_name[shifted] = by_name[shifted] or upper
end

for letter in ("abcdefghijklmnopqrstuvwxyz"):gmatch "." do
  local upper = letter:upper()
  character("Key" .. upper, upper:byte(), letter, upper)
end
for i, shifted in ipairs { "!", "@", "#", "$", "%", "^", "&", "*", "(", ")" } do
  local digit = tostring(i % 10)
  character("Digit" .. digit, digit:byte(), digit, shifted)
end
for _, row in ipairs {
  { "Backquote", 192, "`", "~" }, { "Minus", 189, "-", "_" }, { "Equal", 187, "=", "+" },
  { "BracketLeft", 219, "[", "{" }, { "BracketRight", 221, "]", "}" }, { "Backslash", 220, "\\", "|" },
  { "Semicolon", 186, ";", ":" }, { "Quote", 222, "'", "\"" }, { "Comma", 188, ",", "<" },
  { "Period", 190, ".", ">" }, { "Slash", 191, "/", "?" }, { "Space", 32, " ", " " },
} do
  character(table.unpack(row))
end

for name, number in pairs {
  Backspace = 8, Tab = 9, Pause = 19, CapsLock = 20, Escape = 27, PageUp = 33, PageDown = 34, End = 35, Home = 36,
  ArrowLeft = 37, ArrowUp = 38, ArrowRight = 39, ArrowDown = 40, PrintScreen = 44, Insert = 45, Delete = 46,
  ContextMenu = 93, NumLock = 144, ScrollLock = 145,
} do
  add { key = name, code = name, number = number }
end
for i = 1, 24 do
  add { key = "F" .. i, code = "F" .. i, number = 111 + i }
end
add { key = "Enter", code = "Enter", number = 13, text = "\r" }
by_name["\n"], by_name["\r"], by_name["\t"] = by_name.Enter, by_name.Enter, by_name.Tab
by_name.NumpadEnter = { key = "Enter", code = "NumpadEnter", number = 13, text = "\r", location = 3 }

-- name -> its bit in an event's modifiers
M.MODIFIERS = { Alt = 1, Control = 2, Meta = 4, Shift = 8 }

for name, number in pairs { Shift = 16, Control = 17, Alt = 18, Meta = 91 } do
  add { key = name, code = name .. "Left", number = number, location = 1, bit = M.MODIFIERS[name] }
  by_name[name .. "Right"] = { key = name, code = name .. "Right", number = number, location = 2, bit = M.MODIFIERS[name] }
end
by_name.ControlOrMeta = by_name.Control
for i = 0, 9 do
  by_name["Numpad" .. i] = { key = tostring(i), code = "Numpad" .. i, number = 96 + i, text = tostring(i), location = 3 }
end

local function names()
  local list = {}
  for name in pairs(by_name) do
    if #name > 1 then list[#list + 1] = name end
  end
  return list
end

-- The key of a character, or nil: it has to be inserted as text.
function M.of_character(char)
  return by_name[char]
end

function M.key(name, what)
  local found = type(name) == "string" and by_name[name]
  if found then return found end
  if type(name) == "string" and utf8.len(name) == 1 then
    return { key = name, code = "", number = 0, text = name }
  end
  fault.raise("usage", ("%s: there is no key `%s`%s"):format(what, tostring(name), known.hint(name, names())))
end

-- "Control+Shift+s" -> list of keys, the last one is pressed while the others are down.
function M.combination(text, what)
  if type(text) ~= "string" or text == "" then
    fault.raise("usage", what .. " takes a key as \"Enter\" or \"Control+Shift+s\", got " .. (text == "" and "\"\"" or type(text)))
  end
  local list, rest = {}, text
  while true do
    local head, tail = rest:match("^([^+]+)%+(.+)$")
    if not head then break end
    list[#list + 1] = M.key(head, what)
    rest = tail
  end
  list[#list + 1] = M.key(rest, what)
  for i = 1, #list - 1 do
    if not list[i].bit then
      fault.raise("usage", ("%s: %s: only Alt, Control, Meta and Shift are held down with another key"):format(what, text))
    end
  end
  return list
end

-- The parameters of Input.dispatchKeyEvent.
function M.event(key, down, modifiers)
  local shift = modifiers & M.MODIFIERS.Shift ~= 0
  local text = key.text
  if shift and key.shifted then text = key.shifted end
  local shown = text and key.text ~= "\r" and text or key.key
  if modifiers & ~M.MODIFIERS.Shift ~= 0 then text = nil end
  return {
    type = not down and "keyUp" or text and "keyDown" or "rawKeyDown", key = shown, code = key.code,
    windowsVirtualKeyCode = key.number, nativeVirtualKeyCode = key.number, location = key.location,
    modifiers = modifiers, text = down and text or nil, unmodifiedText = down and text or nil,
    isKeypad = key.location == 3 or nil,
  }
end

return M
