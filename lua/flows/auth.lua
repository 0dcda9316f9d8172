-- Signs in and says so: the saved session when it still holds, else the form.

local karun = require "karun"
local account = require "steps.account"
local address = require "karun.address"
local sessions = require "karun.sessions"
local start = require "steps.start"

local options = karun.options {
  about = "Signs in to the site and saves the session for later runs.",
  examples = {
    { "karun flows/auth.lua", "sign in, or prove that the saved session still holds" },
    { "karun flows/auth.lua --force", "sign in afresh" },
    { "karun flows/auth.lua --visible", "with the window, when the site asks for a person" },
  },
  { "force", "boolean", help = "do not use the saved session" },
}

local run = start.prepare(options)
local lock <close> = start.lock(run) -- luacheck: ignore
if options.force then sessions.forget(run.session_file) end
local browser <close> = start.browser(run)
account.open(run, browser:page(), address.page(run.site, "account"))
karun.log.info("signed in at " .. address.host(run.site.base_url))
