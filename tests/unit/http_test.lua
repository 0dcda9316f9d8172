-- karun.http.fetch: the whole answer, or an error that says why; a file is one whole version or none.

local file = require "karun.file"
local http = require "karun.http"
local serve = require "karun.serve"
local t = require "karun.test"
local task = require "karun.native.task"

local function server(routes)
  local s = serve { routes = routes }
  t.after(function() s:close() end)
  return s
end

local big = {}
for i = 1, 40000 do
  big[i] = ("%08d"):format(i)
end
big = table.concat(big) -- 320,000 bytes, each place its own

-- A file that is cut in the first answer and goes on as asked in the next.
local function resumable(opts)
  local seen = {}
  local function handler(request)
    seen[#seen + 1] = request.headers
    local step = opts[#seen] or opts[#opts]
    return step(request)
  end
  return handler, seen
end

local function cut(headers, bytes, abort)
  return function()
    return { headers = headers, length = #big, body = big:sub(1, bytes), abort = abort or "cut" }
  end
end

local function rest(headers)
  return function(request)
    local from = tonumber(request.headers.range:match("bytes=(%d+)%-"))
    headers["content-range"] = ("bytes %d-%d/%d"):format(from, #big - 1, #big)
    return { status = 206, headers = headers, body = big:sub(from + 1) }
  end
end

local function whole(headers)
  return function()
    return { headers = headers, body = big }
  end
end

t.test("fetch: status, headers, body, url after redirects", function()
  local s = server {
    ["GET /a"] = function(r) return { headers = { ["X-Two"] = { "1", "2" } }, body = "hello " .. r.headers["x-mine"] } end,
    ["GET /r"] = function() return { status = 302, headers = { location = "/a" } } end,
    ["GET /j"] = function(r) return { body = ('{"a": [1, 2], "auth": "%s"}'):format(r.headers.authorization or "") } end,
  }
  local answer = http.fetch(s.url .. "/r", { headers = { ["X-Mine"] = "me" } })
  t.equal(answer.status, 200)
  t.equal(answer.url, s.url .. "/a")
  t.equal(answer.body, "hello me")
  t.equal(answer.size, 8)
  t.equal(answer.headers["x-two"], "1, 2")
  local secret = require("karun.secret").new("tOp-SeCrEt")
  local json = http.fetch(s.url .. "/j", { headers = { Authorization = secret } }):json()
  t.equal(json.a[2], 2)
  t.equal(json.auth, "tOp-SeCrEt")
  t.equal(http.fetch(s.url .. "/none").status, 404)
  local err = t.error("http", http.fetch, s.url .. "/none", { ok = true })
  t.equal(err.status, 404)
  t.equal(err.url, s.url .. "/none")
  err = t.error("usage", http.fetch, s.url, { retries = 2 })
  t.match(err.message, "tries")
  t.error("usage", http.fetch, "ftp://x/")
  t.error("usage", http.fetch, "file:///etc/passwd")
  t.error("usage", http.fetch, s.url, { headers = { a = "b\r\nc: d" } })
  t.error("usage", function() return answer.boddy end)
end)

t.test("fetch: methods, bodies, multipart, cookies", function()
  local s
  s = server {
    ["/echo"] = function(r)
      return { headers = { ["x-method"] = r.method, ["x-type"] = r.headers["content-type"] or "",
        ["x-cookie"] = r.headers.cookie or "" }, body = r.body or "" }
    end,
    ["GET /set"] = function()
      return { status = 302, headers = { location = "/echo", ["set-cookie"] = "new=1; Path=/" } }
    end,
  }
  local url = s.url .. "/echo"
  t.equal(http.fetch(url, { method = "POST", body = "a\0b" }).body, "a\0b")
  t.equal(http.fetch(url, { method = "put", body = "x" }).headers["x-method"], "PUT")
  t.equal(http.fetch(url, { method = "DELETE" }).headers["x-method"], "DELETE")
  t.equal(http.fetch(url, { method = "POST" }).headers["x-method"], "POST")
  local head = http.fetch(url, { method = "HEAD" })
  t.equal(head.headers["x-method"], "HEAD")
  t.equal(head.body, "")
  local dir = t.tmp()
  file.write(dir .. "/up.txt", "from a file")
  local form = http.fetch(url, { multipart = { a = "1", { name = "f", file = dir .. "/up.txt", type = "text/plain" } } })
  t.match(form.headers["x-type"], "^multipart/form%-data; boundary=")
  t.match(form.body, 'name="a"\r\n\r\n1\r\n')
  t.match(form.body, 'name="f"; filename="up.txt"\r\nContent%-Type: text/plain\r\n\r\nfrom a file\r\n')
  t.error("file", http.fetch, url, { multipart = { f = { file = dir .. "/none" } } })
  local cookies = {
    { name = "mine", value = "1", domain = "127.0.0.1", path = "/" },
    { name = "far", value = "2", domain = "example.org", path = "/" },
    { name = "deep", value = "3", domain = "127.0.0.1", path = "/other" },
  }
  t.equal(http.fetch(url, { cookies = cookies }).headers["x-cookie"], "mine=1")
  t.match(http.fetch(s.url .. "/set", { cookies = cookies }).headers["x-cookie"], "new=1")
end)

t.test("fetch: redirects have a limit", function()
  local s = server {
    ["GET /loop"] = function() return { status = 302, headers = { location = "/loop" } } end,
    ["GET /out"] = function() return { status = 302, headers = { location = "file:///etc/passwd" } } end,
  }
  local err = t.error("net", http.fetch, s.url .. "/loop")
  t.equal(err.net, "net::ERR_TOO_MANY_REDIRECTS")
  t.equal(t.error("net", http.fetch, s.url .. "/out").net, "net::ERR_UNSAFE_REDIRECT")
  t.equal(http.fetch(s.url .. "/loop", { redirects = 0 }).status, 302)
end)

t.test("fetch: nobody there, no such name, a broken answer", function()
  local s = serve {}
  local url = s.url
  s:close()
  local err = t.error("net", http.fetch, url, { tries = 1 })
  t.equal(err.net, "net::ERR_CONNECTION_REFUSED")
  t.equal(err.url, url)
  t.match(tostring(err), "http_test.lua:%d+")
  t.error("net", http.fetch, "http://name.invalid/", { tries = 1 })
  local broken = server { ["GET /r"] = function() return { length = 100, body = "x", abort = "reset" } end }
  t.error("incomplete", http.fetch, broken.url .. "/r", { tries = 1 })
end)

t.test("fetch: tries again by kind, waits as told", function()
  local calls = { a = 0, b = 0, c = 0, d = 0 }
  local function count(name, fn)
    return function(r)
      calls[name] = calls[name] + 1
      return fn(r, calls[name])
    end
  end
  local s = server {
    ["GET /a"] = count("a", function(_, n)
      return n < 3 and { status = 503, headers = { ["retry-after"] = "0" } } or "third"
    end),
    ["GET /b"] = count("b", function() return { status = 429, headers = { ["retry-after"] = "3600" } } end),
    ["GET /c"] = count("c", function() return { status = 404 } end),
    ["POST /d"] = count("d", function() return { length = 9, body = "x", abort = "cut" } end),
  }
  t.equal(http.fetch(s.url .. "/a").body, "third")
  t.equal(calls.a, 3)
  t.equal(http.fetch(s.url .. "/b").status, 429)
  local err = t.error("http", http.fetch, s.url .. "/b", { ok = true })
  t.equal(err.retry_after, 3600)
  t.equal(calls.b, 2)
  t.error("http", http.fetch, s.url .. "/c", { ok = true })
  t.equal(calls.c, 1)
  t.error("incomplete", http.fetch, s.url .. "/d", { method = "POST" })
  t.equal(calls.d, 1)
end)

t.test("fetch: limits of time and size", function()
  local s = server {
    ["GET /silent"] = function() task.sleep(60) end,
    ["GET /stall"] = function()
      local n = 0
      return { body = function()
        n = n + 1
        if n > 1 then task.sleep(60) end
        return "x"
      end }
    end,
    ["GET /endless"] = function() return { body = function() return ("x"):rep(65536) end } end,
  }
  local err = t.error("timeout", http.fetch, s.url .. "/silent", { timeout = 0.2 })
  t.equal(err.timed_out, true)
  t.equal(err.timeout, 0.2)
  t.error("stalled", http.fetch, s.url .. "/stall", { stall = 0.2, tries = 1 })
  t.error("too_large", http.fetch, s.url .. "/endless", { limit = 1000000 })
  local dir = t.tmp()
  t.error("too_large", http.fetch, s.url .. "/endless", { limit = 1000000, to = dir .. "/e" })
  t.same(file.list(dir), {})
  local fetching = task.spawn(http.fetch, s.url .. "/stall", { to = dir .. "/s" })
  task.sleep(0.05)
  fetching:cancel()
  fetching:wait()
  t.same(file.list(dir), {})
end)

t.test("to: lands as a download does", function()
  local s = server {
    ["GET /dir/Bass%20Line.mp3"] = whole {},
    ["GET /d"] = whole { ["content-disposition"] = "attachment; filename=\"../../evil.mp3\"; filename*=UTF-8''%2e%2e%2fc%C3%A9.mp3" },
    ["GET /a"] = function() return "one" end,
    ["GET /b"] = function() return "two" end,
    ["GET /empty"] = function() return "" end,
    ["GET /html"] = function() return { headers = { ["content-type"] = "audio/mpeg" }, body = "<!doctype html><p>no" } end,
    ["GET /missing"] = function() return { status = 404, body = "no" } end,
  }
  local dir = t.tmp()
  local seen = {}
  local answer = http.fetch(s.url .. "/d", { to = dir .. "/new/folder/", on_progress = function(n, total)
    seen[#seen + 1] = n
    t.equal(total, #big)
  end })
  t.equal(answer.path, dir .. "/new/folder/_cé.mp3")
  t.equal(answer.size, #big)
  t.equal(seen[#seen], #big)
  t.ok(file.read(answer.path) == big)
  t.equal(file.stat(answer.path).mode & tonumber("400", 8), tonumber("400", 8))
  t.equal(http.fetch(s.url .. "/a", { to = dir .. "/x.txt" }).path, dir .. "/x.txt")
  t.equal(http.fetch(s.url .. "/a", { to = dir .. "/x.txt" }).path, dir .. "/x.txt")
  t.equal(http.fetch(s.url .. "/b", { to = dir .. "/x.txt" }).path, dir .. "/x (2).txt")
  t.equal(http.fetch(s.url .. "/b", { to = dir .. "/x.txt" }).path, dir .. "/x (2).txt")
  t.equal(http.fetch(s.url .. "/b", { to = dir .. "/X.TXT" }).path, dir .. "/x (2).txt")
  t.equal(file.read(dir .. "/x.txt"), "one")
  t.equal(http.fetch(s.url .. "/b", { to = dir .. "/x.txt", replace = true }).path, dir .. "/x.txt")
  t.equal(file.read(dir .. "/x.txt"), "two")
  os.execute(("ln -s x.txt %s/link; ln -s new %s/way"):format(dir, dir))
  t.error("path", http.fetch, s.url .. "/a", { to = dir .. "/link" })
  t.error("path", http.fetch, s.url .. "/a", { to = dir .. "/way/" })
  local before = file.list(dir)
  t.error("content", http.fetch, s.url .. "/empty", { to = dir .. "/n" })
  t.error("content", http.fetch, s.url .. "/html", { to = dir .. "/n", type = "audio" })
  t.error("content", http.fetch, s.url .. "/a", { to = dir .. "/n", min_size = 4 })
  t.error("content", http.fetch, s.url .. "/a", { to = dir .. "/n", sha256 = ("0"):rep(64) })
  t.error("incomplete", http.fetch, s.url .. "/a", { to = dir .. "/n", size = 4, tries = 1 })
  t.error("too_large", http.fetch, s.url .. "/a", { to = dir .. "/n", limit = 2 })
  t.error("duplicate_content", http.fetch, s.url .. "/b", { to = dir .. "/n", differs_from = { dir .. "/x.txt" } })
  t.error("http", http.fetch, s.url .. "/missing", { to = dir .. "/n" })
  t.error("usage", http.fetch, s.url .. "/a", { to = dir .. "/n", type = "music" })
  t.error("disk", http.fetch, s.url .. "/a", { to = "/proc/none/n" })
  t.same(file.list(dir), before)
end)

t.test("to: two at once under one name are two files", function()
  local s = server { ["GET /:n"] = function(r)
    task.sleep(0.02)
    return "body " .. r.params.n
  end }
  local dir, tasks = t.tmp(), {}
  for i = 1, 4 do
    tasks[i] = task.spawn(http.fetch, s.url .. "/" .. i, { to = dir .. "/x" })
  end
  for i = 1, 4 do
    tasks[i]:wait()
  end
  local bodies = {}
  for _, name in ipairs(file.list(dir)) do
    bodies[#bodies + 1] = file.read(dir .. "/" .. name)
  end
  table.sort(bodies)
  t.same(bodies, { "body 1", "body 2", "body 3", "body 4" })
end)

local function fetched(steps, options)
  local handler, seen = resumable(steps)
  local s = server { ["GET /f"] = handler }
  local dir = t.tmp()
  options = options or {}
  options.to = dir .. "/f"
  local ok, answer = pcall(http.fetch, s.url .. "/f", options)
  local text = ok and file.read(answer.path) or nil
  t.same(file.list(dir), ok and { "f" } or {})
  return text, seen, answer
end

t.test("resume: joined on only when the server vouches for the version", function()
  local etag = { etag = '"v1"' }
  local text, seen = fetched { cut(etag, 100000), rest { etag = '"v1"' } }
  t.ok(text == big)
  local from = tonumber(seen[2].range:match("^bytes=(%d+)%-$"))
  t.ok(from and from > 0 and from <= 100000, seen[2].range)
  t.equal(seen[2]["if-range"], '"v1"')
  text, seen = fetched { cut({ ["last-modified"] = "Sat, 28 Nov 2026 10:00:00 GMT" }, 100000, "reset"),
    cut({ ["last-modified"] = "Sat, 28 Nov 2026 10:00:00 GMT" }, 200000),
    whole { ["last-modified"] = "Sat, 28 Nov 2026 10:00:00 GMT" } }
  t.ok(text == big)
  t.equal(#seen, 3)
  text, seen = fetched { cut({}, 100000), whole {} }
  t.ok(text == big)
  t.equal(seen[2].range, nil)
  text, seen = fetched { cut({ etag = 'W/"weak"' }, 100000), whole {} }
  t.ok(text == big)
  t.equal(seen[2].range, nil)
  text, seen = fetched({ cut(etag, 100000), whole {} }, { resume = false })
  t.ok(text == big)
  t.equal(seen[2].range, nil)
end)

t.test("resume: a changed file comes anew, a wrong rest is never spliced", function()
  local etag = { etag = '"v1"' }
  local other = ("y"):rep(150000)
  local text = fetched { cut(etag, 100000), function() return { headers = { etag = '"v2"' }, body = other } end }
  t.ok(text == other)
  local function wrong(headers, body)
    return function() return { status = 206, headers = headers, body = body } end
  end
  local wrongs = {
    wrong({}, big:sub(100001)),                                                       -- no Content-Range
    wrong({ ["content-range"] = "bytes 0-99/320000" }, big:sub(1, 100)),              -- another place
    wrong({ ["content-range"] = "bytes 100000-319999/*" }, big:sub(100001)),          -- no total
    wrong({ etag = '"v2"', ["content-range"] = "bytes 100000-319999/320000" }, other), -- another version
    function() return { status = 416, headers = { ["content-range"] = "bytes */5" } } end,
  }
  for i, step in ipairs(wrongs) do
    local whole_text, seen = fetched { cut(etag, 100000), step, whole(etag) }
    t.ok(whole_text == big, i)
    t.equal(seen[3].range, nil)
  end
  local nothing, _, err = fetched { cut(etag, 100000), wrongs[1], wrongs[1] }
  t.equal(nothing, nil)
  t.equal(err.kind, "incomplete")
  text = fetched({ function() return { headers = etag, length = false, body = big:sub(1, 100000) } end,
    rest { etag = '"v1"' } }, { size = #big })
  t.ok(text == big)
end)

t.test("tls: a certificate nobody vouches for is refused, once", function()
  local dir = t.tmp()
  local made = os.execute(("cd %s && openssl req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -days 2 "
    .. "-subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 >/dev/null 2>&1"):format(dir))
  if not made then t.skip "no openssl program" end
  local proc = require "karun.native.proc"
  local child = proc.start { argv = { "openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-key", dir .. "/k.pem",
    "-cert", dir .. "/c.pem" }, capture = true }
  local port
  for _ = 1, 3000 do
    port = child:out():match("ACCEPT [%d.]+:(%d+)")
    if port then break end
    task.sleep(0.01)
  end
  local url = ("https://localhost:%s/"):format(port)
  local err = t.error("net", http.fetch, url)
  t.equal(err.net, "net::ERR_CERT_INVALID")
  proc.setenv("CURL_CA_BUNDLE", dir .. "/c.pem")
  t.after(function() proc.setenv("CURL_CA_BUNDLE", nil) end)
  t.equal(http.fetch(url).status, 200)
  child:close()
end)

t.test("proxy: taken from the environment", function()
  local proc = require "karun.native.proc"
  local asked
  local s = serve { routes = { ["GET /*"] = function(r)
    asked = r.url
    return "by proxy"
  end } }
  t.after(function() s:close() end)
  proc.setenv("http_proxy", s.url)
  t.after(function() proc.setenv("http_proxy", nil) end)
  local ok, answer = pcall(http.fetch, "http://music.invalid/song", { tries = 1 })
  proc.setenv("http_proxy", nil)
  t.ok(ok, answer)
  t.ok(asked ~= nil or answer.status == 400, "the proxy was asked")
end)

t.test("to: what a killed run left is swept by the next fetch into that folder", function()
  local s = server {
    ["GET /slow"] = function()
      local n = 0
      return { body = function()
        n = n + 1
        if n > 1 then task.sleep(60) end
        return ("x"):rep(1000)
      end }
    end,
    ["GET /a"] = function() return "a" end,
  }
  local dir, out = t.tmp(), t.tmp()
  file.write(dir .. "/f.lua", ([[require("karun").http.fetch(%q, { to = %q })]]):format(s.url .. "/slow", out .. "/"))
  local watch <close> = file.watch(out)
  local child = require("karun.native.proc").start { argv = { "/proc/self/exe", "run", dir .. "/f.lua" } }
  while #file.list(out) == 0 do
    watch:next { timeout = 20 }
  end
  t.equal(file.stat(out .. "/" .. file.list(out)[1]).mode, tonumber("600", 8))
  child:kill(9)
  child:wait(20)
  child:close()
  t.equal(#file.list(out), 1)
  http.fetch(s.url .. "/a", { to = out .. "/a" })
  t.same(file.list(out), { "a" })
end)

t.test("to: a folder nobody may write in is `disk`", function()
  local s = server { ["GET /a"] = function() return "a" end }
  local dir = t.tmp()
  file.mkdir(dir .. "/locked", { mode = "0500" })
  local ok = pcall(file.write, dir .. "/locked/probe", "x")
  if ok then t.skip "root may write anywhere" end
  local err = t.error("disk", http.fetch, s.url .. "/a", { to = dir .. "/locked/a" })
  t.ok(err.path)
end)
