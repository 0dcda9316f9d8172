-- What karun needs around it: one line each, and the fix where something is missing.
--   { name, status = "ok"|"warn"|"fail"|"skip", message, fix }

local ejected = require "karun.ejected"
local fault = require "karun.error"
local file = require "karun.file"
local secret = require "karun.secret"
local settings = require "karun.settings"

local M = {}

local enough_space <const> = 1 << 30 -- bytes; a song of fifteen tracks has 130 MB

-- Starts the browser and keeps it for the site's pages: `started(browser)`.
local function browser(out, started)
  local config = settings.config().values
  local ok, found = fault.try(function()
    if config.connect then return require("karun").connect(config.connect) end
    return require("karun").launch {
      executable = config.browser, headless = not config.visible, profile = config.profile, proxy = config.proxy,
      locale = config.locale, timeout = settings.timing().browser.launch,
    }
  end)
  if not ok then
    if found.kind == "interrupted" or found.kind == "cancelled" then error(found, 0) end
    return out { name = "browser", status = "fail", message = found.message,
      fix = "apt install chromium, or name one: --browser PATH, KARUN_BROWSER" }
  end
  local where = config.connect or found.started and require("karun.browser.launch").find(config.browser) or ""
  out { name = "browser", status = "ok", message = ("%s (%s)"):format(found:version(), where) }
  started(found)
end

local function libraries(out)
  local missing = {}
  for name, try in pairs {
    ["SQLite (archive)"] = function() require("karun.store").open(":memory:"):close() end,
    ["libcurl (transfers)"] = function() return require("karun.http").fetch end,
    ["mpg123 (proof of files)"] = function() return require("karun.audio").probe end,
    ["utf8proc (file names)"] = function() return file.safe_name("a") end,
  } do
    local ok, err = fault.try(try)
    if not ok then missing[#missing + 1] = ("%s: %s"):format(name, err.message) end
  end
  if #missing == 0 then return out { name = "libraries", status = "ok", message = "all there" } end
  out { name = "libraries", status = "fail", message = table.concat(missing, "; "), fix = "install karun again (make install)" }
end

-- The nearest folder above a path that exists.
local function standing(path)
  while not file.exists(path) and path ~= "/" and path ~= "." do
    path = file.split(path)
  end
  return path
end

-- Can we write there? Tried, not guessed: rights, read-only disks and quotas all show.
local function writable(folder)
  return fault.try(function()
    local _, hold = file.temp { folder = standing(folder) }
    hold:close()
  end)
end

local function folders(out)
  local user = settings.dirs()
  local list = { { "state", user.state }, { "cache", user.cache }, { "downloads", settings.get "out" } }
  for _, one in ipairs(list) do
    local name, path = one[1] .. "-folder", one[2]
    local ok, err = writable(path)
    local space = ok and file.free_space(standing(path)) or 0
    if not ok then
      out { name = name, status = "fail", message = ("%s cannot be written: %s"):format(path, err.message),
        fix = ("make it yours: mkdir -p '%s' && chmod u+rwx '%s'"):format(path, path) }
    elseif space < enough_space then
      out { name = name, status = "warn", message = ("%s has only %d MB left"):format(path, space // (1 << 20)),
        fix = "make room, or choose another folder with --out" }
    else
      out { name = name, status = "ok", message = ("%s (%.0f GB free)"):format(path, space / (1 << 30)) }
    end
  end
end

-- Sessions and credentials may be read by their owner only.
local function permissions(out)
  local wide = {}
  local function look(path, mask)
    local stat = file.stat(path)
    if stat and stat.mode & mask ~= 0 then wide[#wide + 1] = path end
  end
  local sessions = settings.dirs().state .. "/sessions"
  look(sessions, 63)
  for _, name in ipairs(file.exists(sessions) and file.list(sessions) or {}) do
    look(sessions .. "/" .. name, 63)
  end
  if #wide == 0 then return out { name = "permissions", status = "ok", message = "what is secret is readable by you only" } end
  out { name = "permissions", status = "fail", message = table.concat(wide, ", ") .. " can be read by others",
    fix = ("chmod go-rwx '%s'"):format(table.concat(wide, "' '")) }
end

local function credentials(out)
  local ok, found = fault.try(function() return secret.known "username" and secret.known "password" end)
  if not ok then
    return out { name = "credentials", status = "fail", message = found.message, fix = "see docs/guide.md, Signing in" }
  end
  if found then return out { name = "credentials", status = "ok", message = "user name and password are known (not shown)" } end
  out { name = "credentials", status = "warn", message = "no user name and password; karun asks at a terminal",
    fix = "set KARUN_USERNAME and KARUN_PASSWORD, or credential_command in karun.lua" }
end

local earliest <const> = 1735689600 -- 2025-01-01: karun is younger

local function clock(out)
  local now = os.time()
  if now >= earliest then return out { name = "clock", status = "ok", message = os.date("!%Y-%m-%d %H:%M:%S UTC", now) } end
  out { name = "clock", status = "fail", message = os.date("!%Y-%m-%d", now) .. " is in the past; certificates will fail",
    fix = "set the clock (timedatectl set-ntp true)" }
end

local months = { Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6, Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11,
  Dec = 12 }

-- Our clock against a server's Date header; nil when it says none.
function M.clock_against(date)
  local day, month, year, hour, min, sec = (date or ""):match("(%d+) (%a+) (%d+) (%d+):(%d+):(%d+) GMT")
  if not months[month] then return nil end
  local now = os.date("!*t")
  now.isdst = false
  local theirs = os.time { year = year, month = months[month], day = day, hour = hour, min = min, sec = sec, isdst = false }
  local off = os.time(now) - theirs
  if math.abs(off) < 300 then return nil end
  return { name = "clock", status = "warn", message = ("differs by %d s from the site's"):format(off),
    fix = "set the clock (timedatectl set-ntp true)" }
end

local function display(out)
  local has = os.getenv("DISPLAY") or os.getenv("WAYLAND_DISPLAY")
  if has and has ~= "" then return out { name = "display", status = "ok", message = has } end
  out { name = "display", status = "skip", message = "none here: --visible needs one (or xvfb-run)" }
end

local function copies(out)
  for _, pair in ipairs(settings.shadowed(file.stat)) do
    out { name = pair[1], status = "warn", message = ("lies over a newer shipped file, %s"):format(pair[2]),
      fix = "compare the two; touch yours when you have" }
  end
  for _, one in ipairs(ejected.changed()) do
    if one.gone then
      out { name = one.name, status = "warn", message = ("is no longer shipped (yours came from %s)"):format(one.version) }
    elseif one.changes then
      out { name = one.name, status = "warn",
        message = ("%d lines of the shipped one changed since you took it (from %s)"):format(#one.changes, one.version),
        fix = "take over what you want, then: karun eject --force " .. one.name .. " in a copy, or leave it",
        changes = one.changes }
    else
      out { name = one.name, status = "ok", message = ("your copy of %s; the shipped one is unchanged"):format(one.version) }
    end
  end
end

-- run(out, started): each finding to out; the browser, when it starts, to started.
function M.run(out, started)
  browser(out, started)
  libraries(out)
  folders(out)
  permissions(out)
  credentials(out)
  clock(out)
  display(out)
  copies(out)
end

return M
