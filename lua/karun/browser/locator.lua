-- A locator: which element is meant, looked up afresh at every use. This file finds and asks; what acts
-- is added in act.lua, field.lua, drag.lua and upload.lua.

local ask = require "karun.browser.ask"
local fault = require "karun.error"
local json = require "karun.native.json"
local known = require "karun.known"
local words = require "karun.browser.words"

local Locator = { __name = "karun.locator" }
-- context, session: of a pinned one, the document that holds the element; pinned: what it was, in words
known.class("a locator", Locator, { "frame", "path", "context", "session", "pinned" })

local M = { Locator = Locator }

-- ---- making ----

local function check_selector(selector, what)
  local kind = type(selector)
  if kind == "string" then return selector end
  if kind ~= "table" or #selector == 0 then
    fault.raise("usage", ("%s takes a selector, or an ordered list of them, got %s"):format(what,
      kind == "table" and "an empty one" or kind))
  end
  local list = {}
  for i, one in ipairs(selector) do
    if type(one) ~= "string" then
      fault.raise("usage", ("%s: number %d of the selectors is a %s, not a text"):format(what, i, type(one)))
    end
    list[i] = one
  end
  return list
end

function M.new(frame, selector, what)
  return setmetatable({ frame = frame, path = { sel = check_selector(selector, what) } }, Locator)
end

function M.is(value)
  return getmetatable(value) == Locator
end

local function with_step(locator, step)
  local path = locator.path
  local steps = path.steps and table.move(path.steps, 1, #path.steps, 1, {}) or {}
  steps[#steps + 1] = step
  return setmetatable({
    frame = locator.frame, path = { sel = path.sel, pin = path.pin, steps = steps }, context = locator.context,
    session = locator.session, pinned = locator.pinned,
  }, Locator)
end

function Locator:find(selector)
  return with_step(self, { find = check_selector(selector, "locator:find") })
end

function Locator:nth(i)
  if math.type(i) ~= "integer" or i == 0 then
    fault.raise("usage", "locator:nth takes a whole number from 1, or from -1 for the end, got " .. tostring(i))
  end
  return with_step(self, { nth = i })
end

function Locator:first()
  return with_step(self, { nth = 1 })
end

function Locator:last()
  return with_step(self, { nth = -1 })
end

function Locator:filter(opts)
  opts = known.check(opts, { "text", "has", "visible" }, "locator:filter")
  if opts.text ~= nil and type(opts.text) ~= "string" then fault.raise("usage", "locator:filter: text is a text") end
  if opts.has ~= nil and type(opts.has) ~= "string" then fault.raise("usage", "locator:filter: has is a selector") end
  if opts.visible ~= nil and type(opts.visible) ~= "boolean" then fault.raise("usage", "locator:filter: visible is true or false") end
  if next(opts) == nil then return self end
  return with_step(self, { filter = { text = opts.text, has = opts.has, visible = opts.visible } })
end

-- ---- asking ----

-- One question about one element: waits for it to be there.
local function read(locator, question, opts, names, what)
  opts = known.check(opts, names, "locator:" .. what)
  locator.frame.page:ready_for(what)
  local timeout, deadline = ask.limit(locator, opts)
  local value = ask.ask(locator, question, what, timeout, deadline, "the element to be there").value
  if value == json.null then return nil end
  return value
end

local TIMEOUT = { "timeout" }

-- About all matches, at once.
local function read_all(locator, question, opts, names, what)
  if opts ~= nil then known.check(opts, names, "locator:" .. what) end
  locator.frame.page:ready_for(what)
  local timeout, deadline = ask.limit(locator, opts)
  return ask.ask(locator, question, what, timeout, deadline).value
end

function Locator:count(opts)
  return read_all(self, { op = "read", what = "count" }, opts, TIMEOUT, "count")
end

-- A pinned element that has left the document is not there.
local function or_false(locator, question, opts, what)
  local ok, value = fault.try(read_all, locator, question, opts, TIMEOUT, what)
  if ok then return value end
  if value.kind == "stale" then return false end
  error(value, 0)
end

function Locator:exists(opts)
  return or_false(self, { op = "read", what = "exists" }, opts, "exists")
end

function Locator:visible(opts)
  return or_false(self, { op = "read", what = "visible" }, opts, "visible")
end

function Locator:texts(opts)
  return read_all(self, { op = "read", what = "texts", raw = opts and opts.raw }, opts, { "raw", "timeout" }, "texts")
end

local function check_name(name, what)
  if type(name) ~= "string" then fault.raise("usage", ("locator:%s takes a name, got %s"):format(what, type(name))) end
  return name
end

-- A list; karun.json.null where an element has no such attribute.
function Locator:attrs(name, opts)
  return read_all(self, { op = "read", what = "attrs", name = check_name(name, "attrs") }, opts, TIMEOUT, "attrs")
end

function Locator:text(opts)
  return read(self, { op = "read", what = "text", raw = opts and opts.raw }, opts, { "raw", "timeout" }, "text")
end

function Locator:attr(name, opts)
  return read(self, { op = "read", what = "attr", name = check_name(name, "attr") }, opts, TIMEOUT, "attr")
end

function Locator:has_class(class, opts)
  return read(self, { op = "read", what = "has_class", name = check_name(class, "has_class") }, opts, TIMEOUT, "has_class")
end

for _, what in ipairs { "value", "html", "enabled", "checked", "box" } do
  Locator[what] = function(self, opts)
    return read(self, { op = "read", what = what }, opts, TIMEOUT, what)
  end
end

-- ---- holding on to an element ----

local function pinned(frame, number, line)
  return setmetatable({
    frame = frame, path = { pin = number }, context = frame.contexts.karun, session = frame.session, pinned = line,
  }, Locator)
end

-- The very element found now: `stale` once it has left the document.
function Locator:pin(opts)
  opts = known.check(opts, TIMEOUT, "locator:pin")
  self.frame.page:ready_for("pin")
  local timeout, deadline = ask.limit(self, opts)
  local answer, frame = ask.ask(self, { op = "pin" }, "pin", timeout, deadline, "the element to be there")
  return pinned(frame, answer.value, words.of(self) .. " (pinned)")
end

-- All matches, each held; one round trip.
function Locator:all(opts)
  opts = known.check(opts, TIMEOUT, "locator:all")
  self.frame.page:ready_for("all")
  local timeout, deadline = ask.limit(self, opts)
  local answer, frame = ask.ask(self, { op = "read", what = "pins" }, "all", timeout, deadline)
  local line, list = words.of(self), {}
  for i, number in ipairs(answer.value) do
    list[i] = pinned(frame, number, ("%s (number %d, pinned)"):format(line, i))
  end
  return list
end

-- The element as a remote object of a world ("main": the page's own) -> object id, frame. Release it.
function M.object(locator, world, what, timeout, deadline)
  while true do
    local answer, frame = ask.ask(locator, { op = "pin" }, what, timeout, deadline, "the element to be there")
    local ok, object = fault.try(function()
      local ours = frame:element({ pin = answer.value }, deadline)
      if not ours or world == "karun" then return ours end
      local left = math.max(0.001, deadline - require("karun.native.task").now())
      local node = frame.session:call("DOM.describeNode", { objectId = ours }, left).node
      frame:release(ours)
      return frame.session:call("DOM.resolveNode",
        { backendNodeId = node.backendNodeId, executionContextId = frame:context(world, deadline) }, left).object.objectId
    end)
    if ok and object then return object, frame end
    if not ok and object.kind ~= "context_lost" and object.kind ~= "stale" and object.kind ~= "protocol" then error(object, 0) end
  end
end

-- js in the page's own world, with the element as its first argument.
function Locator:eval(js, ...)
  if type(js) ~= "string" then fault.raise("usage", "locator:eval takes JavaScript as a text, got " .. type(js)) end
  self.frame.page:ready_for("eval")
  local timeout, deadline = ask.limit(self)
  local object, frame = M.object(self, "main", "eval", timeout, deadline)
  local ok, result = fault.try(frame.evaluate_about, frame, object, js, deadline, ...)
  if ok then
    frame:release(object)
    return result
  end
  if result.kind == "dialog" then return nil end -- it opened a dialog: that is its end
  error(result, 0)
end

function Locator:__tostring()
  return "locator " .. words.of(self)
end

return M
