-- Requests and responses of a page: the events "request", "response", "request_failed", the document
-- behind a navigation, and how many requests are under way (wait_quiet).

local native = require "karun.native.task"

local M = { events = {} }
local on = M.events

local fault = require "karun.error"
local json = require "karun.native.json"
local known = require "karun.known"
local trace = require "karun.trace"

local KEPT = 2000 -- requests remembered by id; the oldest are forgotten

-- The protocol's header objects have the server's spelling; ours are lower-case.
function M.headers(raw)
  local out = {}
  for name, value in pairs(raw or {}) do
    out[name:lower()] = value
  end
  return out
end

local MONTHS = { Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6, Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11, Dec = 12 }

-- Seconds from now until an HTTP date ("Wed, 21 Oct 2026 07:28:00 GMT"), or nil.
local function seconds_until(date)
  local day, month, year, hour, min, sec = date:match("(%d+) (%a%a%a) (%d%d%d%d) (%d+):(%d+):(%d+) GMT")
  if not day or not MONTHS[month] then return nil end
  local function local_time(fields)
    return os.time { year = fields.year, month = fields.month, day = fields.day, hour = fields.hour, min = fields.min, sec = fields.sec,
      isdst = false }
  end
  -- both read as if they were local: the zone falls out of the difference
  local at = local_time { year = year, month = MONTHS[month], day = day, hour = hour, min = min, sec = sec }
  return math.max(0, at - local_time(os.date("!*t")))
end

-- Seconds that a Retry-After header asks for, or nil.
function M.retry_after(headers)
  local text = headers["retry-after"]
  return text and (tonumber(text) or seconds_until(text))
end

-- ---- the records that flows see ----

local Response = { __name = "karun.response" }

-- The whole body, as bytes; waits until it has come (Network.getResponseBody).
function Response:body(opts)
  opts = known.check(opts, { "timeout" }, "response:body")
  local page, record = self.page, self.record
  local deadline = page:deadline(opts.timeout)
  while not record.finished and not record.failed do
    page:check_alive()
    if not page:await_change(deadline) then
      fault.raise("timeout", "response:body: the body has not come: " .. self.url, { timed_out = true, url = self.url })
    end
  end
  if record.failed then
    fault.raise("net", ("response:body: %s: %s"):format(self.url, record.failed), { url = self.url, net = record.failed })
  end
  local result = record.session:call("Network.getResponseBody", { requestId = record.id }, deadline - native.now())
  local said = tonumber(self.headers["content-length"]) or 0
  if result.body == "" and said > 0 and self.request.method ~= "HEAD" and self.status ~= 304 then
    fault.raise("unsupported", ("response:body: the browser did not keep the body of %s (the page read it as a blob); ask for it with karun.http.fetch")
      :format(self.url), { url = self.url })
  end
  return result.base64Encoded and require("karun.native.base64").decode(result.body) or result.body
end

function Response:json(opts)
  return json.decode(self:body(opts))
end

function Response:__tostring()
  return ("response %d %s"):format(self.status, self.url)
end

-- page and record are the response's own business: they do not show in pairs()
local inner = setmetatable({}, { __mode = "k" })
local method = known.methods("a response", Response, { "url", "status", "headers", "request", "redirects", "download" })
Response.__index = function(self, key)
  local own = inner[self]
  if own and (key == "page" or key == "record") then return own[key] end
  return method(self, key)
end

local function new_response(page, record, raw)
  local response = setmetatable({
    url = raw.url, status = raw.status, headers = M.headers(raw.headers), request = record and record.request,
  }, Response)
  inner[response] = { page = page, record = record or { failed = "there is no body" } }
  return response
end

-- What page:open answers. A document without a request (about:blank, a restored page) has status 0.
function M.document_response(page, loader, url)
  local document = page.documents[loader]
  if not document or not document.response then
    local response = new_response(page, nil, { url = url, status = 0, headers = {} })
    response.redirects = {}
    return response
  end
  document.response.url = url:find("#", 1, true) and url or document.response.url
  document.response.redirects = document.redirects
  return document.response
end

function M.download_response(page, loader, url, download)
  local response = M.document_response(page, loader, url)
  response.download = download
  return response
end

-- ---- events ----

local function remember(page, record)
  page.requests[record.id] = record
  local order = page.request_order
  if not order then
    order = { first = 1, last = 0 }
    page.request_order = order
  end
  order.last = order.last + 1
  order[order.last] = record.id
  if order.last - order.first >= KEPT then
    page.requests[order[order.first]] = nil
    page.documents[order[order.first]] = nil
    order[order.first] = nil
    order.first = order.first + 1
  end
end

local QUIET_TYPES = { EventSource = true, WebSocket = true, Ping = true, CSPViolationReport = true }

local function ended(page, record)
  if record.since then
    trace.request(record.request.url, record.request.method, record.since, record.status, record.failed)
    record.since = nil
  end
  if record.counted then
    record.counted = nil
    page.inflight = page.inflight - 1
    page.quiet_since = native.now()
  end
  page:wake()
end

local function redirected(page, record, raw)
  record.document.redirects[#record.document.redirects + 1] = record.request.url
  page.events:emit("response", new_response(page, record, raw))
end

on["Network.requestWillBeSent"] = function(page, params, session)
  local earlier = page.requests[params.requestId]
  local raw = params.request
  local document = earlier and earlier.document or { redirects = {} }
  if earlier and params.redirectResponse then redirected(page, earlier, params.redirectResponse) end
  local record = earlier or { id = params.requestId, session = session, document = document }
  record.since = record.since or native.now()
  record.request = {
    url = raw.url .. (raw.urlFragment or ""), method = raw.method, headers = M.headers(raw.headers), body = raw.postData,
  }
  if not earlier then
    remember(page, record)
    if params.requestId == params.loaderId then
      record.is_document, record.frame = true, params.frameId
      page.documents[params.loaderId] = document
    end
    if not QUIET_TYPES[params.type or ""] then
      record.counted = true
      page.inflight = page.inflight + 1
    end
  end
  page.quiet_since = native.now()
  page.events:emit("request", record.request)
  page:wake()
end

on["Network.responseReceived"] = function(page, params)
  local record = page.requests[params.requestId]
  if not record then return end
  local response = new_response(page, record, params.response)
  record.status = response.status
  if record.is_document then record.document.response = response end
  page.events:emit("response", response)
  page:wake()
end

on["Network.loadingFinished"] = function(page, params)
  local record = page.requests[params.requestId]
  if not record then return end
  record.finished = true
  ended(page, record)
end

on["Network.loadingFailed"] = function(page, params)
  local record = page.requests[params.requestId]
  if not record then return end
  record.failed = params.errorText
  if record.is_document then
    record.document.failed = params.errorText
    if page.top then page.top:change() end
    if page.top and record.frame == page.top.id then page.events:emit("navigation_failed", params.errorText, record.document) end
  end
  local request = record.request
  page.events:emit("request_failed", {
    url = request.url, method = request.method, headers = request.headers, body = request.body, error = params.errorText,
  })
  ended(page, record)
end

-- A frame's process or a worker is gone: nothing of it will be answered.
function M.session_gone(page, session)
  for _, record in pairs(page.requests) do
    if record.session == session and not record.finished then
      record.failed = record.failed or "net::ERR_ABORTED"
      ended(page, record)
    end
  end
end

return M
