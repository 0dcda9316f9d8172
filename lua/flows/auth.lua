-- Signs in and says so: the saved session when it still holds, else the form. Shows, tests and forgets
-- saved sign-ins too. `karun auth` is this flow.

local karun = require "karun"
local account = require "steps.account"
local address = require "karun.address"
local sessions = require "karun.sessions"
local settings = require "karun.settings"
local start = require "steps.start"

local options = karun.options {
  about = "Signs in to the site and saves the session for later runs.",
  arguments = "[URL]",
  examples = {
    { "karun auth", "sign in, or prove that the saved session still holds" },
    { "karun auth www.karaoke-version.de", "on a regional host" },
    { "karun auth --force", "sign in afresh" },
    { "karun auth --visible", "with the window, when the site asks for a person" },
    { "karun auth --show", "the saved sign-ins and their age" },
    { "karun auth --clear", "forget them all" },
  },
  { "force", "boolean", help = "sign in afresh, whatever was saved" },
  { "show", "boolean", help = "list the saved sign-ins and their age" },
  { "test", "boolean", help = "only prove that the saved sign-in still holds (exit 5: it does not)" },
  { "clear", "boolean", help = "forget the saved sign-ins" },
}

local site = karun.site()
local origin, why = site.base_url, nil
if options[1] then origin, why = address.origin(site, options[1]) end
if not origin then error(karun.error("usage", why)) end
local age = karun.timing.auth.session_age

local function show()
  local list = sessions.list(site, options[1] and origin)
  if settings.flags().json then
    for _, one in ipairs(list) do
      one.is_fresh = one.age_s < age
    end
    print(karun.json.encode({ schema = 1, sessions = karun.json.array(list) }, { pretty = true }))
    return
  end
  for _, one in ipairs(list) do
    print(("%s  %.1f h old%s  %s"):format(one.host, one.age_s / 3600, one.age_s < age and "" or " (too old)", one.path))
  end
  if #list == 0 then karun.log.info("no sign-in is saved; `karun auth` makes one") end
end

local function clear()
  local list = sessions.list(site, options[1] and origin)
  for _, one in ipairs(list) do
    sessions.forget(one.path)
    karun.log.info("forgotten: the sign-in at " .. one.host)
  end
  if #list == 0 then karun.log.info("no sign-in is saved") end
end

if options.show then return show() end
if options.clear then return clear() end

local run = start.prepare(options, { origin }, { is_public = options.test })
local lock <close> = start.lock(run) -- luacheck: ignore
if options.test and not start.has_session(run, origin) then
  error(karun.error("login_needed", "no sign-in at " .. address.host(origin) .. " is saved that is young enough"))
end
if options.force then sessions.forget(run.session_file) end
local browser <close> = start.browser(run)
local page = browser:page()
if options.force and settings.get "profile" then account.sign_out(run, page, origin) end
local home = address.page(site, "account", origin)
if options.test then account.prove(run, page, home) else account.open(run, page, home) end
karun.log.info("signed in at " .. address.host(origin))
