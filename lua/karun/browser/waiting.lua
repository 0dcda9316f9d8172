-- locator:wait{…}: until all that is given holds at once, in the page, whatever the page does meanwhile.

local ask = require "karun.browser.ask"
local fault = require "karun.error"
local known = require "karun.known"
local Locator = require("karun.browser.locator").Locator

local M = {}

local STATES = { "visible", "hidden", "attached", "detached", "enabled", "disabled", "stable", "checked" }
M.OPTIONS = { "state", "class", "no_class", "text", "attr", "value", "count", "timeout" }

local is_state = {}
for _, name in ipairs(STATES) do
  is_state[name] = true
end

local function check_attr(attr, what)
  if type(attr) ~= "table" then fault.raise("usage", what .. ": attr is a table {name = text, true or false}") end
  for name, value in pairs(attr) do
    if type(name) ~= "string" or type(value) ~= "string" and type(value) ~= "boolean" then
      fault.raise("usage", ("%s: attr %s is a text, or true or false for there and not there"):format(what, tostring(name)))
    end
  end
end

-- A wait table -> what the agent is to wait for, and the same in words.
function M.want(opts, what)
  known.check(opts, M.OPTIONS, what)
  if opts.state ~= nil and not is_state[opts.state] then
    fault.raise("usage", ("%s: there is no state `%s`%s"):format(what, tostring(opts.state), known.hint(opts.state, STATES)))
  end
  local want, line = { state = opts.state }, {}
  if opts.state then line[1] = opts.state end
  for _, name in ipairs { "class", "no_class", "text", "value" } do
    local value = opts[name]
    if value ~= nil then
      if type(value) ~= "string" then fault.raise("usage", ("%s: %s is a text, got %s"):format(what, name, type(value))) end
      want[name] = value
      line[#line + 1] = name .. "=" .. value
    end
  end
  if opts.count ~= nil then
    if math.type(opts.count) ~= "integer" or opts.count < 0 then fault.raise("usage", what .. ": count is a whole number from 0") end
    want.count = opts.count
    line[#line + 1] = "count=" .. opts.count
  end
  if opts.attr ~= nil then
    check_attr(opts.attr, what)
    want.attr = opts.attr
    for name, value in pairs(opts.attr) do
      line[#line + 1] = ("%s=%s"):format(name, tostring(value))
    end
  end
  return want, #line > 0 and table.concat(line, ", ") or "visible"
end

function Locator:wait(opts)
  local want, line = M.want(opts or {}, "locator:wait")
  self.frame.page:ready_for("wait")
  local timeout, deadline = ask.limit(self, opts)
  ask.ask(self, { op = "wait", want = want }, "wait for " .. line .. " of", timeout, deadline, line)
  return self
end

return M
