-- karun.dom: the verbs of pages, frames and locators as functions (`karun.dom.click(page, "a")`), and
-- what helps to write selectors.

local fault = require "karun.error"
local known = require "karun.known"

local M = {}

-- Any value as a quoted string for a selector: "[name=" .. karun.dom.quote(v) .. "]".
function M.quote(value)
  local text = tostring(value)
  if not utf8.len(text) then fault.raise("usage", "karun.dom.quote: the text is not UTF-8") end
  text = text:gsub("[\"\\]", "\\%0"):gsub("%z", "\u{FFFD}"):gsub("[\1-\31\127]", function(char)
    return ("\\%x "):format(char:byte())
  end)
  return "\"" .. text .. "\""
end

local function names()
  local list = { "quote" }
  for name in pairs(require("karun.browser.locator").Locator) do
    if not name:match("^_") then list[#list + 1] = name end
  end
  return list
end

return setmetatable(M, {
  __index = function(self, name)
    local verb = rawget(require("karun.browser.locator").Locator, name)
    if type(name) ~= "string" or name:match("^_") or not verb then
      fault.raise("usage", ("karun.dom has no `%s`%s"):format(tostring(name), known.hint(name, names())))
    end
    local function call(target, ...)
      if type(target) ~= "table" then
        fault.raise("usage", ("karun.dom.%s takes a page, a frame or a locator first, got %s"):format(name, type(target)))
      end
      return target[name](target, ...)
    end
    rawset(self, name, call)
    return call
  end,
})
