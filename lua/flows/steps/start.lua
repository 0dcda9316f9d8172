-- What a run needs before its first page: site, credentials, lock, browser; and its end.

local karun = require "karun"
local address = require "karun.address"
local secret = require "karun.secret"
local sessions = require "karun.sessions"
local settings = require "karun.settings"

local M = {}

-- The sign-in's name and password, asked for when they are needed. check() raises `auth` when there are none.
local function credentials()
  return {
    username = function()
      return karun.secret("username")
    end,
    password = function()
      return karun.secret("password")
    end,
    check = function()
      karun.secret("username")
      karun.secret("password")
    end,
  }
end

-- { site, timing, credentials, session_file, options, visible }: nothing has started yet.
function M.prepare(options, near)
  local config = settings.config().values
  local run = {
    site = karun.site(), timing = karun.timing, options = options, visible = config.visible == true,
    credentials = credentials(), previous = setmetatable({}, { __mode = "k" }), ours = {}, begun = {},
  }
  local base = near or run.site.base_url
  local user = secret.known("username") and secret.reveal(karun.secret("username")) or nil
  run.session_file = sessions.path(base, user)
  if not (user and secret.known("password"))
    and not sessions.is_fresh(run.session_file, run.timing.auth.session_age) then
    run.credentials.check() -- a prompt, or exit 5 before anything starts
  end
  return run
end

-- One run an account: the second says who holds it.
function M.lock(run)
  local folder = settings.dirs().state .. "/locks"
  karun.file.mkdir(folder, { mode = "700" })
  local name = run.session_file:match("([^/]+)%.json$")
  return karun.file.lock(("%s/%s.lock"):format(folder, name))
end

-- A browser with the saved sign-in, if there is one young enough.
function M.browser(run)
  local config = settings.config().values
  local browser
  if config.connect then
    browser = karun.connect(config.connect)
  else
    browser = karun.launch {
      headless = not run.visible, executable = config.browser, profile = config.profile, timeout = run.timing.browser.launch,
    }
  end
  run.browser = browser
  if sessions.is_fresh(run.session_file, run.timing.auth.session_age) then
    browser:load_session(run.session_file)
  end
  return browser
end

-- The address of a song given on the command line, or the site's own start.
function M.address(run, word)
  if not word then return run.site.base_url end
  local url, why = address.song(run.site, word)
  if not url then error(karun.error("usage", why)) end
  return url
end

return M
