-- Browsers that somebody else started: a DevTools address, a debugging port, a Selenium Grid. We take
-- part in what is there and only leave at the end. Such a browser may be dead without a word: a
-- heartbeat notices.

local fault = require "karun.error"
local json = require "karun.json"
local native = require "karun.native.task"

local M = {}

M.HEARTBEAT = 5 -- seconds between beats; one that is silent for two beats more is gone

local function no_browser(url, why, cause)
  return fault.new("launch", ("there is no browser at %s: %s"):format(url, why),
    { url = url, cause = cause, timed_out = cause and cause.timed_out or nil })
end

-- One question by HTTP -> the JSON answer.
local function ask(url, asked, opts, deadline)
  opts.timeout, opts.tries, opts.ok, opts.limit = math.max(0.001, deadline - native.now()), 1, true, 1 << 20
  local ok, result = fault.try(function()
    return json.decode(require("karun.http").fetch(url, opts).body)
  end)
  if ok and type(result) == "table" then return result end
  error(no_browser(asked, ok and "its answer is no JSON object" or result.message, not ok and result or nil), 0)
end

-- Each answers the address of a WebSocket, and how to say goodbye (or nil).
local ways = {}

function ways.ws(url)
  return url
end

-- A debugging port tells its address under /json/version.
function ways.http(url, deadline)
  local address = ask(url:gsub("/+$", "") .. "/json/version", url, {}, deadline).webSocketDebuggerUrl
  if type(address) ~= "string" then error(no_browser(url, "/json/version names no WebSocket"), 0) end
  return address
end

-- A Grid makes a session, and in it a browser; both end with the session. It wants the charset said.
ways["grid+http"] = function(url, deadline)
  local hub = url:gsub("^grid%+", ""):gsub("/+$", "")
  local body = json.encode { capabilities = { alwaysMatch = { browserName = "chrome" } } }
  local answer = ask(hub .. "/session", url, {
    method = "POST", body = body, headers = { ["content-type"] = "application/json; charset=utf-8" },
  }, deadline)
  local value = type(answer.value) == "table" and answer.value or {}
  local address = type(value.capabilities) == "table" and value.capabilities["se:cdp"]
  local function leave()
    fault.try(require("karun.http").fetch, ("%s/session/%s"):format(hub, value.sessionId),
      { method = "DELETE", timeout = 10, tries = 1 })
  end
  if type(address) ~= "string" then
    if value.sessionId then leave() end
    error(no_browser(url, "the Grid's session has no DevTools address (se:cdp)"), 0)
  end
  return address, leave
end

local function way_of(url)
  local scheme = url:match("^([%w+]+)://[^/]")
  if scheme == "wss" or scheme == "https" or scheme == "grid+https" then
    fault.raise("unsupported", ("karun.connect(%q): TLS is not spoken here; make a tunnel to the machine, then use %s"):format(url,
      (url:gsub("s://", "://"))))
  end
  if not scheme or not ways[scheme] then
    fault.raise("usage", ("karun.connect(%q): it takes ws://…, http://host:port or grid+http://host:4444"):format(url))
  end
  return ways[scheme]
end

-- -> connection, Browser.getVersion's answer, leave()|nil
function M.open(url, timeout)
  local deadline = native.now() + timeout
  local address, leave = way_of(url)(url, deadline)
  local ok, conn = fault.try(require("karun.native.ws").devtools, address, math.max(0.001, deadline - native.now()))
  local version, kind
  if ok then version, kind = conn:call("", "Browser.getVersion", nil, math.max(0.001, deadline - native.now())) end
  if version then return conn, version, leave end
  if ok then conn:close() end
  if leave then leave() end
  error(no_browser(url, ok and "it gave no answer (" .. kind .. ")" or conn.message, not ok and conn or nil), 0)
end

-- Asks the browser again and again; any message from it is a sign of life. -> the task
function M.watch(browser, every)
  local conn = browser.conn
  return native.spawn(function()
    while not browser.gone do
      native.sleep(every)
      local _, events = conn:stats()
      local answer, kind = conn:call("", "Browser.getVersion", nil, every * 2)
      if not answer and kind == "timeout" and select(2, conn:stats()) == events then
        conn:close()
        return browser:lost(("silent for %g s"):format(every * 3))
      end
    end
  end)
end

return M
