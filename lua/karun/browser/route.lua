-- Requests that stop at us (Fetch): page:route, context:route and http_auth. Requests are stopped only
-- while somebody wants them; those that no route is for go on at once.

local base64 = require "karun.native.base64"
local fault = require "karun.error"
local json = require "karun.native.json"
local known = require "karun.known"
local native = require "karun.native.task"
local network = require "karun.browser.network"
local pattern = require "karun.browser.pattern"
local secret = require "karun.secret"
local url = require "karun.browser.url"
local Context = require("karun.browser.context").Context
local Page = require("karun.browser.page").Page

local M = { events = {} }
local on = M.events

local Request = { __name = "karun.routed_request" }
Request.__index = known.methods("a routed request", Request, { "url", "method", "headers", "body", "kind" })

local inner = setmetatable({}, { __mode = "k" }) -- request -> { session, id, raw, done }

-- ---- what a handler does with a request ----

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

-- ---- which requests stop ----

local function body_of(raw)
  if raw.postData then return raw.postData end
  local parts = {}
  for _, entry in ipairs(raw.postDataEntries or {}) do
    parts[#parts + 1] = entry.bytes and base64.decode(entry.bytes) or ""
  end
  return #parts > 0 and table.concat(parts) or nil
end

-- The newest first, the page's before its context's.
local function routes_for(its, request)
  local fitting = {}
  for _, list in ipairs { its.routes, its.context.routes } do
    for i = #list, 1, -1 do
      fitting[#fitting + 1] = list[i].fits(request.url) and list[i] or nil
    end
  end
  return fitting
end

-- The network stack's own question before a request to another origin: yes, if a route is for it.
local function is_preflight(request)
  return request.method == "OPTIONS" and request.headers["access-control-request-method"] ~= nil
end

local function allow_preflight(request)
  request:fulfill { status = 204, headers = {
    ["access-control-allow-origin"] = request.headers.origin, ["access-control-allow-credentials"] = "true",
    ["access-control-allow-methods"] = request.headers["access-control-request-method"],
    ["access-control-allow-headers"] = request.headers["access-control-request-headers"],
  } }
end

-- Asks one route after the other until one has answered; a request that none answers goes on as it was.
local function ask(its, request, routes)
  for _, route in ipairs(routes) do
    if not route.is_off then
      local ok, err = fault.try(is_preflight(request) and allow_preflight or route.handler, request)
      if not ok then
        if err.kind ~= "cancelled" then its.events:fail(err) end
        if not inner[request].done then pcall(request.abort, request, { reason = "failed" }) end
      end
    end
    if inner[request].done then return end
  end
  pcall(request.continue, request)
end

-- Only while a password is refused: a 401 is given again as our own, else the browser shows an error page.
local function pass_401(params, session)
  local id = params.requestId
  if params.responseStatusCode ~= 401 then return session:send("Fetch.continueRequest", { requestId = id }) end
  native.spawn(function()
    local got = session:try("Fetch.getResponseBody", { requestId = id })
    local body = got and (got.base64Encoded and got.body or base64.encode(got.body)) or ""
    session:try("Fetch.fulfillRequest", { requestId = id, responseCode = 401, responseHeaders = params.responseHeaders, body = body })
  end)
end

on["Fetch.requestPaused"] = function(its, params, session)
  if params.responseStatusCode then return pass_401(params, session) end
  local raw = params.request
  local request = setmetatable({
    url = raw.url .. (raw.urlFragment or ""), method = raw.method, headers = network.headers(raw.headers), body = body_of(raw),
    kind = (params.resourceType or "other"):lower(),
  }, Request)
  local ok, routes = fault.try(routes_for, its, request)
  if not ok then its.events:fail(routes) end
  if not ok or #routes == 0 then
    session:send("Fetch.continueRequest", { requestId = params.requestId })
    return
  end
  inner[request] = { session = session, id = params.requestId }
  native.spawn(ask, its, request, routes)
end

-- ---- http_auth ----

-- The server's origin decides; one that refuses the password is not asked twice.
on["Fetch.authRequired"] = function(its, params, session)
  local auth, challenge = its.context.opts.http_auth, params.authChallenge
  local answer = { response = challenge.source == "Proxy" and "Default" or "CancelAuth" }
  local is_ours = auth and not rawget(its, "refuses_auth") and challenge.source ~= "Proxy" and (not auth.origin or url.origin(auth.origin) == url.origin(challenge.origin))
  if is_ours then
    its.context.auth_tried = its.context.auth_tried or {}
    local tried = its.context.auth_tried
    if not tried[params.requestId] then
      tried[params.requestId] = true
      answer = {
        response = "ProvideCredentials", username = secret.reveal(auth.user), password = secret.reveal(auth.password),
      }
    end
  end
  session:send("Fetch.continueWithAuth", { requestId = params.requestId, authChallengeResponse = answer })
end

-- ---- on and off ----

local function has_routes(its)
  return #its.routes > 0 or #its.context.routes > 0
end

-- The protocol calls by which a session's requests stop; none while nobody wants them.
function M.setup_calls(its)
  local refuses = rawget(its, "refuses_auth")
  local has_auth = its.context.opts.http_auth ~= nil or refuses == true
  local calls = {}
  if has_auth or has_routes(its) then
    local patterns = { { urlPattern = "*" } }
    if refuses then patterns[2] = { urlPattern = "*", resourceType = "Document", requestStage = "Response" } end
    calls[1] = { "Fetch.enable", { patterns = patterns, handleAuthRequests = has_auth } }
  end
  if has_routes(its) then -- else the cache or a service worker would answer, unseen
    calls[2] = { "Network.setCacheDisabled", { cacheDisabled = true } }
    calls[3] = { "Network.setBypassServiceWorker", { bypass = true } }
  end
  return calls
end

-- Tells every session of the page; its own answers are waited for.
local function refresh(its)
  local calls = M.setup_calls(its)
  if #calls == 0 then calls[1] = { "Fetch.disable" } end
  if not has_routes(its) then
    calls[2] = { "Network.setCacheDisabled", { cacheDisabled = false } }
    calls[3] = { "Network.setBypassServiceWorker", { bypass = false } }
  end
  for _, session in ipairs(its.browser.targets:sessions_of(its)) do
    for _, call in ipairs(calls) do
      if session ~= its.session then session:send(call[1], call[2]) end
    end
  end
  if its.worker then
    for _, call in ipairs(calls) do
      its.session:send(call[1], call[2])
    end
  else
    its.session:burst(calls)
  end
end

local function add(owner, pages, wanted, handler, what)
  if type(handler) ~= "function" then fault.raise("usage", what .. " takes a function(request), got " .. type(handler)) end
  local route = { fits = pattern.compile(wanted, what), handler = handler }
  local list = owner.routes
  list[#list + 1] = route
  local function tell()
    for _, page in ipairs(pages()) do
      local ok, err = fault.try(refresh, page)
      if not ok and not GONE[err.kind] then error(err, 0) end
    end
  end
  tell()
  return function()
    if route.is_off then return end
    route.is_off = true
    for i, other in ipairs(list) do
      if other == route then table.remove(list, i) break end
    end
    tell()
  end
end

-- A 401 that nobody has a password for ends as net::ERR_INVALID_AUTH_CREDENTIALS, its page unseen: fn runs
-- while the question for a password is refused, which makes it a page like any other.
function M.refusing_auth(page, fn)
  page.refuses_auth = true
  refresh(page)
  local out = table.pack(fault.try(fn))
  page.refuses_auth = nil
  if not page.gone then refresh(page) end
  if not out[1] then error(out[2], 0) end
  return table.unpack(out, 2, out.n)
end

-- handler(request) ends in request:continue{}, :fulfill{} or :abort(); answers off().
function Page:route(wanted, handler)
  self:ready_for("route")
  return add(self, function() return { self } end, wanted, handler, "page:route")
end

-- For all pages of the context, also those to come, and their popups and workers.
function Context:route(wanted, handler)
  self:check()
  return add(self, function() return self.browser.targets:owners_in(self) end, wanted, handler, "context:route")
end

return M
