-- A browser context: isolated cookies and storage, and what holds for all its pages. The browser's own
-- context is one too.

local emitter = require "karun.browser.emitter"
local fault = require "karun.error"
local known = require "karun.known"
local native = require "karun.native.task"
local witness = require "karun.browser.witness"
local secret = require "karun.secret"

local OPTIONS = {
  "viewport", "locale", "timezone", "user_agent", "headers", "http_auth", "init_script", "session", "timeout",
}
local EVENTS = {
  "page", "popup", "dialog", "download", "request", "response", "navigation", "console", "crash",
  "error", "dom", "load", "frame", "request_failed", "worker", "worker_gone", "close",
}

local Context = { __name = "karun.context" }
known.class("a context", Context,
  { "browser", "id", "opts", "events", "timeout", "closed_by_us", "downloads", "routes", "auth_tried", "origins" })

local function size(viewport, what)
  local w, h = viewport[1] or viewport.w, viewport[2] or viewport.h
  if math.type(w) ~= "integer" or math.type(h) ~= "integer" or w < 1 or h < 1 then
    fault.raise("usage", what .. ": viewport is {width, height} in CSS pixels")
  end
  return w, h
end

-- Everything that can be wrong with the options, before the browser hears of them.
local function check(opts)
  local function want(name, kind)
    if opts[name] ~= nil and type(opts[name]) ~= kind then
      fault.raise("usage", ("browser:context: %s is a %s, got %s"):format(name, kind, type(opts[name])))
    end
  end
  for _, name in ipairs { "locale", "timezone", "user_agent", "init_script", "session" } do
    want(name, "string")
  end
  for _, name in ipairs { "headers", "http_auth", "viewport" } do
    want(name, "table")
  end
  want("timeout", "number")
  if opts.viewport then size(opts.viewport, "browser:context") end
  local auth = opts.http_auth
  if auth then
    known.check(auth, { "user", "password", "origin" }, "http_auth")
    if auth.user == nil or auth.password == nil then fault.raise("usage", "http_auth wants user and password") end
  end
end

local function new(browser, id, opts)
  opts = opts or {}
  return setmetatable({
    browser = browser, id = id, opts = opts, events = emitter.new(EVENTS), timeout = opts.timeout or false, routes = {},
    auth_tried = {}, -- requests whose server has been told http_auth's password
    origins = {}, -- of the documents its pages have shown: who may have local storage
  }, Context)
end

function Context:default_timeout()
  return self.timeout or self.browser.timeout or 30
end

function Context:viewport()
  local viewport = self.opts.viewport
  if not viewport then return nil end
  return size(viewport, "context")
end

local function plain_headers(headers)
  local out = {}
  for name, value in pairs(headers) do
    out[name] = tostring(secret.reveal(value))
  end
  return out
end

-- What each page of the context is told before its first script (target.lua).
function Context:setup_calls(calls, is_top)
  local opts = self.opts
  local function add(method, params)
    calls[#calls + 1] = { method, params }
  end
  local w, h = self:viewport()
  if w and is_top then
    add("Emulation.setDeviceMetricsOverride", { width = w, height = h, deviceScaleFactor = 1, mobile = false })
  end
  if opts.locale then add("Emulation.setLocaleOverride", { locale = opts.locale }) end
  if opts.timezone then add("Emulation.setTimezoneOverride", { timezoneId = opts.timezone }) end
  if opts.user_agent or opts.locale then
    add("Emulation.setUserAgentOverride", {
      userAgent = opts.user_agent or self.browser.user_agent, acceptLanguage = opts.locale,
    })
  end
  if opts.headers then add("Network.setExtraHTTPHeaders", { headers = plain_headers(opts.headers) }) end
  if opts.init_script then
    add("Page.addScriptToEvaluateOnNewDocument", { source = opts.init_script, runImmediately = true })
  end
end

function Context:page(opts)
  opts = known.check(opts, { "timeout" }, "browser:page")
  self:check()
  local deadline = native.now() + self:default_timeout() -- opts.timeout is for the page's own calls
  local target_id = self.browser:claim_first_page(self)
  if not target_id then
    target_id = self.browser.session:call("Target.createTarget",
      { url = "about:blank", browserContextId = self.id, newWindow = self.id ~= nil }, deadline - native.now()).targetId
  end
  local page = self.browser.targets:page(target_id, deadline)
  page.claimed, page.timeout = true, opts.timeout or false
  if page.refused then
    page:close()
    fault.raise("usage", "browser:context: " .. page.refused)
  end
  self.events:emit("page", page)
  return page
end

function Context:pages()
  self:check()
  local list = {}
  for _, page in pairs(self.browser.targets.pages) do
    local counts = page.claimed or page.is_popup or self.browser.attached
    if page.context == self and counts and not page.hidden then list[#list + 1] = page end
  end
  table.sort(list, function(a, b)
    return a.number < b.number
  end)
  return list
end

function Context:check()
  self.browser:check()
  if self.closed_by_us then fault.raise("page_closed", "the context was closed") end
end

function Context:on(event, fn)
  return self.events:on(event, fn, "context:on")
end

function Context:close()
  if self.closed_by_us or self.browser.gone then return end
  self.closed_by_us = true
  self.browser.contexts[self.id or ""] = nil
  self.browser.session:try("Target.disposeBrowserContext", { browserContextId = self.id })
  local deadline = native.now() + 5
  local function has_pages()
    for _, page in pairs(self.browser.targets.pages) do
      if page.context == self then return true end
    end
  end
  while has_pages() and self.browser:await_change(deadline) do end
end

function Context:__close(err)
  local task = require "karun.task"
  if err ~= nil and not self.browser.gone then task.shielded(witness.look, err, self:pages()) end
  task.shielded(self.close, self)
end

function Context:__tostring()
  return self.id and "context " .. self.id or "the browser's own context"
end

return { new = new, check = check, Context = Context, OPTIONS = OPTIONS, size = size }
