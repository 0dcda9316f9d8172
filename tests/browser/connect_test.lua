-- Browsers that somebody else started: taken part in, left as they were, and noticed when they die.

local karun = require "karun"
local t = require "karun.test"

-- A browser with a debugging port beside its pipe -> it, its WebSocket's address, its http address.
local function started()
  -- its own home: a remote browser keeps its files there
  local browser = t.browser { args = { "--remote-debugging-port=0" }, env = { HOME = t.tmp() } }
  local path = browser.profile .. "/DevToolsActivePort"
  karun.wait.until_true(function()
    return karun.file.exists(path) and #karun.file.read(path) > 5
  end, { every = 0.02 })
  local port, rest = karun.file.read(path):match("^(%d+)\n([^\n]+)")
  return browser, ("ws://127.0.0.1:%s%s"):format(port, rest), "http://127.0.0.1:" .. port
end

local function site()
  return t.serve {
    ["GET /"] = function() return { headers = { ["content-type"] = "text/html" }, body = "<title>home</title><a href=/file>x</a>" } end,
    ["GET /file"] = function()
      return { headers = { ["content-disposition"] = "attachment; filename=x.bin" }, body = "bytes" }
    end,
  }
end

local function connect(url, opts)
  local remote = karun.connect(url, opts)
  t.after(function() remote:close() end)
  return remote
end

t.test("by WebSocket: its pages are adopted, closing only disconnects", function()
  local browser, ws = started()
  local server = site()
  local page = browser:page()
  page:open(server.url)
  local remote = connect(ws)
  t.match(remote:version(), "Chrome")
  t.equal(remote.pid, nil)
  t.equal(#remote:pages(), 1)
  local same = remote:pages()[1]
  t.equal(same:url(), page:url())
  t.equal(same:title(), "home")
  same:eval("document.title = 'changed'")
  local own = remote:context():page()
  own:open(server.url)
  remote:close()
  remote:close()
  t.error("browser_gone", same.title, same)
  t.equal(page:title(), "changed")
  karun.wait.until_true(function() return #browser:pages() == 1 end, { every = 0.02 })
end)

t.test("by debugging port; cookies and popups as with one's own", function()
  local _, _, http = started()
  local server = site()
  local remote = connect(http)
  local page = remote:page()
  page:open(server.url)
  remote:set_cookies { name = "a", value = "1", domain = "127.0.0.1" }
  t.equal(page:eval("document.cookie"), "a=1")
  local popup = page:expect("popup", function() page:eval("void window.open('/')") end)
  t.equal(popup:title(), "home")
end)

t.test("a download of a remote browser is told, its file is not to be had: `unsupported` names the way", function()
  local _, ws = started()
  local server = site()
  local page = connect(ws):page()
  page:open(server.url)
  local download = page:expect("download", function() page:eval("document.querySelector('a').click()") end)
  t.equal(download.url, server.url .. "/file")
  local err = t.error("unsupported", download.save, download, t.tmp() .. "/")
  t.match(err.message, "karun.http.fetch")
  t.equal(karun.http.fetch(download.url).body, "bytes")
  download:cancel()
end)

t.test("a Grid: a session is made, used, and ended", function()
  local _, ws = started()
  local asked, ended = nil, nil
  local hub = t.serve {
    ["POST /session"] = function(request)
      asked = request
      return { headers = { ["content-type"] = "application/json" },
        body = karun.json.encode { value = { sessionId = "s1", capabilities = { ["se:cdp"] = ws } } } }
    end,
    ["DELETE /session/:id"] = function(request)
      ended = request.params.id
      return "{}"
    end,
  }
  local remote = karun.connect("grid+" .. hub.url)
  t.equal(remote:page():eval("1 + 1"), 2)
  t.match(asked.headers["content-type"], "charset=utf%-8")
  t.equal(karun.json.decode(asked.body).capabilities.alwaysMatch.browserName, "chrome")
  remote:close()
  t.equal(ended, "s1")
end)

t.test("no browser there, no DevTools, no scheme, TLS", function()
  local closed = t.serve { ["GET /"] = "x" }
  local url = closed.url
  closed:close()
  t.equal(t.error("launch", karun.connect, url).url, url)
  t.error("launch", karun.connect, (url:gsub("^http", "ws")))
  t.error("launch", karun.connect, "grid+" .. url)
  local other = t.serve { ["GET /json/version"] = function() return "<html>" end }
  t.error("launch", karun.connect, other.url)
  t.error("usage", karun.connect, "127.0.0.1:9222")
  t.error("usage", karun.connect, "ftp://x")
  t.error("usage", karun.connect)
  t.error("unsupported", karun.connect, "wss://127.0.0.1:1")
  t.match(t.error("usage", karun.connect, url, { time_out = 1 }).message, "timeout")
end)

-- A peer that answers as a browser does until it is told to fall silent.
local function silent_peer()
  local peer = { silent = false }
  local server = t.serve { ws = { ["/devtools"] = function(socket)
    while true do
      local text = socket:receive()
      if not text then return end
      local message = karun.json.decode(text)
      local result = message.method == "Browser.getVersion" and { product = "Fake/1", userAgent = "Fake" } or {}
      if not peer.silent then socket:send(karun.json.encode { id = message.id, result = result }) end
    end
  end } }
  return peer, server.url:gsub("^http", "ws") .. "/devtools"
end

t.test("a dead remote is noticed: what waits ends as `browser_gone`", function()
  local peer, url = silent_peer()
  local remote = connect(url, { heartbeat = 0.05 })
  t.equal(remote:version(), "Fake/1")
  local waiting = karun.spawn(function() remote:page() end)
  karun.sleep(0)
  peer.silent = true
  local err = t.error("browser_gone", waiting.join, waiting)
  t.match(err.message, "silent")
  t.error("browser_gone", remote.pages, remote)
end)

t.test("a remote that hangs up is gone at once", function()
  local server = t.serve { ws = { ["/devtools"] = function(socket)
    for _ = 1, 3 do
      local message = karun.json.decode(socket:receive())
      socket:send(karun.json.encode { id = message.id, result = { product = "Fake/1" } })
    end
    socket:receive()
    socket:close()
  end } }
  local remote = connect((server.url:gsub("^http", "ws")) .. "/devtools")
  t.error("browser_gone", remote.cookies, remote)
end)
