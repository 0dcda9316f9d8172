-- Accounts, and who is signed in. The cookie is the real site's: `karaoke-version`, whose value
-- holds `|u-i:` once an account is attached.

local part = ...
local http = part "http"

local cookie_name <const> = "karaoke-version"
local month <const> = 30 * 24 * 3600

local Sessions = {}
Sessions.__index = Sessions
Sessions.__name = "demo.sessions"

local M = {}

function M.new(site)
  return setmetatable({
    site = site,
    chance = site.chance "sessions",
    known = {},
    accounts = {
      { id = 90001, user = "demo@example.com", password = "demo", name = "Demo", settings = {}, cart = 0 },
      { id = 90002, user = "other@example.com", password = "demo", name = "Other", settings = {}, cart = 0 },
    },
  }, Sessions)
end

-- The session of a request; a fresh one, without an account, for a new visitor.
function Sessions:of(request)
  if self.site.faults:value "expire_session" == "now" then
    self.site.faults:set { expire_session = false }
    self.known = {}
    self.site.log:add "session_expired"
  end
  local value = http.cookies(request.headers.cookie)[cookie_name]
  local session = value and self.known[value]
  if session then return session end
  session = self:make ""
  session.is_new = true
  return session
end

-- A session is put in one variant of the markup and stays there.
function Sessions:make(suffix, markup)
  local wanted = self.site.options.markup
  if wanted == "mixed" then wanted = markup or (self.chance:number() < 0.5 and "legacy" or "newer") end
  local session = { value = self.chance:hex(32) .. suffix, markup = wanted }
  self.known[session.value] = session
  return session
end

function Sessions.cookie(session)
  return ("%s=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Lax"):format(cookie_name, session.value, month)
end

function Sessions:account(user, password)
  for _, account in ipairs(self.accounts) do
    if account.user == user and account.password == password then return account end
  end
end

-- A fresh session that is the account's.
function Sessions:attach(session, account)
  self.known[session.value] = nil
  local signed = self:make("|u-i:" .. account.id, session.markup)
  signed.account = account
  self.site.log:add("login", { account = account.id })
  return signed
end

function Sessions:sign_in(session, user, password)
  local account = self:account(user, password)
  if account and not self.site.faults:take "refuse_login" then return self:attach(session, account) end
  self.site.log:add("login_refused", { user = user })
end

-- The owner says yes to every sign-in that waits for a second step.
function Sessions:approve()
  for _, session in pairs(self.known) do
    session.is_approved = session.half_signed ~= nil
  end
end

function Sessions:sign_out(session, why)
  if session.account then self.site.log:add(why or "logout", { account = session.account.id }) end
  self.known[session.value] = nil
end

-- What an account is remembered to have set for a song.
function Sessions.settings(account, song)
  local settings = account.settings[song.id]
  if not settings then
    settings = { precount = 0, pitch = 0 }
    account.settings[song.id] = settings
  end
  return settings
end

function Sessions:forget_settings()
  for _, account in ipairs(self.accounts) do
    account.settings, account.cart = {}, 0
  end
end

return M
