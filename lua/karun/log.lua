-- karun.log: lines for a person, with secrets masked. What the screen shows depends on -q and -v; sinks
-- (the run folder's log.txt) get everything.

local clean = require "karun.report.clean"
local native = require "karun.native.log"

local M = {}

local LEVELS = { error = 1, warn = 2, info = 3, debug = 4, trace = 5 }
local shown = LEVELS.info
local sinks = {}
local screen = nil

-- Control characters of a page's text must not reach a terminal; bidi marks neither.
function M.plain(text)
  text = text:gsub("[%c\127]", function(c)
    return c == "\n" and "\n  " or c == "\t" and " " or ("\\x%02x"):format(c:byte())
  end)
  return (text:gsub("\u{202A}", ""):gsub("\u{202B}", ""):gsub("\u{202C}", ""):gsub("\u{202D}", ""):gsub("\u{202E}", ""))
end

local function line(level, message, fields)
  local parts = { M.plain(clean.text(tostring(message))) }
  local names = {}
  for name in pairs(fields or {}) do
    names[#names + 1] = tostring(name)
  end
  table.sort(names)
  for _, name in ipairs(names) do
    parts[#parts + 1] = name .. "=" .. M.plain(clean.text(tostring(fields[name])))
  end
  local text = table.concat(parts, " ")
  for _, sink in ipairs(sinks) do
    sink(level, text, fields)
  end
  if LEVELS[level] > shown then return end
  if screen then return screen(level, text) end
  native.write((level == "info" and "" or level .. ": ") .. text .. "\n")
end

for level in pairs(LEVELS) do
  M[level] = function(message, fields)
    line(level, message, fields)
  end
end

-- How much the screen shows: "error" … "trace".
function M.show(level)
  shown = LEVELS[level]
end

-- fn(level, text, fields) hears every line.
function M.sink(fn)
  sinks[#sinks + 1] = fn
end

-- fn(level, text) writes to the screen instead of us (a progress line must make room first); nil: us again.
function M.screen(fn)
  screen = fn
end

function M.mask(text)
  return native.mask(text)
end

return M
