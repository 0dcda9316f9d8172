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

local function user_name()
  return secret.known("username") and secret.reveal(karun.secret("username")) or nil
end

-- Is there a saved sign-in on the host of `url`, young enough to be tried?
function M.has_session(run, url)
  return sessions.is_fresh(run.session_for(url), run.timing.auth.session_age)
end

-- { site, timing, credentials, session_for, session_file, origins, options, visible }: nothing has started
-- yet. near: the addresses that will be opened; each host has a sign-in of its own, the first names the
-- account. With { is_public = true } nobody has to sign in.
function M.prepare(options, near, more)
  local config = settings.config().values
  local run = {
    site = karun.site(), timing = karun.timing, options = options, visible = config.visible == true,
    credentials = credentials(), previous = setmetatable({}, { __mode = "k" }), ours = {}, begun = {}, origins = {},
    mixed = setmetatable({}, { __mode = "k" }),
  }
  for _, url in ipairs(near or {}) do
    local origin = address.split(url)
    if not run.origins[origin] then
      run.origins[origin] = true
      table.insert(run.origins, origin)
    end
  end
  if #run.origins == 0 then run.origins[1] = run.site.base_url end
  function run.session_for(url)
    return sessions.path(url, user_name())
  end
  local all_saved = true
  for _, origin in ipairs(run.origins) do
    all_saved = all_saved and M.has_session(run, origin)
  end
  if not (more and more.is_public) and not all_saved and not (secret.known("username") and secret.known("password")) then
    run.credentials.check() -- a prompt, or exit 5 before anything starts
  end
  run.session_file = run.session_for(run.origins[1])
  return run
end

-- One run an account: the second says who holds it.
function M.lock(run)
  local folder = settings.dirs().state .. "/locks"
  karun.file.mkdir(folder, { mode = "700" })
  local name = run.session_file:match("([^/]+)%.json$")
  return karun.file.lock(("%s/%s.lock"):format(folder, name))
end

-- A browser with the saved sign-ins that are young enough.
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
  for _, origin in ipairs(run.origins) do
    if M.has_session(run, origin) then browser:load_session(run.session_for(origin)) end
  end
  return browser
end

-- The address of a song given on the command line.
function M.address(word)
  local url, why = address.song(karun.site(), word)
  if not url then error(karun.error("usage", why)) end
  return url
end

return M
