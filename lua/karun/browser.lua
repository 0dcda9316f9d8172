-- karun.browser: launch, connect. The page's parts are added here, so that a page has all its verbs
-- whoever made it.

local browser = require "karun.browser.browser"
local fault = require "karun.error"
local known = require "karun.known"
local launch = require "karun.browser.launch"
local native = require "karun.native.task"
local settings = require "karun.settings"

require "karun.browser.navigation"
require "karun.browser.console"
require "karun.browser.expect"
require "karun.browser.route"
require "karun.browser.emulation"
require "karun.browser.screenshot"
require "karun.browser.cookies"
require "karun.browser.storage"
require "karun.browser.waiting"
require "karun.browser.act"
require "karun.browser.field"
require "karun.browser.drag"
require "karun.browser.upload"
require "karun.browser.shorthand" -- it knows all verbs
require "karun.browser.timed"     -- last: it times them

local M = {}

local OPTIONS = {
  "engine", "executable", "headless", "profile", "args", "viewport", "locale", "proxy", "downloads", "slow", "env",
  "sandbox", "timeout",
}

local function check_launch(opts)
  local out = {}
  for name, value in pairs(known.check(opts, OPTIONS, "karun.launch")) do
    out[name] = value
  end
  local function want(name, kind)
    if out[name] ~= nil and type(out[name]) ~= kind then
      fault.raise("usage", ("karun.launch: %s is a %s, got %s"):format(name, kind, type(out[name])))
    end
  end
  for _, name in ipairs { "executable", "profile", "locale", "proxy", "downloads" } do
    want(name, "string")
  end
  for _, name in ipairs { "args", "viewport", "env" } do
    want(name, "table")
  end
  for _, name in ipairs { "timeout", "slow" } do
    want(name, "number")
  end
  if out.engine and out.engine ~= "chromium" then
    fault.raise("unsupported", ("karun.launch: engine %q; karun drives chromium"):format(tostring(out.engine)))
  end
  if out.sandbox ~= nil and out.sandbox ~= "auto" and type(out.sandbox) ~= "boolean" then
    fault.raise("usage", "karun.launch: sandbox is \"auto\", true or false")
  end
  out.headless = out.headless ~= false
  if out.sandbox == nil then out.sandbox = "auto" end
  out.args, out.env, out.downloads = out.args or {}, out.env or {}, out.downloads or "downloads"
  if out.viewport then
    out.viewport = { require("karun.browser.context").size(out.viewport, "karun.launch") }
  elseif out.headless then
    out.viewport = { 1280, 720 }
  end
  return out
end

-- What --visible, --browser, --profile, … or karun.lua say holds where the flow says nothing.
local function with_configured(opts)
  local config, out = settings.config().values, {}
  for name, value in pairs(opts or {}) do
    out[name] = value
  end
  local function default(name, value)
    if out[name] == nil then out[name] = value end
  end
  if config.visible then default("headless", false) end
  default("executable", config.browser)
  default("profile", config.profile)
  default("locale", config.locale)
  default("proxy", config.proxy)
  return out, config.connect
end

function M.launch(opts)
  known.check(opts, OPTIONS, "karun.launch")
  local all, remote = with_configured(opts)
  if remote then return M.connect(remote, { timeout = all.timeout, downloads = all.downloads, slow = all.slow }) end
  opts = check_launch(all)
  local deadline = native.now() + (opts.timeout or 30)
  return browser.launched(launch.start(opts, deadline), opts)
end

function M.connect(url, opts)
  opts = known.check(opts, { "timeout", "downloads", "slow", "heartbeat" }, "karun.connect")
  if type(url) ~= "string" then fault.raise("usage", "karun.connect takes ws://…, http://… or grid+http://…") end
  for _, name in ipairs { "timeout", "slow", "heartbeat" } do
    if opts[name] ~= nil and type(opts[name]) ~= "number" then fault.raise("usage", "karun.connect: " .. name .. " is a number of seconds") end
  end
  local conn, version, leave = require("karun.browser.connect").open(url, opts.timeout or 30)
  return browser.connected(conn, version, opts, leave)
end

return setmetatable(M, { __index = known.methods("karun.browser", M) })
