-- A browser context: isolated cookies and storage, and what holds for all its pages. The browser's own
-- context is one too.

local emitter = require "karun.browser.emitter"
local fault = require "karun.error"
local known = require "karun.known"
local native = require "karun.native.task"

local OPTIONS = {
  "viewport", "locale", "timezone", "user_agent", "headers", "http_auth", "init_script", "session", "timeout",
}
local EVENTS = {
  "page", "popup", "dialog", "download", "request", "response", "navigation", "console", "crash",
  "error", "dom", "load", "frame", "request_failed", "worker", "worker_gone", "close",
}

local Context = { __name = "karun.context" }
Context.__index = known.methods("a context", Context,
  { "browser", "id", "opts", "events", "timeout", "closed_by_us", "downloads", "routes" })

local function new(browser, id, opts)
  return setmetatable({
    browser = browser, id = id, opts = opts or {}, events = emitter.new(EVENTS), timeout = (opts or {}).timeout,
    routes = {},
  }, Context)
end

function Context:default_timeout()
  return self.timeout or self.browser.timeout or 30
end

local function size(viewport, what)
  local w, h = viewport[1] or viewport.w, viewport[2] or viewport.h
  if math.type(w) ~= "integer" or math.type(h) ~= "integer" or w < 1 or h < 1 then
    fault.raise("usage", what .. ": viewport is {width, height} in CSS pixels")
  end
  return w, h
end

function Context:viewport()
  local viewport = self.opts.viewport
  if not viewport then return nil end
  return size(viewport, "context")
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
  if opts.headers then add("Network.setExtraHTTPHeaders", { headers = opts.headers }) end
  if opts.init_script then
    add("Page.addScriptToEvaluateOnNewDocument", { source = opts.init_script, runImmediately = true })
  end
  if self:intercepts() then
    add("Fetch.enable", { patterns = { { urlPattern = "*" } }, handleAuthRequests = opts.http_auth ~= nil })
  end
end

-- Do requests stop at us: for routes or for http_auth?
function Context:intercepts()
  return self.opts.http_auth ~= nil or #self.routes > 0
end

function Context:page(opts)
  opts = known.check(opts, { "timeout" }, "browser:page")
  self:check()
  local deadline = native.now() + (opts.timeout or self:default_timeout())
  local target_id = self.browser:claim_first_page(self)
  if not target_id then
    target_id = self.browser.session:call("Target.createTarget",
      { url = "about:blank", browserContextId = self.id, newWindow = self.id ~= nil }, deadline - native.now()).targetId
  end
  local page = self.browser.targets:page(target_id, deadline)
  page.claimed, page.timeout = true, opts.timeout
  return page
end

function Context:pages()
  self:check()
  local list = {}
  for _, page in pairs(self.browser.targets.pages) do
    if page.context == self and (page.claimed or page.is_popup or self.browser.attached) then list[#list + 1] = page end
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

function Context:__close()
  require("karun.task").shielded(self.close, self)
end

function Context:__tostring()
  return self.id and "context " .. self.id or "the browser's own context"
end

return { new = new, Context = Context, OPTIONS = OPTIONS, size = size }
