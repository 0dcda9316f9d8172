-- The page's console and uncaught errors: events "console" and "error", and page:console().

local Page = require("karun.browser.page").Page

local M = { events = {} }
local on = M.events

local KEPT = 1000
local KINDS = { warning = "warn", ["assert"] = "error" }

local function text_of(argument)
  if argument.unserializableValue then return argument.unserializableValue end
  if argument.value ~= nil and type(argument.value) ~= "table" then return tostring(argument.value) end
  if argument.subtype == "null" then return "null" end
  return argument.description or argument.type
end

local function keep(page, line)
  local lines = page.lines
  local last = (lines.last or 0) + 1
  lines.last, lines[last] = last, line
  if last > KEPT then
    lines[last - KEPT] = nil
    page.lines_dropped = page.lines_dropped + 1
  end
  page.events:emit("console", line)
end

on["Runtime.consoleAPICalled"] = function(page, params)
  local parts = {}
  for i, argument in ipairs(params.args or {}) do
    parts[i] = text_of(argument)
  end
  local at = params.stackTrace and params.stackTrace.callFrames[1] or {}
  keep(page, {
    kind = KINDS[params.type] or params.type, text = table.concat(parts, " "), url = at.url,
    line = at.lineNumber and at.lineNumber + 1,
  })
end

on["Runtime.exceptionThrown"] = function(page, params)
  local details = params.exceptionDetails
  local thrown = details.exception or {}
  local stack = thrown.description or tostring(thrown.value or details.text)
  local message = stack:match("^[^\n]*")
  keep(page, { kind = "error", text = message, url = details.url, line = details.lineNumber and details.lineNumber + 1 })
  page.events:emit("error", { message = message, stack = stack })
end

-- The last 1,000 lines, oldest first, and how many older ones were dropped.
function Page:console()
  local out, lines = {}, self.lines
  local last = lines.last or 0
  for i = math.max(1, last - KEPT + 1), last do
    out[#out + 1] = lines[i]
  end
  return out, self.lines_dropped
end

return M
