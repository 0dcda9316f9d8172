-- What is kept of a failure, in failures/NN-…: the page's picture, document and console, the last protocol
-- messages, and the error itself. Secrets are masked. Nothing here may make matters worse: each part has a
-- short limit, and one that fails is left out.

local clean = require "karun.report.clean"
local fault = require "karun.error"
local json = require "karun.native.json"
local log = require "karun.log"
local task = require "karun.task"
local trace = require "karun.trace"

local M = {}

local LIMIT = 3          -- seconds for one part
local KEPT = 30          -- failures with a folder of their own; a run with more has one fault many times
local SMALL = { format = "jpeg", quality = 45 }

local folder_of          -- set by run_life: answers failures/

function M.folder(fn)
  folder_of = fn
end

local function write(path, text)
  local file = io.open(path, "wb")
  if not file then return end
  file:write(text)
  file:close()
end

-- Values of the page's cookies: they are secrets that nobody declared.
local function cookies_of(page)
  local result = page.session:try("Network.getCookies", nil, LIMIT)
  local values = {}
  for _, cookie in ipairs(result and result.cookies or {}) do
    values[#values + 1] = cookie.value
  end
  table.sort(values, function(a, b) return #a > #b end)
  return values
end

-- Password fields (and fields that were made readable) are painted over while the picture is taken.
local HIDE = [[(() => { const style = document.createElement("style"); style.id = "karun-hide";
  style.textContent = "input[type=password],input[autocomplete*=password],input[name*=pass i]{color:transparent!important;" +
  "text-shadow:none!important;-webkit-text-security:disc}"; document.documentElement.append(style); })()]]
local SHOW = [[document.getElementById("karun-hide")?.remove()]]

local function picture(page, path)
  page.session:try("Runtime.evaluate", { expression = HIDE }, LIMIT)
  local big = page.session:try("Page.captureScreenshot", { format = "png" }, LIMIT)
  local metrics = page.session:try("Page.getLayoutMetrics", nil, LIMIT)
  local view = metrics and metrics.cssVisualViewport
  local small = view and page.session:try("Page.captureScreenshot", { format = SMALL.format, quality = SMALL.quality,
    clip = { x = view.pageX, y = view.pageY, width = view.clientWidth, height = view.clientHeight,
      scale = math.min(1, 640 / math.max(1, view.clientWidth)) } }, LIMIT)
  page.session:try("Runtime.evaluate", { expression = SHOW }, LIMIT)
  local decode = require("karun.native.base64").decode
  if big then write(path .. "/page.png", decode(big.data)) end
  if small then write(path .. "/small.jpg", decode(small.data)) end
end

local function document(page, path, cookies)
  local html = page.session:try("Runtime.evaluate",
    { expression = "document.documentElement.outerHTML", returnByValue = true }, LIMIT)
  html = html and html.result and html.result.value
  if type(html) == "string" then write(path .. "/page.html", clean.html(html:sub(1, 2 << 20), cookies)) end
end

local function console(page, path, cookies)
  local lines = {}
  for _, line in ipairs((page:console())) do
    lines[#lines + 1] = ("%s %s (%s:%s)"):format(line.kind, clean.text(line.text, cookies),
      line.url and clean.url(line.url) or "", line.line or "")
  end
  write(path .. "/console.txt", table.concat(lines, "\n") .. "\n")
end

local function protocol(path, cookies)
  local ring = trace.recording().messages
  local lines = {}
  for i = 1, trace.limits.messages do
    local message = ring[(ring.last + i - 1) % trace.limits.messages + 1]
    if message then
      lines[#lines + 1] = json.encode(clean.value({ at_s = message.at, method = message.method, event = message.event,
        dur_s = message.dur, failed = message.failed, params = message.params }, cookies))
    end
  end
  write(path .. "/protocol.jsonl", table.concat(lines, "\n") .. "\n")
end

-- Fills in failure.folder (relative to the run's), .url, .line. small.jpg is the report's picture.
function M.keep(failure, err, page)
  failure.line = err.where
  if not folder_of or failure.number > KEPT then return end
  local name = failure.name or ("%02d"):format(failure.number)
  local path = folder_of(name)
  failure.folder = "failures/" .. name
  local cookies = {}
  local function part(fn, ...)
    local ok, why = fault.try(fn, ...)
    if not ok then log.debug("a part of the failure could not be kept: " .. tostring(why)) end
    return ok and why
  end
  task.shielded(function()
    if page and not page.gone then
      failure.url = part(function() return clean.url(page.top.frame_url) end) or nil
      cookies = part(cookies_of, page) or {}
      part(picture, page, path)
      part(document, page, path, cookies)
    end
    if page then part(console, page, path, cookies) end
    part(protocol, path, cookies)
    write(path .. "/error.txt", clean.text(tostring(err) .. "\n" .. (err.traceback or "") .. "\n", cookies))
  end)
end

return M
