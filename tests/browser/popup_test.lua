-- Popups, frames, crashes, workers: what a page is made of and what becomes of it.

local karun = require "karun"
local t = require "karun.test"

local function html(body)
  return { headers = { ["content-type"] = "text/html; charset=utf-8" }, body = "<!doctype html>" .. body }
end

local function script(body)
  return { headers = { ["content-type"] = "text/javascript" }, body = body }
end

local function site(extra)
  local routes = {
    ["GET /"] = function() return html "<title>home</title><a id=l href=/a target=_blank>a</a>" end,
    ["GET /a"] = function() return html "<title>a</title>" end,
    ["GET /favicon.ico"] = function() return { status = 404 } end,
  }
  for key, fn in pairs(extra or {}) do
    routes[key] = fn
  end
  return t.serve(routes)
end

local function open(extra, options)
  local server = site(extra)
  local page = t.page(options)
  page:open(server.url)
  return page, server
end

-- ---- popups ----

t.test("popups by link and window.open show their document when they are told", function()
  local page, server = open()
  local by_link, answer = page:expect("popup", function()
    page:eval("document.querySelector('#l').click()")
    return "done"
  end)
  t.equal(answer, "done")
  t.equal(by_link:url(), server.url .. "/a")
  t.equal(by_link:title(), "a")
  t.equal(by_link:opener(), page)
  local by_script = page:expect("popup", function() page:eval("void window.open('/a?2', 'name')") end)
  t.equal(by_script:url(), server.url .. "/a?2")
  t.equal(#page.context:pages(), 3)
  by_script:close()
  by_script:close()
  t.equal(by_script:closed(), true)
  t.error("page_closed", by_script.title, by_script)
end)

t.test("a popup whose answer is slow, a blank one, noopener, javascript:", function()
  local gate = karun.queue()
  local page = open { ["GET /slow"] = function() gate:get() return html "<title>slow</title>" end }
  local waiting = karun.spawn(function()
    return page:expect("popup", function() page:eval("void window.open('/slow')") end)
  end)
  gate:put(1)
  local slow = waiting:join()
  slow:wait_load()
  t.equal(slow:title(), "slow")
  local blank = page:expect("popup", function() page:eval("void (window.w = window.open())") end)
  t.equal(blank:url(), "about:blank")
  page:eval("w.document.title = 'written'")
  t.equal(blank:title(), "written")
  local apart = page:expect("popup", function() page:eval("void window.open('/a', '_blank', 'noopener')") end)
  t.equal(apart:eval("window.opener"), karun.json.null)
  page:expect("popup", function() page:eval("void window.open('javascript:1')") end)
end)

t.test("popups that close at once, and one with no content, are told all the same", function()
  local page = open { ["GET /none"] = function() return { status = 204 } end }
  local gone = page:expect("popup", function() page:eval("window.open('/a').close()") end)
  karun.wait.until_true(function() return gone:closed() end, { every = 0.01 })
  t.equal(page:title(), "home")
  local none = page:expect("popup", function() page:eval("void window.open('/none')") end)
  t.equal(none:closed(), false)
end)

t.test("popups: several, by their address, and none in time", function()
  local page = open()
  local two = page:expect("popup", function() page:eval("window.open('/a?1'); void window.open('/a?2')") end, { count = 2 })
  t.equal(#two, 2)
  local second = page:expect("popup", function() page:eval("window.open('/a?x'); void window.open('/a?y')") end, { match = "?y" })
  t.match(second:url(), "%?y$")
  local err = t.error("timeout", page.expect, page, "popup", nil, { timeout = 0.01 })
  t.equal(err.waited_for, "popup")
end)

t.test("a context tells of each new page", function()
  local context = t.browser():context {}
  t.after(function() context:close() end)
  local urls = {}
  context:on("page", function(new) urls[#urls + 1] = new:url():match("[^/]*$") end)
  local page = context:page()
  page:open(site().url)
  page:expect("popup", function() page:eval("void window.open('/a')") end)
  karun.wait.until_true(function() return #urls == 2 end, { every = 0.01 })
  t.same(urls, { "about:blank", "a" })
  context:close()
  t.equal(page:closed(), true)
end)

-- ---- frames ----

t.test("frames of the same and of other sites, their names, addresses, parents", function()
  local page, server = open {
    ["GET /frames"] = function(request)
      local other = "http://localhost:" .. request.headers.host:match("%d+$")
      return html(("<iframe name=one src=/a></iframe><iframe name=two src='%s/in'></iframe>"):format(other))
    end,
    ["GET /in"] = function() return html "<title>in</title><iframe name=deep srcdoc='<p>x'></iframe>" end,
  }
  page:open(server.url .. "/frames")
  local names = {}
  for _, frame in ipairs(page:frames()) do
    names[#names + 1] = frame:name()
  end
  table.sort(names)
  t.same(names, { "", "deep", "one", "two" })
  local two = page:frame("two")
  t.match(two:url(), "^http://localhost:%d+/in$")
  t.equal(two:eval("document.title"), "in")
  t.equal(two:parent(), page:main_frame())
  t.equal(page:frame("deep"):parent(), two)
  t.equal(page:frame("/a"):name(), "one")
  two:eval("void (location = '/in?2')")
  t.equal(two:wait_js("location.search"), "?2")
end)

t.test("a frame removed during a call is `frame_detached`, same and other site", function()
  local page, server = open {
    ["GET /in"] = function() return html "in" end,
    ["GET /frames"] = function(request)
      local other = "http://localhost:" .. request.headers.host:match("%d+$")
      return html(("<iframe name=one src=/in></iframe><iframe name=two src='%s/in'></iframe>"):format(other))
    end,
  }
  page:open(server.url .. "/frames")
  for _, name in ipairs { "one", "two" } do
    local frame = page:frame(name)
    local call = karun.spawn(function() return frame:eval("new Promise(() => {})") end)
    frame:eval("1")
    page:eval("(n) => document.querySelector(`[name=${n}]`).remove()", name)
    t.error("frame_detached", call.join, call)
    t.error("frame_detached", frame.eval, frame, "1")
  end
  t.equal(#page:frames(), 1)
end)

t.test("an evaluation whose document goes is `context_lost`", function()
  local page, server = open()
  local call = karun.spawn(function() return page:eval("new Promise(() => {})") end)
  page:eval("1")
  page:open(server.url .. "/a")
  t.error("context_lost", call.join, call)
  local waiting = karun.spawn(function() return page:wait_js("document.title === 'home' && 7") end)
  page:open(server.url)
  t.equal(waiting:join(), 7)
end)

-- ---- crash ----

t.test("a crash ends what is pending, is told, and open revives the page", function()
  local page, server = open()
  local call = karun.spawn(function() return page:eval("new Promise(() => {})") end)
  page:eval("1")
  page:expect("crash", function() karun.try(page.cdp, page, "Page.crash", nil, { timeout = 5 }) end)
  t.error("page_crashed", call.join, call)
  t.error("page_crashed", page.title, page)
  t.equal(page:closed(), false)
  t.equal(page:open(server.url .. "/a").status, 200)
  t.equal(page:title(), "a")
  t.equal(page:eval("1 + 1"), 2)
end)

t.test("another page lives through a crash; a crashed page can be closed", function()
  local page = open()
  local other = t.page()
  other:open("data:text/html,<title>other</title>")
  page:expect("crash", function() karun.try(page.cdp, page, "Page.crash", nil, { timeout = 5 }) end)
  t.equal(other:title(), "other")
  page:close()
  t.equal(page:closed(), true)
end)

-- ---- workers and sockets ----

t.test("web workers, shared and service workers are told of, listed, and gone", function()
  local page = open {
    ["GET /w.js"] = function() return script "postMessage('hello')" end,
    ["GET /s.js"] = function() return script "onconnect = (e) => e.ports[0].postMessage('shared')" end,
    ["GET /sw.js"] = function() return script "onfetch = () => {}" end,
  }
  local came, went = {}, {}
  page:on("worker", function(worker) came[#came + 1] = worker.kind end)
  page:on("worker_gone", function(worker) went[#went + 1] = worker.kind end)
  page:eval([[async () => {
    window.w = new Worker('/w.js');
    await new Promise((r) => w.onmessage = r);
    window.s = new SharedWorker('/s.js');
    await new Promise((r) => s.port.onmessage = r);
    await navigator.serviceWorker.register('/sw.js');
    await navigator.serviceWorker.ready;
  }]])
  karun.wait.until_true(function() return #came == 3 end, { every = 0.01 })
  t.same(came, { "worker", "shared_worker", "service_worker" })
  local kinds = {}
  for _, worker in ipairs(page:workers()) do
    kinds[#kinds + 1] = worker.kind .. worker.url:match("/%w+%.js$")
  end
  table.sort(kinds)
  t.same(kinds, { "service_worker/sw.js", "shared_worker/s.js", "worker/w.js" })
  page:eval("w.terminate()")
  karun.wait.until_true(function() return went[1] == "worker" end, { every = 0.01 })
end)

t.test("a worker's requests and console lines are its page's", function()
  local page = open {
    ["GET /w.js"] = function() return script "onmessage = async () => { console.log('from', 7); await fetch('/a?w'); postMessage(1); }" end,
  }
  local request = page:expect("request", function()
    page:eval([[() => new Promise((r) => { const w = new Worker('/w.js'); w.onmessage = () => r(1); w.postMessage(1); })]])
  end, { match = "/a?w" })
  t.equal(request.method, "GET")
  local lines = page:console()
  t.equal(lines[#lines].text, "from 7")
  page:wait_quiet { network = 0.05, dom = 0.05, timeout = 10 }
end)

t.test("web sockets of a page work and do not count as unquiet", function()
  local server = t.serve { routes = { ["GET /"] = function() return html "<title>ws</title>" end },
    ws = { ["/echo"] = function(socket)
      while true do
        local text = socket:receive()
        if not text then return end
        socket:send("echo " .. text)
      end
    end } }
  local page = t.page()
  page:open(server.url)
  t.equal(page:eval([[() => new Promise((done) => {
    window.s = new WebSocket(location.origin.replace('http', 'ws') + '/echo');
    s.onopen = () => s.send('hi'); s.onmessage = (e) => done(e.data);
  })]]), "echo hi")
  page:wait_quiet { network = 0.05, dom = 0.05, timeout = 10 }
end)

-- ---- console and errors of the page ----

t.test("console lines with kind, text, place; page errors with their stack", function()
  local page = t.page()
  local errors = {}
  page:on("error", function(err) errors[#errors + 1] = err end)
  local server = site { ["GET /c"] = function()
    return html("<script>\nconsole.log('a', 1, null, undefined, true);\nconsole.warn('w');\nfunction boom() { throw new Error('boo'); }\n"
      .. "boom();</script>")
  end }
  page:open(server.url .. "/c")
  local lines, dropped = page:console()
  t.equal(dropped, 0)
  t.equal(lines[1].text, "a 1 null undefined true")
  t.equal(lines[1].kind, "log")
  t.equal(lines[1].url, server.url .. "/c")
  t.equal(lines[1].line, 2)
  t.equal(lines[2].kind, "warn")
  t.equal(lines[3].kind, "error")
  karun.wait.until_true(function() return #errors == 1 end, { every = 0.01 })
  t.equal(errors[1].message, "Error: boo")
  t.match(errors[1].stack, "boom")
end)

t.test("the last 1,000 console lines are kept, the others counted", function()
  local page = open()
  page:eval("() => { for (let i = 1; i <= 1500; i++) console.log(i); }")
  karun.wait.until_true(function() return select(2, page:console()) == 500 end, { every = 0.01 })
  local lines = page:console()
  t.equal(#lines, 1000)
  t.equal(lines[1].text, "501")
  t.equal(lines[1000].text, "1500")
end)

t.test("expect console, request, response, navigation; an error in the action is raised", function()
  local page, server = open()
  t.equal(page:expect("console", function() page:eval("console.info('psst')") end, { match = "psst" }).text, "psst")
  local response = page:expect("response", function() page:eval("void fetch('/a')") end, { match = "/a" })
  t.equal(response.status, 200)
  t.match(response:body(), "<title>a</title>")
  t.equal(response.request.method, "GET")
  local moved = page:expect("navigation", function() page:eval("void (location.hash = 'x')") end)
  t.equal(moved.same_document, true)
  t.equal(moved.url, server.url .. "/#x")
  t.equal(moved.frame, page:main_frame())
  t.error("content", page.expect, page, "popup", function() error(karun.error("content", "mine")) end)
  t.match(t.error("usage", page.expect, page, "popups").message, "popup")
  t.error("usage", page.expect, page, "popup", "x")
  t.error("usage", page.expect, page, "popup", nil, { count = 0 })
end)

t.test("on: in order, one after the other; off ends it; errors come up at the next call", function()
  local page = open()
  local seen = {}
  local off = page:on("console", function(line)
    karun.sleep(line.text == "1" and 0.03 or 0)
    seen[#seen + 1] = line.text
  end)
  page:eval("() => { console.log(1); console.log(2); console.log(3); }")
  karun.wait.until_true(function() return #seen == 3 end, { every = 0.01 })
  t.same(seen, { "1", "2", "3" })
  off()
  page:eval("console.log(4)")
  page:on("console", function() error(karun.error("content", "handler")) end)
  page:eval("console.log(5)")
  t.error("content", function() while true do page:title() end end)
  t.same(seen, { "1", "2", "3" })
  t.match(t.error("usage", page.on, page, "consol", function() end).message, "console")
end)
