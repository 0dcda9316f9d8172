-- karun.serve through its door: requests by karun.http, web sockets by its own client.

local file = require "karun.file"
local http = require "karun.http"
local log = require "karun.log"
local request = require "karun.serve.request"
local route = require "karun.serve.route"
local serve = require "karun.serve"
local sockets = require "karun.serve.socket"
local static = require "karun.serve.static"
local t = require "karun.test"
local task = require "karun.native.task"

local function start(opts)
  local server = serve(opts)
  t.after(function() server:close() end)
  return server
end

local function ask(server, path, opts)
  opts = opts or {}
  opts.tries = 1
  return http.fetch(server.url .. path, opts)
end

-- What the server logs during the test, instead of on the screen.
local function logged()
  local lines = {}
  log.screen(function(_, text) lines[#lines + 1] = text end)
  t.after(function() log.screen(nil) end)
  return lines
end

-- ---- routes and requests, without a socket ----

t.test("routes: the most specific first, HEAD by GET", function()
  local function named(name) return function() return name end end
  local list = route.compile({
    ["GET /*"] = named "all", ["GET /a/*"] = named "below a", ["GET /a/b"] = named "b", ["/any"] = named "any",
    ["GET /a/:id"] = named "id", ["POST /a/b"] = named "posted", ["GET /a/:id/x.y"] = named "literal",
  }, true)
  local function found(method, path)
    local handler, params = route.find(list, method, path)
    return handler and handler(), params
  end
  t.equal(found("GET", "/a/b"), "b")
  t.equal(found("HEAD", "/a/b"), "b")
  t.equal(found("POST", "/a/b"), "posted")
  t.equal(found("DELETE", "/any"), "any")
  t.equal(found("GET", "/zzz"), "all")
  t.same({ found("GET", "/a/7") }, { "id", { id = "7" } })
  t.same({ found("GET", "/a/7/8") }, { "below a", { ["*"] = "7/8" } })
  t.equal(found("GET", "/a/7/x.y"), "literal")
  t.equal(found("GET", "/a/7/xzy"), "below a")
  local none, others = route.find(list, "PUT", "/a/b")
  t.equal(none, nil)
  t.same(others, { "GET", "POST" })
  t.error("usage", function() route.compile({ hello = function() end }, true) end)
end)

t.test("requests: path and query are decoded, url stands as it is", function()
  local r = request.complete { target = "/a%20b/%C3%A9?x=1&y=a+b%26&x=2&z" }
  t.equal(r.path, "/a b/é")
  t.equal(r.url, "/a%20b/%C3%A9?x=1&y=a+b%26&x=2&z")
  t.same(r.query, { x = { "1", "2" }, y = "a b&", z = "" })
  t.equal(request.complete({ target = "http://h:1/p?q=1" }).path, "/p")
  t.equal(request.complete { target = "*" }, nil)
  t.equal(request.complete { target = "/%00" }, nil)
end)

t.test("dates: as HTTP writes them", function()
  t.equal(static.date("Thu, 01 Jan 1970 00:00:00 GMT"), 0)
  t.equal(static.date("Thu, 29 Feb 2024 23:59:59 GMT"), 1709251199)
  t.equal(static.date("yesterday"), nil)
  t.equal(static.date(nil), nil)
end)

-- ---- answers ----

t.test("answers: a text, a table, nothing", function()
  local server = start { routes = {
    ["GET /text"] = function(r) return "hello " .. r.query.name end,
    ["GET /html"] = function() return "<p>hi" end,
    ["GET /table"] = function()
      local headers = { ["X-Two"] = { "a", "b" }, ["Content-Type"] = "x/y" }
      return { status = 418, reason = "Teapot", headers = headers, body = "{}" }
    end,
    ["POST /nothing"] = function() end,
    ["PUT /echo"] = function(r) return r.method .. r.headers["x-mine"] .. r.body end,
  } }
  local text = ask(server, "/text?name=b%C3%A9")
  t.equal(text.body, "hello bé")
  t.equal(text.headers["content-type"], "text/plain; charset=utf-8")
  t.equal(text.headers["content-length"], "9")
  t.equal(ask(server, "/html").headers["content-type"], "text/html; charset=utf-8")
  local full = ask(server, "/table")
  t.equal(full.status, 418)
  t.equal(full.headers["x-two"], "a, b")
  t.equal(full.headers["content-type"], "x/y")
  t.equal(ask(server, "/nothing", { method = "POST" }).status, 204)
  t.equal(ask(server, "/echo", { method = "PUT", body = "0123", headers = { ["X-Mine"] = "!" } }).body, "PUT!0123")
  local head = ask(server, "/text?name=x", { method = "HEAD" })
  t.equal(head.headers["content-length"], "7")
  t.equal(head.body, "")
end)

t.test("answers: not found, wrong method, a handler's error, and it lives on", function()
  local lines = logged()
  local server = start { routes = {
    ["GET /a"] = function() return "a" end,
    ["GET /boom"] = function() error("boom") end,
    ["GET /wrong"] = function() return { stauts = 200 } end,
    ["GET /split"] = function() return { headers = { x = "a\r\nset-cookie: b" } } end,
  } }
  t.equal(ask(server, "/b").status, 404)
  local wrong = ask(server, "/a", { method = "POST" })
  t.equal(wrong.status, 405)
  t.equal(wrong.headers.allow, "GET")
  t.equal(ask(server, "/boom").status, 500)
  t.equal(ask(server, "/wrong").status, 500)
  t.equal(ask(server, "/split").status, 500)
  t.equal(#lines, 3)
  t.match(lines[1], "GET /boom: .*serve_test%.lua:%d+: boom")
  t.match(lines[2], "did you mean `status`")
  t.equal(ask(server, "/a").body, "a")
end)

t.test("limits: a head or a body too large is refused", function()
  local routes = { ["POST /"] = function(r) return tostring(#r.body) end }
  local server = start { head_limit = 2000, body_limit = 1000, routes = routes }
  t.equal(ask(server, "/", { method = "POST", body = ("x"):rep(1000) }).body, "1000")
  t.equal(ask(server, "/", { method = "POST", body = ("x"):rep(1001) }).status, 413)
  t.equal(ask(server, "/", { method = "POST", body = "", headers = { a = ("x"):rep(2000) } }).status, 431)
end)

t.test("streams: chunks until nil, other requests meanwhile", function()
  local go_on = task.signal()
  local server = start { routes = {
    ["GET /stream"] = function()
      local n = 0
      return { body = function()
        n = n + 1
        if n == 2 then go_on:wait(20) end
        return n <= 300 and ("%07d\n"):format(n):rep(8192) or nil
      end }
    end,
    ["GET /free"] = function() go_on:fire() return "free" end,
  } }
  local other = task.spawn(function() return ask(server, "/free").body end)
  local answer = ask(server, "/stream")
  t.equal(#answer.body, 300 * 65536)
  t.equal(answer.headers["transfer-encoding"], "chunked")
  t.equal(answer.body:sub(-8), "0000300\n")
  other:wait(10)
  t.equal(select(2, other:outcome()), "free")
end)

t.test("broken on purpose: cut, reset, too short, an error half-way", function()
  local lines = logged()
  local function half()
    local given
    return function()
      if given then error("half-way") end
      given = true
      return "some"
    end
  end
  local server = start { routes = {
    ["GET /cut"] = function() return { body = "some", length = 100, abort = "cut" } end,
    ["GET /reset"] = function() return { body = "some", length = 100, abort = "reset" } end,
    ["GET /short"] = function() return { body = "some", length = 100 } end,
    ["GET /cut-chunks"] = function() local n = 0 return { body = function()
      n = n + 1
      if n > 1 then return nil, "cut" end
      return "some"
    end } end,
    ["GET /error"] = function() return { body = half() } end,
    ["GET /open"] = function() return { body = "all", length = false } end,
  } }
  t.error("incomplete", function() ask(server, "/cut") end)
  t.error("incomplete", function() ask(server, "/short") end)
  for _, path in ipairs { "/reset", "/cut-chunks", "/error" } do
    local ok, err = pcall(ask, server, path)
    t.ok(not ok and (err.kind == "incomplete" or err.kind == "net"), path .. ": " .. tostring(err))
  end
  t.match(lines[1], "GET /error: .*half%-way")
  t.equal(ask(server, "/open").body, "all")
end)

-- ---- files ----

local function folder()
  local dir = t.tmp()
  file.write(dir .. "/index.html", "<h1>hi</h1>")
  file.mkdir(dir .. "/sub")
  file.write(dir .. "/sub/index.html", "sub")
  file.write(dir .. "/a b.mp3", ("0123456789"):rep(100))
  file.write(dir .. "/empty.txt", "")
  return dir
end

t.test("files: types, folders, nothing outside", function()
  local dir = folder()
  local server = start { static = dir .. "/", routes = { ["GET /own"] = function() return "own" end } }
  t.equal(ask(server, "/").headers["content-type"], "text/html; charset=utf-8")
  local audio = ask(server, "/a%20b.mp3")
  t.equal(audio.headers["content-type"], "audio/mpeg")
  t.equal(audio.size or #audio.body, 1000)
  t.equal(ask(server, "/sub").body, "sub")
  t.equal(ask(server, "/own").body, "own")
  t.equal(ask(server, "/empty.txt").body, "")
  t.equal(ask(server, "/nothing").status, 404)
  t.equal(ask(server, "/%2e%2e/etc/passwd").status, 404)
  t.equal(ask(server, "/", { method = "POST" }).status, 405)
  os.execute(("ln -s /etc/passwd '%s/link'"):format(dir))
  t.equal(ask(server, "/link").status, 404)
end)

t.test("files: ranges and conditions", function()
  local server = start { static = folder() }
  local function get(headers) return ask(server, "/a%20b.mp3", { headers = headers }) end
  local whole = get()
  local etag, date = whole.headers.etag, whole.headers["last-modified"]
  local function range(spec, want_status, want_range, want_body)
    local answer = get { Range = spec }
    t.equal(answer.status, want_status, spec)
    t.equal(answer.headers["content-range"], want_range, spec)
    if want_body then t.equal(answer.body, want_body, spec) end
  end
  range("bytes=0-4", 206, "bytes 0-4/1000", "01234")
  range("bytes=995-", 206, "bytes 995-999/1000", "56789")
  range("bytes=-3", 206, "bytes 997-999/1000", "789")
  range("bytes=990-5000", 206, "bytes 990-999/1000", "0123456789")
  range("bytes=1000-", 416, "bytes */1000")
  range("bytes=-0", 416, "bytes */1000")
  range("bytes=5-2", 200)
  range("bytes=0-1,5-6", 200)
  range("lines=1-2", 200)
  t.equal(get({ Range = "bytes=0-0", ["If-Range"] = etag }).status, 206)
  t.equal(get({ Range = "bytes=0-0", ["If-Range"] = date }).status, 206)
  t.equal(get({ Range = "bytes=0-0", ["If-Range"] = '"other"' }).status, 200)
  t.equal(get({ ["If-None-Match"] = '"x", ' .. etag }).status, 304)
  t.equal(get({ ["If-None-Match"] = '"x"' }).status, 200)
  t.equal(get({ ["If-Modified-Since"] = date }).status, 304)
  t.equal(get({ ["If-Modified-Since"] = "Thu, 01 Jan 1970 00:00:00 GMT" }).status, 200)
end)

t.test("files: one the handler chose, with its own headers", function()
  local dir = folder()
  local server = start { routes = { ["GET /x"] = function()
    return { file = dir .. "/a b.mp3", headers = { ["Content-Disposition"] = "attachment", ETag = '"mine"' } }
  end } }
  local answer = ask(server, "/x", { headers = { Range = "bytes=1-2", ["If-Range"] = '"mine"' } })
  t.equal(answer.body, "12")
  t.equal(answer.headers.etag, '"mine"')
  t.equal(answer.headers["content-disposition"], "attachment")
end)

-- ---- web sockets ----

local function socket_url(server, path)
  return (server.url:gsub("^http", "ws")) .. path
end

t.test("sockets: messages both ways, and how they end", function()
  local lines = logged()
  local ended = {}
  local server = start { ws = {
    ["/echo/:id"] = function(socket)
      for message, is_binary in socket:messages() do
        socket:send(message, { binary = is_binary })
      end
      ended = table.pack(socket:receive())
    end,
    ["/bye"] = function(socket) socket:send("bye " .. socket.request.query.n) end,
    ["/boom"] = function() error("boom") end,
  } }
  local echo <close> = sockets.connect(socket_url(server, "/echo/1"))
  echo:send("héllo")
  t.same({ echo:receive { timeout = 10 } }, { "héllo", false })
  echo:send("\0\255", { binary = true })
  t.same({ echo:receive { timeout = 10 } }, { "\0\255", true })
  t.error("usage", function() echo:send("\255") end)
  t.error("timeout", function() echo:receive { timeout = 0 } end)
  echo:close(4000, "enough")
  t.equal(echo:receive { timeout = 10 }, nil)
  t.error("net", function() echo:send("x") end)
  t.equal(ended[3], 4000)
  local bye <close> = sockets.connect(socket_url(server, "/bye?n=1"))
  t.equal(bye:receive { timeout = 10 }, "bye 1")
  t.same({ select(3, bye:receive { timeout = 10 }) }, { 1000 })
  local boom <close> = sockets.connect(socket_url(server, "/boom"))
  t.same({ select(3, boom:receive { timeout = 10 }) }, { 1011 })
  t.match(lines[1], "GET /boom: .*boom")
  t.error("net", function() sockets.connect(socket_url(server, "/none")) end)
end)

t.test("sockets: a message too large ends the connection, not the server", function()
  local server = start { message_limit = 1000, ws = { ["/"] = function(socket)
    for message in socket:messages() do socket:send(message) end
  end } }
  local big <close> = sockets.connect(socket_url(server, "/"))
  big:send(("x"):rep(1001))
  t.same({ select(3, big:receive { timeout = 10 }) }, { 1009 })
  local small <close> = sockets.connect(socket_url(server, "/"))
  small:send(("x"):rep(1000))
  t.equal(#small:receive { timeout = 10 }, 1000)
end)

-- ---- the end ----

t.test("close: ends listening, answers, sockets and waiting handlers; twice is once", function()
  local cancelled = task.signal()
  local server = start {
    routes = { ["GET /wait"] = function()
      local ok, err = pcall(task.sleep, 1000)
      if not ok and err.kind == "cancelled" then cancelled:fire() end
    end },
    ws = { ["/"] = function(socket) socket:send("hi") socket:receive() end },
  }
  local socket <close> = sockets.connect(socket_url(server, "/"))
  socket:receive { timeout = 10 }
  local waiting = task.spawn(function() return pcall(ask, server, "/wait") end)
  while server.native:connections() < 1 do task.sleep(0.01) end
  task.sleep(0.05)
  server:close()
  server:close()
  t.ok(cancelled:wait(10), "the handler was cancelled")
  t.equal(socket:receive { timeout = 10 }, nil)
  waiting:wait(10)
  t.same({ select(2, waiting:outcome()) }, { false, select(3, waiting:outcome()) })
  t.error("net", function() ask(server, "/wait", { timeout = 5 }) end)
end)

t.test("options: wrong ones say so", function()
  t.error("usage", function() serve { prot = 1 } end)
  t.error("usage", function() serve { port = 70000 } end)
  t.error("usage", function() serve { body_limit = -1 } end)
  local server = start {}
  t.error("net", function() serve { port = server.port } end)
  t.error("usage", function() return server.colse end)
end)
