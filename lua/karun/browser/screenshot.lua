-- Pictures of a page, and the page as a PDF.

local ask = require "karun.browser.ask"
local base64 = require "karun.native.base64"
local fault = require "karun.error"
local file = require "karun.file"
local gesture = require "karun.browser.gesture"
local known = require "karun.known"
local native = require "karun.native.task"
local Locator = require("karun.browser.locator").Locator
local Page = require("karun.browser.page").Page

local FORMATS = { [".jpg"] = "jpeg", [".jpeg"] = "jpeg", [".webp"] = "webp" }

-- The bytes into a file whose folder need not be there yet; without a path they are the answer.
local function deliver(path, text)
  local bytes = base64.decode(text)
  if not path then return bytes end
  local folder = file.split(path)
  if not file.exists(folder) then file.mkdir(folder) end
  file.write(path, bytes)
end

local function rectangle(clip, what)
  local x, y, w, h = clip[1] or clip.x, clip[2] or clip.y, clip[3] or clip.w, clip[4] or clip.h
  for _, number in ipairs { x or 0 / 0, y or 0 / 0, w or 0 / 0, h or 0 / 0 } do
    if type(number) ~= "number" or number ~= number then fault.raise("usage", what .. ": clip is {x, y, w, h} in CSS pixels") end
  end
  if w <= 0 or h <= 0 then fault.raise("usage", ("%s: there is nothing to see in %g x %g pixels"):format(what, w, h)) end
  return { x = x, y = y, width = w, height = h, scale = 1 }
end

-- clip counts from the window's corner; it may reach beyond the window.
local function clip_of(page, opts, what, deadline)
  if not opts.full and not opts.clip then return nil end
  local clip = opts.clip and rectangle(opts.clip, what)
  local metrics = page.session:call("Page.getLayoutMetrics", nil, math.max(0, deadline - native.now()))
  if opts.full then
    local whole = metrics.cssContentSize
    return { x = 0, y = 0, width = math.max(1, whole.width), height = math.max(1, whole.height), scale = 1 }
  end
  local view = metrics.cssVisualViewport
  clip.x, clip.y = clip.x + view.pageX, clip.y + view.pageY
  return clip
end

local function take(page, path, opts, what)
  page:ready_for(what)
  if path ~= nil and (type(path) ~= "string" or path == "") then
    fault.raise("usage", ("%s takes a path or nothing, got %s"):format(what, type(path)))
  end
  if opts.full and opts.clip then fault.raise("usage", what .. ": full or clip, not both") end
  local deadline = page:deadline(opts.timeout)
  local clip = clip_of(page, opts, what, deadline)
  local _, _, extension = file.split(path or "x.png")
  local result = page.session:call("Page.captureScreenshot", {
    format = FORMATS[extension:lower()] or "png", clip = clip, captureBeyondViewport = clip ~= nil,
  }, math.max(0, deadline - native.now()))
  return deliver(path, result.data)
end

-- A picture of what the window shows, of the whole page (full) or of a part (clip). PNG; .jpg and .webp
-- by the path's ending.
function Page:screenshot(path, opts)
  if type(path) == "table" and opts == nil then path, opts = nil, path end
  return take(self, path, known.check(opts, { "full", "clip", "timeout" }, "page:screenshot"), "page:screenshot")
end

-- The element, scrolled to, and whatever lies over it.
function Locator:screenshot(path, opts)
  if type(path) == "table" and opts == nil then path, opts = nil, path end
  opts = known.check(opts, { "timeout" }, "locator:screenshot")
  local page = self.frame.page
  local timeout, deadline = ask.limit(self, opts)
  self:scroll_into_view { timeout = timeout }
  local answer, frame = ask.ask(self, { op = "read", what = "box" }, "screenshot", timeout, deadline, "the element to be there")
  local box = answer.value
  if not box then fault.raise("hidden", ("locator:screenshot: %s is not rendered"):format(tostring(self)), { selector = tostring(self) }) end
  local x, y = gesture.outwards(frame, box.x, box.y, { hit = false }, deadline)
  return take(page, path, { clip = { x or box.x, y or box.y, box.w, box.h }, timeout = math.max(0, deadline - native.now()) },
    "locator:screenshot")
end

function Page:pdf(path, opts)
  if type(path) == "table" and opts == nil then path, opts = nil, path end
  opts = known.check(opts, { "landscape", "background", "scale", "timeout" }, "page:pdf")
  self:ready_for("pdf")
  local result = self.session:call("Page.printToPDF", {
    landscape = opts.landscape or false, printBackground = opts.background ~= false, scale = opts.scale or 1,
    preferCSSPageSize = true,
  }, opts.timeout or self:default_timeout())
  return deliver(path, result.data)
end
