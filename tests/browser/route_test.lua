-- page:route, context:route, http_auth: which requests stop, and what becomes of them.

local karun = require "karun"
local t = require "karun.test"

local function html(body)
  return { headers = { ["content-type"] = "text/html; charset=utf-8" }, body = "<!doctype html>" .. body }
end

local function serve(extra)
  local routes = {
    ["GET /"] = function() return html "<title>home</title>" end,
    ["/echo"] = function(request)
      return { headers = { ["content-type"] = "application/json" }, body = karun.json.encode {
        method = request.method, headers = request.headers, size = #request.body,
      } }
    end,
  }
  for key, fn in pairs(extra or {}) do
    routes[key] = fn
  end
  return t.serve(routes)
end

local function fetch(page, ...)
  return page:eval("async (url, opts) => { const r = await fetch(url, opts || {}); return [r.status, await r.text()]; }", ...)
end

t.test("fulfil: the page gets our status, headers and body, the server is not asked", function()
  local asked = 0
  local server = serve { ["GET /api"] = function() asked = asked + 1 return "real" end }
  local page = t.page()
  page:open(server.url)
  page:route("/api", function(request)
    request:fulfill { status = 201, headers = { ["x-made"] = "up" }, body = "gr\u{FC}n\0" }
  end)
  t.same(page:eval("async () => { const r = await fetch('/api'); return [r.status, r.headers.get('x-made'), await r.text()]; }"),
    { 201, "up", "gr\u{FC}n\0" })
  t.equal(asked, 0)
end)

t.test("fulfil a document: it is HTML in UTF-8", function()
  local page = t.page()
  page:route("made.example", function(request) request:fulfill { body = "<title>gr\u{FC}n</title>" } end)
  local response = page:open("http://made.example/x")
  t.equal(response.status, 200)
  t.equal(page:title(), "gr\u{FC}n")
end)

t.test("abort: a failed fetch, and an open that is `net`", function()
  local server = serve()
  local page = t.page()
  page:open(server.url)
  page:route("/echo", function(request) request:abort() end)
  t.match(t.error("script", fetch, page, "/echo").message, "Failed to fetch")
  local err = t.error("net", page.open, page, server.url .. "/echo")
  t.equal(err.net, "net::ERR_BLOCKED_BY_CLIENT")
  page:route("/", function(request) request:abort { reason = "connection_refused" } end)
  t.equal(t.error("net", page.open, page, server.url .. "/").net, "net::ERR_CONNECTION_REFUSED")
end)

t.test("continue: url, method, headers and body changed, as the server sees them", function()
  local server = serve()
  local page = t.page()
  page:open(server.url)
  page:route("/elsewhere", function(request)
    t.equal(request.method, "POST")
    t.equal(request.body, "before")
    request:continue {
      url = server.url .. "/echo", method = "PUT", body = "after\0\255",
      headers = { ["X-Added"] = "yes", ["x-gone"] = false },
    }
  end)
  local answer = fetch(page, "/elsewhere", { method = "POST", body = "before", headers = { ["x-gone"] = "1", ["x-kept"] = "2" } })
  local seen = karun.json.decode(answer[2])
  t.equal(seen.method, "PUT")
  t.equal(seen.headers["x-added"], "yes")
  t.equal(seen.headers["x-gone"], nil)
  t.equal(seen.headers["x-kept"], "2")
  t.equal(seen.size, 7)
end)

t.test("a handler may wait, while other requests go on", function()
  local server = serve()
  local page = t.page()
  page:open(server.url)
  local go = karun.queue()
  page:route("/echo?slow", function(request)
    go:get()
    request:continue()
  end)
  local slow = karun.spawn(fetch, page, "/echo?slow")
  t.equal(fetch(page, "/echo?quick")[1], 200)
  t.equal(slow:done(), false)
  go:put(true)
  t.equal(slow:join()[1], 200)
end)

t.test("the newest route comes first; one that does not answer passes on; off ends it", function()
  local server = serve()
  local page = t.page()
  page:open(server.url)
  page:route("/echo", function(request) request:fulfill { body = "first" } end)
  local off = page:route("/echo", function(request)
    if request.url:find("second", 1, true) then request:fulfill { body = "second" } end
  end)
  t.equal(fetch(page, "/echo?second")[2], "second")
  t.equal(fetch(page, "/echo?other")[2], "first")
  off()
  off()
  t.equal(fetch(page, "/echo?second")[2], "first")
end)

t.test("an error in a handler is raised by the page's next call; its request fails", function()
  local server = serve()
  local page = t.page()
  page:open(server.url)
  local off = page:route("/echo", function() error(karun.error("content", "my own fault")) end)
  t.error("script", fetch, page, "/echo")
  t.equal(t.error("content", page.title, page).message, "my own fault")
  t.equal(page:title(), "home")
  off()
  page:route("/echo", function(request)
    request:continue()
    request:abort()
  end)
  t.equal(fetch(page, "/echo")[1], 200)
  t.match(t.error("usage", function() while true do page:title() end end).message, "answer already")
end)

t.test("wrong use is told at once", function()
  local page = t.page()
  t.error("usage", page.route, page, "x", "no function")
  t.error("usage", page.route, page, 7, function() end)
  page:route("made.example", function(request)
    local err = t.error("usage", request.fulfill, request, { stauts = 200 })
    t.match(err.message, "status")
    t.error("usage", request.abort, request, { reason = "bored" })
    t.match(t.error("usage", function() return request.fulfil end).message, "fulfill")
    request:fulfill { body = "ok" }
  end)
  t.equal(page:open("http://made.example/").status, 200)
end)

t.test("context:route holds for its pages, their popups and frames of other sites", function()
  local server = serve { ["GET /frame"] = function() return html "<iframe src='http://other.example/in'></iframe>" end }
  local context = t.browser():context {}
  t.after(function() context:close() end)
  local page = context:page()
  local off = context:route("other.example", function(request)
    request:fulfill { body = "<title>made</title><p>" .. request.kind }
  end)
  page:open(server.url .. "/frame")
  t.equal(page:frames()[2]:eval("document.title"), "made")
  local popup = page:expect("popup", function() page:eval("void window.open('http://other.example/pop')") end)
  popup:wait_load()
  t.equal(popup:title(), "made")
  off()
  page:open(server.url)
  t.equal(fetch(page, "/echo")[1], 200)
end)

t.test("requests of a page under a service worker, and of its workers, stop too", function()
  local server = serve {
    ["GET /sw.js"] = function()
      return { headers = { ["content-type"] = "text/javascript" }, body = [[
        self.addEventListener('activate', (e) => e.waitUntil(clients.claim()));
        self.addEventListener('fetch', (e) => { if (e.request.url.endsWith('/api')) e.respondWith(new Response('from worker')); });
      ]] }
    end,
    ["GET /worker.js"] = function()
      return { headers = { ["content-type"] = "text/javascript" },
        body = "onmessage = async () => postMessage(await (await fetch('/api')).text())" }
    end,
    ["GET /api"] = function() return "from server" end,
  }
  local page = t.page()
  page:open(server.url)
  page:eval([[async () => {
    await navigator.serviceWorker.register('/sw.js');
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller) await new Promise((r) => navigator.serviceWorker.oncontrollerchange = r);
  }]])
  t.equal(fetch(page, "/api")[2], "from worker")
  local kinds = {}
  for _, worker in ipairs(page:workers()) do
    kinds[#kinds + 1] = worker.kind .. " " .. worker.url:match("[^/]*$")
  end
  t.same(kinds, { "service_worker sw.js" })
  page:route("/api", function(request) request:fulfill { body = "from route" } end)
  t.equal(fetch(page, "/api")[2], "from route")
  local ask = [[() => new Promise((done) => {
    const w = new Worker('/worker.js'); w.onmessage = (e) => { w.terminate(); done(e.data); }; w.postMessage(1);
  })]]
  t.equal(page:eval(ask), "from route")
end)

t.test("a request to another origin: its preflight is allowed, the answer readable", function()
  local page = t.page()
  page:open(serve().url)
  page:route("api.example", function(request) request:fulfill { body = request.method } end)
  t.same(fetch(page, "http://api.example/x", { method = "PUT", headers = { ["x-own"] = "1" } }), { 200, "PUT" })
end)

-- ---- http_auth ----

local function guarded(realm)
  return function(request)
    if request.headers.authorization == "Basic YW5uYTpnZWhlaW0tOTE=" then return html "<title>in</title>" end
    return { status = 401, headers = { ["www-authenticate"] = 'Basic realm="' .. realm .. '"' }, body = "no" }
  end
end

t.test("http_auth answers for its origin, once; without it a 401 is a result", function()
  local server = serve { ["GET /in"] = guarded "x" }
  t.equal(t.page():open(server.url .. "/in").status, 401)
  local page = t.page { http_auth = { user = "anna", password = "geheim-91", origin = server.url } }
  t.equal(page:open(server.url .. "/in").status, 200)
  t.equal(page:title(), "in")
  local wrong = t.page { http_auth = { user = "anna", password = "falsch" } }
  t.equal(wrong:open(server.url .. "/in").status, 401)
  local elsewhere = t.page { http_auth = { user = "anna", password = "geheim-91", origin = "http://other.example" } }
  t.equal(elsewhere:open(server.url .. "/in").status, 401)
  t.error("usage", function() return t.browser():context { http_auth = { user = "x" } } end)
end)

t.test("http_auth and routes live together; the password may be a secret", function()
  local server = serve { ["GET /in"] = guarded "x" }
  local page = t.page { http_auth = { user = "anna", password = require("karun.secret").new("geheim-91") } }
  page:route("/made", function(request) request:fulfill { body = "made" } end)
  t.equal(page:open(server.url .. "/in").status, 200)
  t.equal(fetch(page, "/made")[2], "made")
end)
