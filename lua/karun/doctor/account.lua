-- Signs in for the doctor, with the flows' own steps; never at an address that is not the site's.

local address = require "karun.address"
local dirs = require "karun.dirs"
local fault = require "karun.error"
local loader = require "karun.loader"
local secret = require "karun.secret"
local settings = require "karun.settings"

local M = {}

local function is_of_site(site, url)
  local host = address.host(url)
  return host == address.host(site.base_url) or (site.hosts or {})[host] ~= nil
end

-- The steps are modules of the flows: found as a flow finds them, a person's own copy first.
local function steps()
  return loader.new({ flow = dirs.shipped .. "/flows/auth.lua" }).env.require
end

-- -> true, nil: signed in · nil, why: it was not tried · false, why: it failed
function M.sign_in(browser, page, site, near)
  local url = near or site.base_url
  if not is_of_site(site, url) then
    return nil, ("not signed in: %s is no host of the site table"):format(address.host(url))
  end
  if not (secret.known "username" and secret.known "password") then
    return nil, "not signed in: set KARUN_USERNAME and KARUN_PASSWORD to try the pages as you see them"
  end
  local require_step = steps()
  local ok, err = fault.try(function()
    local run = require_step("steps.start").prepare({}, { url })
    run.browser, run.visible = browser, settings.config().values.visible == true
    if require("karun.sessions").is_fresh(run.session_file, run.timing.auth.session_age) then
      browser:load_session(run.session_file)
    end
    require_step("steps.account").open(run, page, address.page(site, "account", near))
  end)
  if ok then return true end
  if err.kind == "interrupted" or err.kind == "cancelled" then error(err, 0) end
  return false, err.message
end

return M
