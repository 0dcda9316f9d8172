-- Starting Chromium: which program, which switches, which folders, and its end. The browser runs in a
-- process group of its own, speaks over a pipe (no open port), and never outlives karun.

local cdp = require "karun.native.cdp"
local fault = require "karun.error"
local file = require "karun.file"
local log = require "karun.log"
local native = require "karun.native.task"
local proc = require "karun.native.proc"

local M = {}

local NAMES = { "chromium", "chromium-browser", "google-chrome-stable", "google-chrome" }
-- Debian's `chromium` is a shell wrapper around this file and costs 50 to 150 ms.
local BINARIES = { "/usr/lib/chromium/chromium" }

local SWITCHES = {
  "--remote-debugging-pipe",
  "--no-first-run", "--no-default-browser-check", "--no-service-autorun",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
  "--disable-client-side-phishing-detection", "--disable-default-apps", "--disable-extensions",
  "--disable-component-extensions-with-background-pages",
  "--disable-field-trial-config", "--disable-breakpad", "--disable-crash-reporter",
  "--metrics-recording-only", "--no-pings",
  "--password-store=basic", "--use-mock-keychain",   -- no key ring prompt
  "--disable-popup-blocking",                        -- a site may open its window after a build of seconds
  "--disable-prompt-on-repost", "--disable-hang-monitor",
  "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding",
  "--disable-background-timer-throttling", "--disable-ipc-flooding-protection",
  -- BackForwardCache: a page that comes back without a load would be a second kind of navigation.
  -- WebUIOmnibox…, SpareRenderer…: two processes less, a quarter of the start's processor time.
  "--disable-features=BackForwardCache,WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,"
    .. "SpareRendererForSitePerProcess,Translate,MediaRouter,OptimizationHints,AcceptCHFrame,DialMediaRouteProvider",
  "--allow-pre-commit-input", "--export-tagged-pdf", "--disable-search-engine-choice-screen",
}

local function on_path(name)
  for dir in (os.getenv("PATH") or ""):gmatch("[^:]+") do
    local path = dir .. "/" .. name
    if file.exists(path) then return path end
  end
end

-- The browser's program: named by option or KARUN_BROWSER, else the first that is installed.
function M.find(executable)
  local named = executable or os.getenv("KARUN_BROWSER")
  if named and named ~= "" then
    local path = named:find("/", 1, true) and file.exists(named) and named or on_path(named)
    if path then return path end
    fault.raise("launch", ("there is no browser at %s; `apt install chromium`, or name one with executable= or KARUN_BROWSER")
      :format(named), { path = named })
  end
  for _, path in ipairs(BINARIES) do
    if file.exists(path) then return path end
  end
  for _, name in ipairs(NAMES) do
    local path = on_path(name)
    if path then return path end
  end
  fault.raise("launch", "no Chromium was found; `apt install chromium`, or name one with executable= or KARUN_BROWSER")
end

local SECRET_NAMES = { "^KARUN_", "^KV_", "PASSWORD", "SECRET", "TOKEN", "API_KEY" }

-- The browser's environment: ours without what is secret, its temporary files inside its own folder.
local function environment(extra, tmp)
  local env = {}
  for _, pair in ipairs(proc.environ()) do
    local name = pair:match("^[^=]*")
    local is_secret = name == "TMPDIR"
    for _, pattern in ipairs(SECRET_NAMES) do
      is_secret = is_secret or name:upper():find(pattern) ~= nil
    end
    if not is_secret and not extra[name] then env[#env + 1] = pair end
  end
  for name, value in pairs(extra) do
    env[#env + 1] = name .. "=" .. tostring(value)
  end
  env[#env + 1] = "TMPDIR=" .. tmp
  return env
end

-- Whether to go without Chromium's sandbox.
local function without_sandbox(sandbox)
  if sandbox == false then return true end
  local _, is_root = proc.getpid()
  if sandbox == "auto" and is_root then
    log.warn("running as root: Chromium's sandbox is off (--no-sandbox); better run karun as a normal user")
    return true
  end
  return false
end

local function switches(opts, profile, path)
  local args = { path }
  table.move(SWITCHES, 1, #SWITCHES, 2, args)
  local function add(...)
    for _, arg in ipairs { ... } do
      args[#args + 1] = arg
    end
  end
  add("--user-data-dir=" .. profile)
  if opts.headless then add("--headless=new", "--mute-audio", "--hide-scrollbars") end
  if opts.viewport then add(("--window-size=%d,%d"):format(opts.viewport[1], opts.viewport[2])) end
  if opts.proxy then add("--proxy-server=" .. opts.proxy, "--proxy-bypass-list=<-loopback>") end
  if opts.locale then add("--lang=" .. opts.locale) end
  if without_sandbox(opts.sandbox) then add("--no-sandbox") end
  for _, arg in ipairs(opts.args) do
    add(arg)
  end
  add("about:blank")
  return args
end

-- Chromium's own lock: a link named SingletonLock that reads host-pid.
local function check_profile(profile)
  local target = file.readlink(profile .. "/SingletonLock")
  if not target then return end
  local host, pid = target:match("^(.*)%-(%d+)$")
  pid = tonumber(pid)
  if pid and not proc.alive(pid) and host == proc.hostname() then
    file.remove(profile .. "/SingletonLock") -- stale: same machine, dead process
    return
  end
  fault.raise("profile_locked", ("the profile %s is in use by process %s%s; close that browser or use another profile")
    :format(profile, tostring(pid), host and " on " .. host or ""), { pid = pid, path = profile })
end

local function last_lines(child)
  local lines = {}
  for line in child:err():gmatch("[^\n]+") do
    if not line:find("DevTools listening", 1, true) then lines[#lines + 1] = line end
  end
  return table.concat(lines, "\n", math.max(1, #lines - 7))
end

-- Starts it -> { conn, child, profile, base, downloads, close = fn }. The first answer is waited for.
function M.start(opts, deadline)
  local path = M.find(opts.executable)
  local base, hold = file.temp()
  local profile = opts.profile or base .. "/profile"
  local tmp, downloads = base .. "/tmp", base .. "/downloads"
  file.mkdir(profile, { mode = "700" })
  file.mkdir(tmp, { mode = "700" })
  file.mkdir(downloads, { mode = "700" })
  if opts.profile then check_profile(profile) end
  local child = proc.start {
    argv = switches(opts, profile, path), env = environment(opts.env, tmp), pipe = true,
  }
  local conn = cdp.pipe(child)
  local started = { conn = conn, child = child, profile = profile, base = base, hold = hold, downloads = downloads }
  local version, kind = conn:call("", "Browser.getVersion", nil, math.max(0, deadline - native.now()))
  if version then
    started.version = version
    return started
  end
  child:kill(9)
  child:wait(2)
  local stderr = last_lines(child)
  child:close()
  hold:close()
  local what = kind == "timeout" and "gave no answer" or "ended at once"
  fault.raise("launch", ("%s %s%s"):format(path, what, stderr ~= "" and ":\n" .. stderr or ""),
    { stderr = stderr, path = path, timed_out = kind == "timeout" or nil })
end

-- Ends it: asked first, killed when it does not go within 5 s. Its folders are removed.
function M.stop(started)
  local child = started.child
  started.conn:send("", "Browser.close")
  if not child:wait(5) then
    log.warn("the browser did not end when asked; killing it")
    child:kill(9)
    child:wait(2)
  end
  started.conn:close()
  child:close()
  started.hold:close()
end

return M
