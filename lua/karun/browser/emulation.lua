-- What a page believes of its surroundings: window size, media, colours, network, time zone, user
-- agent. Places and throttling go by page:cdp, for example
--   page:cdp("Emulation.setGeolocationOverride", { latitude = 48.2, longitude = 16.4, accuracy = 1 })
--   page:cdp("Emulation.setCPUThrottlingRate", { rate = 4 })

local fault = require "karun.error"
local known = require "karun.known"
local size = require("karun.browser.context").size
local Page = require("karun.browser.page").Page

local M = {}

local CHOICES = {
  media = { "screen", "print" }, color_scheme = { "light", "dark", "no-preference" },
}
local KINDS = { offline = "boolean", timezone = "string", user_agent = "string" }

-- name -> fn(value, its) -> the protocol call; a value of false takes it back
local calls_for = {}

function calls_for.media(_, its)
  local emulated = its.emulated
  return { "Emulation.setEmulatedMedia", {
    media = emulated.media or "", features = { { name = "prefers-color-scheme", value = emulated.color_scheme or "" } },
  } }
end

calls_for.color_scheme = calls_for.media

function calls_for.offline(value)
  return { "Network.emulateNetworkConditions", {
    offline = value, latency = 0, downloadThroughput = -1, uploadThroughput = -1,
  } }
end

function calls_for.timezone(value, its)
  return { "Emulation.setTimezoneOverride", { timezoneId = value or its.context.opts.timezone or "" } }
end

function calls_for.user_agent(value, its)
  local opts = its.context.opts
  return { "Emulation.setUserAgentOverride", {
    userAgent = value or opts.user_agent or its.browser.user_agent, acceptLanguage = opts.locale,
  } }
end

-- The calls that bring a new session of the page (a frame's, a worker's) to where the page is.
function M.setup_calls(its)
  local calls = {}
  for name, value in pairs(rawget(its, "emulated") or {}) do
    calls[#calls + 1] = calls_for[name](value, its)
  end
  return calls
end

local function check(opts)
  known.check(opts, { "media", "color_scheme", "offline", "timezone", "user_agent" }, "page:emulate")
  for name, value in pairs(opts) do
    local kind, fits = KINDS[name], value == false
    for _, choice in ipairs(CHOICES[name] or {}) do
      fits = fits or value == choice
    end
    if kind and type(value) == kind then fits = true end
    if not fits then
      fault.raise("usage", ("page:emulate: %s is %s, or false to take it back; got %s"):format(name,
        kind and "a " .. kind or table.concat(CHOICES[name], ", "), tostring(value)))
    end
  end
end

-- Holds until it is changed or taken back (false); in all frames and workers of the page.
function Page:emulate(opts)
  if type(opts) ~= "table" then fault.raise("usage", "page:emulate takes a table, as { media = \"print\" }") end
  check(opts)
  self:ready_for("emulate")
  local before = self.emulated or {}
  self.emulated = {}
  for _, set in ipairs { before, opts } do
    for name, value in pairs(set) do
      self.emulated[name] = value
    end
  end
  local sessions = self.browser.targets:sessions_of(self)
  for name, value in pairs(opts) do
    local call = calls_for[name](value, self)
    if name == "timezone" then self.session:try(call[1], { timezoneId = "" }) end -- a change is not looked at (Chromium 156)
    local _, err = self.session:try(call[1], call[2])
    if err then
      self.emulated = before
      if name == "timezone" then self.session:try(table.unpack(calls_for.timezone(before.timezone, self))) end
      if err.kind == "protocol" then err = fault.new("usage", ("page:emulate: %s=%s: %s"):format(name, tostring(value), err.message)) end
      error(err, 0)
    end
    for i = 2, #sessions do
      sessions[i]:send(call[1], call[2])
    end
  end
end

-- The page's window, in CSS pixels.
function Page:set_viewport(w, h)
  w, h = size({ w, h }, "page:set_viewport")
  self:ready_for("set_viewport")
  self.session:call("Emulation.setDeviceMetricsOverride", { width = w, height = h, deviceScaleFactor = 1, mobile = false })
  self.viewport = { w, h }
end

return M
