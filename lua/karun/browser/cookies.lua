-- Cookies of a context: { name, value, domain, path, expires (nil: session), http_only, secure, same_site }.

local fault = require "karun.error"
local known = require "karun.known"
local secret = require "karun.secret"
local Context = require("karun.browser.context").Context

local FIELDS = { "name", "value", "domain", "path", "expires", "http_only", "secure", "same_site", "url" }
local SAME_SITE = { strict = "Strict", lax = "Lax", none = "None" }

local function ours(cookie)
  return {
    name = cookie.name, value = cookie.value, domain = cookie.domain, path = cookie.path,
    expires = not cookie.session and cookie.expires >= 0 and cookie.expires or nil,
    http_only = cookie.httpOnly, secure = cookie.secure, same_site = cookie.sameSite,
  }
end

local function theirs(cookie, what)
  known.check(cookie, FIELDS, what)
  local function want(name, kind, needed)
    local value = secret.reveal(cookie[name])
    if value == nil and not needed then return nil end
    if type(value) ~= kind then
      fault.raise("usage", ("%s: a cookie's %s is a %s, got %s"):format(what, name, kind, type(value)))
    end
    return value
  end
  local same_site = want("same_site", "string")
  if same_site and not SAME_SITE[same_site:lower()] then
    fault.raise("usage", ("%s: same_site is Strict, Lax or None, got %s"):format(what, same_site))
  end
  if want("name", "string", true):find("[%c=;]") or want("value", "string", true):find("[%c;]") then
    fault.raise("usage", ("%s: the name or value of cookie %q holds a character that no cookie can"):format(what, cookie.name))
  end
  if not cookie.domain and not cookie.url then fault.raise("usage", what .. ": a cookie needs a domain (or a url)") end
  return {
    name = cookie.name, value = want("value", "string", true), domain = want("domain", "string"),
    path = want("path", "string") or not cookie.url and "/" or nil, url = want("url", "string"), expires = want("expires", "number"),
    httpOnly = want("http_only", "boolean"), secure = want("secure", "boolean"),
    sameSite = same_site and SAME_SITE[same_site:lower()],
  }
end

-- Would a request for the url carry the cookie?
local function fits(cookie, url)
  local scheme, host, path = url:match("^(%a[%w+.-]*)://([^/?#]*)([^?#]*)")
  host = host:gsub("^.*@", ""):gsub(":%d+$", ""):lower()
  if path == "" then path = "/" end
  local domain = cookie.domain:lower()
  local bare = domain:gsub("^%.", "")
  local in_domain = host == bare or domain:sub(1, 1) == "." and host:sub(-#domain) == domain
  local prefix = cookie.path
  local in_path = path == prefix or path:sub(1, #prefix) == prefix
    and (prefix:sub(-1) == "/" or path:sub(#prefix + 1, #prefix + 1) == "/")
  local is_safe = not cookie.secure or scheme == "https" or scheme == "wss" or host == "localhost" or host:find("^127%.")
  return in_domain and in_path and is_safe
end

-- All, or those that requests for these urls would carry (one or a list).
function Context:cookies(urls)
  self:check()
  if urls ~= nil and type(urls) ~= "table" then urls = { urls } end
  for _, url in ipairs(urls or {}) do
    if type(url) ~= "string" or not url:find("^%a[%w+.-]*://[^/?#]") then
      fault.raise("usage", "cookies takes an address or a list of them, got " .. tostring(url))
    end
  end
  local list = {}
  for _, cookie in ipairs(self.browser.session:call("Storage.getCookies", { browserContextId = self.id }).cookies) do
    local wanted = urls == nil
    for _, url in ipairs(urls or {}) do
      wanted = wanted or fits(cookie, url)
    end
    if wanted then list[#list + 1] = ours(cookie) end
  end
  return list
end

-- One cookie or a list. All are set, or it is an error.
function Context:set_cookies(cookies)
  self:check()
  if type(cookies) ~= "table" then fault.raise("usage", "set_cookies takes a cookie or a list of them, got " .. type(cookies)) end
  if cookies.name ~= nil then cookies = { cookies } end
  local list = {}
  for i, cookie in ipairs(cookies) do
    list[i] = theirs(cookie, "set_cookies")
  end
  if #list == 0 then return end
  local _, err = self.browser.session:try("Storage.setCookies", { cookies = list, browserContextId = self.id })
  if err and err.kind == "protocol" then fault.raise("usage", "set_cookies: " .. err.message) end
  if err then error(err, 0) end
end

function Context:clear_cookies()
  self:check()
  self.browser.session:call("Storage.clearCookies", { browserContextId = self.id })
end

return { FIELDS = FIELDS }
