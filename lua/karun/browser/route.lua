-- Requests that stop at us (Fetch): page:route, context:route and http_auth. Requests are stopped only
-- while somebody wants them; those that no route is for go on at once.

local base64 = require "karun.native.base64"
local fault = require "karun.error"
local native = require "karun.native.task"
local pattern = require "karun.browser.pattern"
local routed = require "karun.browser.routed"
local secret = require "karun.secret"
local url = require "karun.browser.url"
local Context = require("karun.browser.context").Context
local Page = require("karun.browser.page").Page

local M = { events = {} }
local on = M.events

-- ---- which requests stop ----

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
        if not routed.is_done(request) then pcall(request.abort, request, { reason = "failed" }) end
      end
    end
    if routed.is_done(request) then return end
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
  local request = routed.new(params, session)
  local ok, routes = fault.try(routes_for, its, request)
  if not ok then its.events:fail(routes) end
  if not ok or #routes == 0 then
    session:send("Fetch.continueRequest", { requestId = params.requestId })
    return
  end
  native.spawn(ask, its, request, routes)
end

-- ---- http_auth ----

-- Is the password for who asks? Its origin decides.
local function is_for(auth, challenge)
  if not auth or challenge.source == "Proxy" then return false end
  return not auth.origin or url.origin(auth.origin) == url.origin(challenge.origin)
end

-- A server that refuses the password is not told it twice.
on["Fetch.authRequired"] = function(its, params, session)
  local auth, challenge = its.context.opts.http_auth, params.authChallenge
  local answer = { response = challenge.source == "Proxy" and "Default" or "CancelAuth" }
  local tried = its.context.auth_tried
  if is_for(auth, challenge) and not rawget(its, "refuses_auth") and not tried[params.requestId] then
    tried[params.requestId] = true
    answer = {
      response = "ProvideCredentials", username = secret.reveal(auth.user), password = secret.reveal(auth.password),
    }
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
      if not ok and not routed.GONE[err.kind] then error(err, 0) end
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
