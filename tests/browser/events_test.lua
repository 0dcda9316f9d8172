-- Events of a page that have no test of their own, requests and responses, and what karun counts.

local karun = require "karun"
local t = require "karun.test"

local function html(body)
  return { headers = { ["content-type"] = "text/html; charset=utf-8" }, body = "<!doctype html>" .. body }
end

local function open(extra)
  local routes = {
    ["GET /"] = function() return html "<title>home</title>" end,
    ["GET /data"] = function() return { headers = { ["content-type"] = "application/json" }, body = '{"n": [1, 2.5, null]}' } end,
    ["POST /data"] = function(request) return request.body end,
    ["GET /favicon.ico"] = function() return { status = 404 } end,
  }
  for key, fn in pairs(extra or {}) do
    routes[key] = fn
  end
  local server = t.serve(routes)
  local page = t.page()
  page:open(server.url)
  return page, server
end

local function until_so(fn)
  return karun.wait.until_true(fn, { every = 0.01 })
end

t.test("dom and load come in order; frame, request_failed, close are told", function()
  local page, server = open { ["GET /f"] = function() return html "<iframe src=/></iframe><img src=http://127.0.0.1:9/x>" end }
  local seen = {}
  local function note(name)
    return function(value) seen[#seen + 1] = { name, value } end
  end
  for _, name in ipairs { "dom", "load", "frame", "request_failed", "close" } do
    page:on(name, note(name))
  end
  page:open(server.url .. "/f")
  page:close()
  until_so(function() return #seen == 5 end)
  local by_name, places = {}, {}
  for i, pair in ipairs(seen) do
    by_name[pair[1]], places[pair[1]] = pair[2], i
  end
  t.ok(places.dom < places.load and places.load < places.close)
  t.equal(by_name.request_failed.url, "http://127.0.0.1:9/x")
  t.match(by_name.request_failed.error, "^net::ERR")
  t.equal(by_name.close, page)
  t.equal(by_name.frame:parent(), page:main_frame())
end)

t.test("a context hears the events of all its pages", function()
  local context = t.browser():context {}
  t.after(function() context:close() end)
  local lines = {}
  local off = context:on("console", function(line) lines[#lines + 1] = line.text end)
  local one, two = context:page(), context:page()
  one:eval("console.log('one')")
  until_so(function() return #lines == 1 end)
  two:eval("console.log('two')")
  until_so(function() return #lines == 2 end)
  t.same(lines, { "one", "two" })
  off()
  t.error("usage", context.on, context, "no_such", function() end)
end)

t.test("wait_request and wait_response: the next one, with bodies", function()
  local page, server = open()
  local request = karun.spawn(function() return page:wait_request("/data") end)
  local response = karun.spawn(function() return page:wait_response(function(r) return r.url:find("/data", 1, true) end) end)
  karun.sleep(0)
  page:eval("void fetch('/data', { method: 'POST', body: 'gr\u{FC}n', headers: { 'X-Own': '1' } })")
  local asked = request:join()
  t.same({ asked.method, asked.url, asked.body, asked.headers["x-own"] }, { "POST", server.url .. "/data", "gr\u{FC}n", "1" })
  local answer = response:join()
  t.equal(answer.status, 200)
  t.equal(answer:body(), "gr\u{FC}n")
  t.equal(answer.request.method, "POST")
  local json = page:expect("response", function() page:eval("void fetch('/data')") end, { match = "/data" }):json()
  t.same(json, { n = { 1, 2.5, karun.json.null } })
  t.error("timeout", page.wait_request, page, "/never", { timeout = 0.01 })
end)

t.test("binary bodies come as they are; a body that breaks off is `net`", function()
  local all = {}
  for i = 0, 255 do
    all[#all + 1] = string.char(i)
  end
  local bytes = table.concat(all)
  local page = open {
    ["GET /bytes"] = function() return { headers = { ["content-type"] = "application/octet-stream" }, body = bytes } end,
    ["GET /cut"] = function() return { headers = { ["content-type"] = "application/octet-stream" }, body = "x", length = 100, abort = "cut" } end,
  }
  local function answer(path)
    return page:expect("response", function() page:eval("(p) => void fetch(p).then((r) => r.arrayBuffer()).catch(() => 0)", path) end, { match = path })
  end
  t.equal(answer("/bytes"):body(), bytes)
  local kept = page:expect("response", function() page:eval("void fetch('/bytes?blob').then((r) => r.blob())") end, { match = "blob" })
  local ok, err = karun.try(kept.body, kept)
  t.ok(ok and err == bytes or err.kind == "unsupported", "never less than there was")
  local cut = answer("/cut")
  t.error("net", cut.body, cut)
end)

t.test("several events in one wait, a match by function, its error", function()
  local page = open()
  local lines = page:expect("console", function() page:eval("[1, 2, 3].forEach((n) => console.log(n))") end,
    { count = 2, match = function(line) return line.text ~= "2" end })
  t.same({ lines[1].text, lines[2].text }, { "1", "3" })
  t.error("content", page.expect, page, "console", function() page:eval("console.log(1)") end,
    { match = function() error(karun.error("content", "mine")) end })
end)

t.test("stats count protocol calls and events, tasks and waits", function()
  local page = open()
  local before = karun.stats()
  page:eval("1")
  local after = karun.stats()
  t.ok(after.calls > before.calls)
  for _, name in ipairs { "calls", "events", "dropped", "tasks", "waits", "timers" } do
    t.equal(math.type(after[name]), "integer", name)
  end
  local tasks = {} -- many: the server's own come and go meanwhile
  for i = 1, 50 do tasks[i] = karun.spawn(function() karun.sleep(100) end) end
  karun.sleep(0)
  t.ok(karun.stats().tasks - after.tasks > 40 and karun.stats().waits - after.waits > 40, "50 tasks more")
  for _, task in ipairs(tasks) do task:cancel() end
  until_so(function() return karun.stats().tasks < after.tasks + 10 end)
end)

t.test("a closed page, a closed context, a closed browser say so, and may be closed twice", function()
  local browser = t.browser {}
  local context = browser:context {}
  local page, other = context:page(), browser:page()
  page:close()
  page:close()
  t.error("page_closed", page.open, page, "about:blank")
  context:close()
  context:close()
  t.error("page_closed", context.page, context)
  browser:close()
  browser:close()
  t.error("browser_gone", other.title, other)
  t.error("browser_gone", browser.page, browser)
end)

t.test("a browser that is killed: what is pending ends as `browser_gone`", function()
  local browser = t.browser {}
  local page = browser:page()
  local waiting = karun.spawn(function() return page:eval("new Promise(() => {})") end)
  page:eval("1")
  os.execute("kill -9 " .. browser.pid)
  t.error("browser_gone", waiting.join, waiting)
  t.error("browser_gone", page.title, page)
end)
