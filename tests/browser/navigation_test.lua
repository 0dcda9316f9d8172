-- open, reload, back, forward, wait_url, wait_load: what they answer, and how they fail.

local karun = require "karun"
local t = require "karun.test"

local function html(body, more)
  local answer = { headers = { ["content-type"] = "text/html; charset=utf-8" }, body = "<!doctype html>" .. body }
  for key, value in pairs(more or {}) do
    answer[key] = value
  end
  return answer
end

local function site(extra)
  local routes = {
    ["GET /"] = function() return html "<title>home</title>" end,
    ["GET /a"] = function() return html "<title>a</title>" end,
    ["GET /b"] = function() return html "<title>b</title>" end,
    ["GET /favicon.ico"] = function() return { status = 404 } end,
  }
  for key, fn in pairs(extra or {}) do
    routes[key] = fn
  end
  return t.serve(routes)
end

t.test("open answers status, url, headers and body", function()
  local server = site { ["GET /x"] = function()
    return html("<title>x</title>", { status = 201, headers = { ["content-type"] = "text/html", ["X-One"] = "1" } })
  end }
  local page = t.page()
  local response = page:open(server.url .. "/x?q=1#part")
  t.equal(response.status, 201)
  t.equal(response.url, server.url .. "/x?q=1#part")
  t.equal(response.headers["x-one"], "1")
  t.same(response.redirects, {})
  t.match(response:body(), "<title>x</title>")
  t.equal(page:url(), server.url .. "/x?q=1#part")
  t.equal(page:title(), "x")
end)

t.test("open with each wait: commit, dom, load, idle", function()
  local gate = { picture = karun.queue(), data = karun.queue() }
  local server = site {
    ["GET /page"] = function()
      return html "<title>p</title><img src=/picture><script>addEventListener('load', () => fetch('/data'))</script>"
    end,
    ["GET /picture"] = function() gate.picture:get() return { status = 404 } end,
    ["GET /data"] = function() gate.data:get() return "d" end,
    ["GET /half"] = function()
      local step = 0
      return html("", { body = function()
        step = step + 1
        if step == 1 then return "<title>half</title>" .. ("<p>x"):rep(2000) end
        if step == 2 then gate.picture:get() return "<p id=end>" end
      end })
    end,
  }
  local page = t.page()
  t.equal(page:open(server.url .. "/half", { wait = "commit" }).status, 200)
  gate.picture:put(1)
  page:wait_load()
  page:open(server.url .. "/page", { wait = "dom" })
  t.equal(page:eval("document.readyState"), "interactive")
  local err = t.error("timeout", page.wait_load, page, "load", { timeout = 0.05 })
  t.match(err.message, "DOMContentLoaded")
  gate.picture:put(1)
  page:wait_load()
  t.equal(page:eval("document.readyState"), "complete")
  gate.data:put(1)
  page:wait_load("idle")
  karun.spawn(function() gate.picture:put(1) gate.data:put(1) end)
  t.equal(page:open(server.url .. "/page", { wait = "idle" }).status, 200)
  t.match(t.error("usage", page.open, page, server.url, { wait = "loaded" }).message, "load, dom, idle, commit")
end)

t.test("a 404 is a result, with ok=true an `http` error with its retry-after", function()
  local server = site { ["GET /busy"] = function()
    return { status = 503, headers = { ["retry-after"] = "7" }, body = "busy" }
  end }
  local page = t.page()
  t.equal(page:open(server.url .. "/nothing").status, 404)
  local err = t.error("http", page.open, page, server.url .. "/busy", { ok = true })
  t.equal(err.status, 503)
  t.equal(err.retry_after, 7)
  t.equal(err.url, server.url .. "/busy")
  t.equal(page:open(server.url, { ok = true }).status, 200)
end)

t.test("redirects are followed and told; a loop is `net`", function()
  local server = site {
    ["GET /1"] = function() return { status = 302, headers = { location = "/2" } } end,
    ["GET /2"] = function() return { status = 307, headers = { location = "/a" } } end,
    ["GET /loop"] = function() return { status = 302, headers = { location = "/loop" } } end,
  }
  local page = t.page()
  local response = page:open(server.url .. "/1")
  t.equal(response.status, 200)
  t.equal(response.url, server.url .. "/a")
  t.same(response.redirects, { server.url .. "/1", server.url .. "/2" })
  t.equal(t.error("net", page.open, page, server.url .. "/loop").net, "net::ERR_TOO_MANY_REDIRECTS")
  t.equal(page:open(server.url).status, 200)
end)

t.test("204 is `navigation`, the page stays where it was", function()
  local server = site { ["GET /none"] = function() return { status = 204 } end }
  local page = t.page()
  page:open(server.url .. "/a")
  local err = t.error("navigation", page.open, page, server.url .. "/none")
  t.match(err.message, "without a new document")
  t.equal(page:title(), "a")
  t.equal(page:open(server.url .. "/b").status, 200)
end)

t.test("refused, reset, cut and unknown hosts are `net`; the page is good for the next", function()
  local server = site {
    ["GET /reset"] = function() return { headers = { ["content-length"] = "100" }, body = "", abort = "reset" } end,
    ["GET /cut"] = function() return html("<title>cut", { length = 5000, abort = "cut" }) end,
  }
  local closed = t.serve { ["GET /"] = "x" }
  local closed_url = closed.url
  closed:close()
  local page = t.page()
  local err = t.error("net", page.open, page, closed_url)
  t.equal(err.net, "net::ERR_CONNECTION_REFUSED")
  t.equal(err.url, closed_url)
  t.equal(page:open(server.url .. "/a").status, 200)
  t.match(t.error("net", page.open, page, "http://no-such-host.invalid/").net, "ERR_NAME_NOT_RESOLVED")
  t.equal(page:open(server.url .. "/b").status, 200)
  t.equal(t.error("net", page.open, page, server.url .. "/reset").net, "net::ERR_CONNECTION_RESET")
  t.equal(page:open(server.url .. "/a").status, 200)
  t.match(t.error("net", page.open, page, server.url .. "/cut").net, "net::ERR_C")
  t.equal(page:open(server.url .. "/a").status, 200)
  t.equal(page:title(), "a")
end)

t.test("a slow answer is a timeout that says what was seen, and nothing happens afterwards", function()
  local gate = karun.queue()
  local server = site { ["GET /slow"] = function() gate:get() return html "<title>slow</title>" end }
  local page = t.page()
  page:open(server.url .. "/a")
  local err = t.error("timeout", page.open, page, server.url .. "/slow", { timeout = 0.1 })
  t.equal(err.timed_out, true)
  t.equal(err.url, server.url .. "/slow")
  t.equal(page:open(server.url .. "/b").status, 200)
  gate:put(1)
  t.equal(page:title(), "b")
end)

t.test("hash navigation: same document, the answer of the document stands", function()
  local server = site()
  local page = t.page()
  page:open(server.url .. "/a")
  page:eval("window.mark = 1")
  t.equal(page:open(server.url .. "/a#two").status, 200)
  t.equal(page:eval("window.mark"), 1)
  t.equal(page:url(), server.url .. "/a#two")
  t.equal(page:back().status, 200)
  t.equal(page:url(), server.url .. "/a")
end)

t.test("back, forward and reload; nil when there is nowhere to go", function()
  local count = 0
  local server = site { ["GET /n"] = function() count = count + 1 return html("<title>" .. count .. "</title>") end }
  local page = t.page()
  t.equal(page:forward(), nil)
  page:open(server.url .. "/a")
  page:open(server.url .. "/b")
  t.equal(page:back().url, server.url .. "/a")
  t.equal(page:title(), "a")
  t.equal(page:forward().status, 200)
  t.equal(page:title(), "b")
  t.equal(page:forward(), nil)
  page:open(server.url .. "/n")
  t.equal(page:reload().status, 200)
  t.equal(page:title(), "2")
end)

t.test("pushState: wait_url sees it, back and forward walk it", function()
  local server = site()
  local page = t.page()
  page:open(server.url .. "/a")
  karun.spawn(function() page:eval("void history.pushState(1, '', '/a/deep?x=1')") end)
  t.equal(page:wait_url("/a/deep?x=1"), server.url .. "/a/deep?x=1")
  page:eval("void history.pushState(2, '', location.href)")
  page:back()
  t.equal(page:eval("history.state"), 1)
  page:back()
  t.equal(page:url(), server.url .. "/a")
  page:forward()
  t.equal(page:url(), server.url .. "/a/deep?x=1")
  local err = t.error("timeout", page.wait_url, page, "/never", { timeout = 0 })
  t.match(err.message, "/a/deep")
  t.equal(page:wait_url(function(url) return url:find("deep", 1, true) end), server.url .. "/a/deep?x=1")
end)

t.test("a navigation that another replaces is `navigation`; the later one counts", function()
  local gate = karun.queue()
  local server = site { ["GET /slow"] = function() gate:get() return html "<title>slow</title>" end }
  local page = t.page()
  page:open(server.url .. "/a")
  local first = karun.spawn(function() return page:open(server.url .. "/slow") end)
  page:expect("request", nil, { match = "/slow" })
  t.equal(page:open(server.url .. "/b").status, 200)
  t.error("navigation", first.join, first)
  gate:put(1)
  t.equal(page:title(), "b")
end)

t.test("a page that goes elsewhere by itself while it loads: the last document is the answer", function()
  local server = site { ["GET /hop"] = function() return html "<script>location.replace('/b')</script>" end }
  local page = t.page()
  page:open(server.url .. "/hop")
  page:wait_url("/b")
  page:wait_load()
  t.equal(page:title(), "b")
end)

t.test("an address that is a file: the page stays, the answer has a download", function()
  local server = site { ["GET /file"] = function()
    return { headers = { ["content-type"] = "audio/mpeg", ["content-disposition"] = 'attachment; filename="x.mp3"' }, body = "abc" }
  end }
  local page = t.page()
  page:open(server.url .. "/a")
  local response = page:open(server.url .. "/file")
  t.equal(response.status, 200)
  t.equal(response.download.suggested_name, "x.mp3")
  t.equal(response.download.url, server.url .. "/file")
  response.download:wait()
  t.equal(page:title(), "a")
  t.equal(t.page():open(server.url .. "/file").download.suggested_name, "x.mp3")
end)

t.test("relative addresses, about:blank, data:, and what is none", function()
  local server = site { ["GET /dir/x"] = function() return html "<title>x</title>" end }
  local page = t.page()
  t.match(t.error("usage", page.open, page, "/a").message, "http://")
  page:open(server.url .. "/dir/y")
  t.equal(page:open("x").url, server.url .. "/dir/x")
  t.equal(page:open("../a?q").url, server.url .. "/a?q")
  t.equal(page:open("about:blank").status, 0)
  t.equal(page:url(), "about:blank")
  page:open("data:text/html,<title>d</title>")
  t.equal(page:title(), "d")
  t.error("usage", page.open, page, "http://")
  t.error("usage", page.open, page, 7)
  t.match(t.error("usage", page.open, page, server.url, { referrer = "x" }).message, "referer")
end)

t.test("referer goes with the request", function()
  local seen
  local server = site { ["GET /r"] = function(request) seen = request.headers.referer return html "r" end }
  t.page():open(server.url .. "/r", { referer = server.url .. "/from" })
  t.equal(seen, server.url .. "/from")
end)

t.test("set_html replaces the document and waits for its load", function()
  local page = site and t.page()
  page:open(site().url)
  page:set_html "<title>made</title><img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='><p>in"
  t.equal(page:title(), "made")
  t.equal(page:eval("document.readyState"), "complete")
  t.match(page:html(), "<p>in")
  t.error("usage", page.set_html, page, 7)
end)

t.test("init scripts run before the page's own, in each document and frame", function()
  local server = site { ["GET /i"] = function() return html "<script>seen = window.mine</script><iframe src=/j></iframe>" end,
    ["GET /j"] = function() return html "<script>seen = window.mine</script>" end }
  local page = t.page()
  page:add_init_script("window.mine = (window.mine || 0) + 1")
  page:open(server.url .. "/i")
  t.equal(page:eval("seen"), 1)
  t.equal(page:frames()[2]:eval("seen"), 1)
  page:reload()
  t.equal(page:eval("seen"), 1)
end)

t.test("CSP and trusted types do not hinder us, and stay as they are", function()
  local server = site { ["GET /csp"] = function()
    return html("<title>c</title><p id=x><script>window.ran = 1</script>", { headers = { ["content-type"] = "text/html",
      ["content-security-policy"] = "default-src 'none'; script-src 'none'; require-trusted-types-for 'script'" } })
  end }
  local page = t.page()
  page:add_init_script("window.mine = 1")
  page:open(server.url .. "/csp")
  t.equal(page:eval("(a) => a + document.querySelector('#x').id", "y"), "yx")
  t.equal(page:eval("window.mine"), 1)
  t.equal(page:wait_js("document.title"), "c")
  t.equal(page:eval("window.ran"), nil)
  t.match(page:eval("() => { try { document.body.innerHTML = 'x'; return 'set'; } catch (e) { return e.name; } }"), "TypeError")
end)

t.test("hostile globals: eval, waits and title still work", function()
  local server = site { ["GET /h"] = function()
    return html("<title>h</title><script>JSON = null; Promise = null; Array.prototype.map = null; Object.keys = null;\n"
      .. "Function.prototype.call = null; MutationObserver = null; window.__karun = 7</script>")
  end }
  local page = t.page()
  page:open(server.url .. "/h")
  t.equal(page:title(), "h")
  t.equal(page:eval("1 + 1"), 2)
  t.same(page:eval("({ a: [1, null] })"), { a = { 1, karun.json.null } })
end)
