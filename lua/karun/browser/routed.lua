-- A request that stopped at us, as a route's handler sees it: { url, method, headers, body, kind }. It
-- ends in continue, fulfill or abort, once.

local base64 = require "karun.native.base64"
local fault = require "karun.error"
local json = require "karun.native.json"
local known = require "karun.known"
local network = require "karun.browser.network"
local secret = require "karun.secret"
local url = require "karun.browser.url"

local M = {}

local Request = { __name = "karun.routed_request" }
known.class("a routed request", Request, { "url", "method", "headers", "body", "kind" })

local inner = setmetatable({}, { __mode = "k" }) -- request -> { session, id, raw, done }

-- The request may be gone by now: its page went elsewhere. That is no fault of the handler's.
local GONE = { page_closed = true, frame_detached = true, browser_gone = true, page_crashed = true, context_lost = true }

local function finish(request, what, method, params)
  local its = inner[request]
  if its.done then fault.raise("usage", ("%s: the request has had its answer already (%s)"):format(what, its.done)) end
  its.done = what
  params.requestId = its.id
  local _, err = its.session:try(method, params)
  if not err or GONE[err.kind] or err.message:find("InterceptionId", 1, true) then return end
  its.done = nil
  if err.kind == "protocol" then err = fault.new("usage", ("%s: %s"):format(what, err.message)) end
  error(err, 0)
end

local function header_list(headers, what)
  if type(headers) ~= "table" then fault.raise("usage", what .. ": headers is a table, { name = value }") end
  local list = json.array {}
  for name, value in pairs(headers) do
    value = secret.reveal(value)
    if type(name) ~= "string" then fault.raise("usage", what .. ": headers is a table, { name = value }") end
    for _, one in ipairs(type(value) == "table" and value or { value }) do
      list[#list + 1] = { name = name, value = tostring(secret.reveal(one)) }
    end
  end
  return list
end

local function check_text(value, name, what)
  if value ~= nil and type(value) ~= "string" then
    fault.raise("usage", ("%s: %s is a text, got %s"):format(what, name, type(value)))
  end
  return value
end

-- Goes on, as it was or changed. headers lie over the request's own; false takes one away.
function Request:continue(opts)
  local what = "request:continue"
  opts = known.check(opts, { "url", "method", "headers", "body" }, what)
  local params = {
    url = check_text(opts.url, "url", what), method = check_text(opts.method, "method", what),
    postData = check_text(opts.body, "body", what) and base64.encode(opts.body),
  }
  if opts.headers then
    local all = {}
    for name, value in pairs(self.headers) do
      all[name] = value
    end
    for name, value in pairs(opts.headers) do
      all[tostring(name):lower()] = value or nil
    end
    params.headers = header_list(all, what)
  end
  finish(self, what, "Fetch.continueRequest", params)
end

-- A page of another origin may read what we made up, as if its server allowed it.
local function allow_origin(request, headers)
  local origin = request.headers.origin
  if not origin or origin == url.origin(request.url) or headers["access-control-allow-origin"] then return end
  headers["access-control-allow-origin"] = origin
  headers["access-control-allow-credentials"] = headers["access-control-allow-credentials"] or "true"
end

-- An answer of our own; the request does not leave the browser.
function Request:fulfill(opts)
  local what = "request:fulfill"
  opts = known.check(opts, { "status", "headers", "body" }, what)
  local status = opts.status or 200
  if math.type(status) ~= "integer" or status < 100 or status > 599 then
    fault.raise("usage", what .. ": status is a whole number from 100 to 599")
  end
  local headers = {}
  for name, value in pairs(opts.headers or {}) do
    headers[tostring(name):lower()] = value
  end
  if not headers["content-type"] and self.kind == "document" then headers["content-type"] = "text/html; charset=utf-8" end
  allow_origin(self, headers)
  finish(self, what, "Fetch.fulfillRequest", {
    responseCode = status, responseHeaders = header_list(headers, what),
    body = base64.encode(check_text(opts.body, "body", what) or ""),
  })
end

local REASONS = {
  failed = "Failed", aborted = "Aborted", timed_out = "TimedOut", access_denied = "AccessDenied",
  connection_closed = "ConnectionClosed", connection_reset = "ConnectionReset", connection_refused = "ConnectionRefused",
  connection_failed = "ConnectionFailed", name_not_resolved = "NameNotResolved",
  internet_disconnected = "InternetDisconnected", blocked = "BlockedByClient",
}

-- Fails for the page, as net::ERR_BLOCKED_BY_CLIENT or what `reason` names.
function Request:abort(opts)
  opts = known.check(opts, { "reason" }, "request:abort")
  local reason = REASONS[opts.reason or "blocked"]
  if not reason then
    local names = {}
    for name in pairs(REASONS) do
      names[#names + 1] = name
    end
    fault.raise("usage", ("request:abort: there is no reason `%s`%s"):format(tostring(opts.reason), known.hint(opts.reason, names)))
  end
  finish(self, "request:abort", "Fetch.failRequest", { errorReason = reason })
end

function Request:__tostring()
  return ("request %s %s"):format(self.method, self.url)
end

local function body_of(raw)
  if raw.postData then return raw.postData end
  local parts = {}
  for _, entry in ipairs(raw.postDataEntries or {}) do
    parts[#parts + 1] = entry.bytes and base64.decode(entry.bytes) or ""
  end
  return #parts > 0 and table.concat(parts) or nil
end

-- From Fetch.requestPaused
function M.new(params, session)
  local raw = params.request
  local request = setmetatable({
    url = raw.url .. (raw.urlFragment or ""), method = raw.method, headers = network.headers(raw.headers), body = body_of(raw),
    kind = (params.resourceType or "other"):lower(),
  }, Request)
  inner[request] = { session = session, id = params.requestId }
  return request
end

function M.is_done(request)
  return inner[request].done ~= nil
end

M.GONE = GONE

return M
