-- page:find, frame:find, page:frame, and a locator's verbs with the selector put first, on pages and
-- frames: page:click("a", opts).

local fault = require "karun.error"
local known = require "karun.known"
local locator = require "karun.browser.locator"
local native = require "karun.native.task"
local pattern = require "karun.browser.pattern"
local Frame = require("karun.browser.frame").Frame
local Locator = locator.Locator
local Page = require("karun.browser.page").Page

function Page:find(selector)
  return locator.new(self.top, selector, "page:find")
end

function Frame:find(selector)
  return locator.new(self, selector, "frame:find")
end

-- A locator may stand for its selector.
local function target(frame, selector, what)
  if locator.is(selector) then return selector end
  return locator.new(frame, selector, what)
end

-- What page and frame have under the same name stays theirs (page:eval, page:screenshot, page:press).
local NOT_SHORT = { eval = true, screenshot = true, press = true, html = true }

for name, verb in pairs(Locator) do
  if type(verb) == "function" and not name:match("^_") and not NOT_SHORT[name] then
    if rawget(Page, name) == nil then
      Page[name] = function(self, selector, ...)
        return verb(target(self.top, selector, "page:" .. name), ...)
      end
    end
    if rawget(Frame, name) == nil then
      Frame[name] = function(self, selector, ...)
        return verb(target(self, selector, "frame:" .. name), ...)
      end
    end
  end
end

-- ---- page:press ----

function Page:press(keys)
  self.keyboard:press(keys)
end

-- ---- page:frame ----

-- An equal name first, then the address.
local function by_name_or_url(page, wanted, fits)
  for _, frame in ipairs(page.frame_order) do
    if type(wanted) == "string" and frame.frame_name == wanted then return frame end
  end
  for _, frame in ipairs(page.frame_order) do
    if frame.parent_frame and fits(frame.frame_url) then return frame end
  end
end

-- The frame that a locator's iframe shows.
local function of_locator(page, wanted, timeout, deadline)
  while true do
    local object, outer = locator.object(wanted, "karun", "frame", timeout, deadline)
    local node = outer.session:try("DOM.describeNode", { objectId = object }, math.max(0.001, deadline - native.now()))
    outer:release(object)
    local id = node and node.node.frameId
    if node and not id then fault.raise("usage", "page:frame: that element is no frame: " .. tostring(wanted)) end
    local found = id and page.frames_by_id[id]
    if found then return found end
    if not page:await_change(deadline) then return nil end
  end
end

-- Waits for a frame by name, by address (a url pattern or a function), or by a locator of its iframe.
function Page:frame(wanted, opts)
  opts = known.check(opts, { "timeout" }, "page:frame")
  self:ready_for("frame")
  local timeout = opts.timeout or self:default_timeout()
  local deadline = native.now() + timeout
  local found
  if locator.is(wanted) then
    found = of_locator(self, wanted, timeout, deadline)
  else
    local fits = pattern.compile(wanted, "page:frame")
    found = by_name_or_url(self, wanted, fits)
    while not found and self:await_change(deadline) do
      self:check_alive()
      found = by_name_or_url(self, wanted, fits)
    end
  end
  if found then return found end
  local list = {}
  for i, frame in ipairs(self.frame_order) do
    list[i] = ("%q %s"):format(frame.frame_name, frame.frame_url)
  end
  fault.raise("timeout", ("page:frame: no frame %s after %g s; there are: %s"):format(tostring(wanted), timeout, table.concat(list, ", ")),
    { timed_out = true, timeout = timeout, url = self.top.frame_url, waited_for = tostring(wanted) })
end
