-- Cookies of a context, and sessions that outlive it.

local karun = require "karun"
local t = require "karun.test"

local function serve()
  return t.serve {
    ["GET /"] = function()
      return { headers = { ["content-type"] = "text/html" }, body = "<title>home</title>" }
    end,
    ["GET /set"] = function()
      return { headers = { ["content-type"] = "text/html", ["set-cookie"] = {
        "sid=s1; HttpOnly; SameSite=Lax; Path=/", "old=o1; Max-Age=3600; Path=/deep",
      } }, body = "set" }
    end,
    ["/echo"] = function(request) return request.headers.cookie or "none" end,
  }
end

local function context_of(options)
  local context = t.browser():context(options or {})
  t.after(function() context:close() end)
  return context
end

local function by_name(list)
  local out = {}
  for _, cookie in ipairs(list) do
    out[cookie.name] = cookie
  end
  return out
end

t.test("cookies that a server set, in our shape, and those for an address", function()
  local server = serve()
  local context = context_of()
  context:page():open(server.url .. "/set")
  local now = by_name(context:cookies())
  t.same(now.sid, { name = "sid", value = "s1", domain = "127.0.0.1", path = "/", http_only = true, secure = false,
    same_site = "Lax" })
  t.ok(math.abs(now.old.expires - os.time() - 3600) < 600)
  t.equal(#context:cookies(server.url .. "/"), 1)
  t.equal(#context:cookies(server.url .. "/deep/er"), 2)
  t.equal(#context:cookies { "http://other.example/" }, 0)
end)

t.test("cookies that we set reach the server and the page, and are cleared", function()
  local server = serve()
  local context = context_of()
  context:set_cookies {
    { name = "a", value = "1", domain = "127.0.0.1", path = "/" },
    { name = "b", value = "2", url = server.url, http_only = true, same_site = "strict", expires = os.time() + 1000 },
  }
  context:set_cookies { name = "c", value = require("karun.secret").new("geheim-92"), domain = "127.0.0.1" }
  local page = context:page()
  page:open(server.url .. "/echo")
  local text = page:eval("document.body.innerText")
  for _, pair in ipairs { "a=1", "b=2", "c=geheim-92" } do
    t.ok(text:find(pair, 1, true), text)
  end
  page:open(server.url)
  t.equal(page:eval("document.cookie"):find("b=2", 1, true), nil)
  local b = by_name(context:cookies()).b
  t.equal(b.http_only, true)
  t.equal(b.same_site, "Strict")
  context:clear_cookies()
  t.same(context:cookies(), {})
  page:open(server.url .. "/echo")
  t.equal(page:eval("document.body.innerText"), "none")
end)

t.test("contexts share no cookies", function()
  local one, other = context_of(), context_of()
  one:set_cookies { name = "a", value = "1", domain = "127.0.0.1" }
  t.equal(#other:cookies(), 0)
  t.equal(#one:cookies(), 1)
end)

t.test("a cookie that cannot be is `usage` at once", function()
  local context = context_of()
  t.error("usage", context.set_cookies, context, { name = "a", value = "1" })
  t.error("usage", context.set_cookies, context, { name = "a", value = 1, domain = "x.example" })
  t.match(t.error("usage", context.set_cookies, context, { name = "a", value = "1", domain = "x.example", expire = 3 }).message,
    "expires")
  t.error("usage", context.set_cookies, context, { name = "a", value = "1", domain = "x.example", same_site = "maybe" })
  t.error("usage", context.set_cookies, context, { name = "a;b", value = "1", domain = "x.example" })
  t.error("usage", context.cookies, context, "nowhere")
end)

t.test("a saved session brings cookies and local storage of each origin into another context", function()
  local server, other = serve(), serve()
  local path = t.tmp() .. "/deep/session.json"
  local context = context_of()
  local page = context:page()
  page:open(server.url .. "/set")
  page:eval("localStorage.setItem('who', 'anna \u{1F3B5}')")
  page:open(other.url)
  page:eval("localStorage.setItem('k', '2')")
  context:save_session(path)
  t.equal(#context:pages(), 1)
  t.equal(karun.file.stat(path).mode, 384) -- 0600
  local second = context_of()
  t.equal(second:load_session(path), true)
  t.equal(by_name(second:cookies()).sid.value, "s1")
  t.equal(#second:pages(), 0)
  local new = second:page()
  new:open(server.url)
  t.equal(new:eval("localStorage.getItem('who')"), "anna \u{1F3B5}")
  new:open(other.url)
  t.equal(new:eval("localStorage.getItem('k')"), "2")
  local third = context_of { session = path }
  t.equal(#third:cookies(), 2)
end)

t.test("a session lives on in another process", function()
  local server = serve()
  local path = t.tmp() .. "/session.json"
  local flow = t.tmp() .. "/flow.lua"
  karun.file.write(flow, [[
    local karun = require "karun"
    local url, path, what = ...
    local browser <close> = karun.launch {}
    print(browser:load_session(path))
    local page = browser:page()
    page:open(url .. what)
    if what == "/set" then page:eval("localStorage.setItem('n', '7')") end
    print(page:eval("localStorage.getItem('n')"), #browser:cookies())
    browser:save_session(path)
  ]])
  t.equal(t.run({ flow, server.url, path, "/set" }).out, "false\n7\t2\n")
  t.equal(t.run({ flow, server.url, path, "/" }).out, "true\n7\t2\n")
end)

t.test("no session file is false; one that others can read, or a link, is refused", function()
  local context = context_of()
  local folder = t.tmp()
  t.equal(context:load_session(folder .. "/none"), false)
  karun.file.write(folder .. "/wide", '{"schema":1,"cookies":[],"origins":[]}', { mode = "644" })
  t.match(t.error("config", context.load_session, context, folder .. "/wide").message, "chmod 600")
  os.execute(("ln -s wide '%s/link'"):format(folder))
  t.error("path", context.load_session, context, folder .. "/link")
end)

t.test("a broken session file is set aside with a warning", function()
  local context = context_of()
  for _, text in ipairs { "", "{", "[]", '{"schema":1}', '{"schema":9,"cookies":[],"origins":[]}',
    '{"schema":1,"cookies":[{"name":1}],"origins":[]}', '{"schema":1,"cookies":[],"origins":[{"origin":"x"}]}' } do
    local folder = t.tmp()
    karun.file.write(folder .. "/s.json", text, { mode = "600" })
    karun.log.show "error"
    t.after(function() karun.log.show "info" end)
    t.equal(context:load_session(folder .. "/s.json"), false, text)
    local names = karun.file.list(folder)
    t.equal(#names, 1)
    t.match(names[1], "^s%.json%.bad%-%d+")
    t.equal(karun.file.read(folder .. "/" .. names[1]), text)
  end
end)
