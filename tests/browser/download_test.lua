-- Downloads: how they begin, what they are called, how they go wrong, and what becomes of them.

local karun = require "karun"
local t = require "karun.test"

local NAME = { ["content-type"] = "application/octet-stream" }

local function attachment(body, name, more)
  local headers = { ["content-disposition"] = "attachment" .. (name and '; filename="' .. name .. '"' or "") }
  for key, value in pairs(NAME) do
    headers[key] = value
  end
  local answer = { headers = headers, body = body }
  for key, value in pairs(more or {}) do
    answer[key] = value
  end
  return answer
end

local function html(body, status)
  return { status = status, headers = { ["content-type"] = "text/html; charset=utf-8" }, body = "<!doctype html>" .. body }
end

local PAGE = [[<title>home</title>
<a id=link href=/file>x</a> <a id=tab href=/file target=_blank>x</a> <a id=gone href=/404>x</a> <a id=busy href=/503>x</a>
<a id=page href=/page>x</a> <a id=none href=/204>x</a> <a id=goneTab href=/404 target=_blank>x</a>
<a id=data href='data:application/octet-stream,abc' download=d.bin>x</a>
<form id=form method=post action=/post><input name=q value=1></form>
<form id=framed method=post action=/post target=in><input name=q value=2></form><iframe name=in></iframe>]]

local function open(extra)
  local routes = {
    ["GET /"] = function() return html(PAGE) end,
    ["GET /file"] = function() return attachment("some bytes", "x.bin") end,
    ["GET /404"] = function() return html("<title>gone</title>", 404) end,
    ["GET /503"] = function() return { status = 503, headers = { ["retry-after"] = "9" }, body = "busy" } end,
    ["GET /page"] = function() return html "<title>page</title>" end,
    ["GET /204"] = function() return { status = 204 } end,
    ["POST /post"] = function(request) return attachment("posted " .. request.body, "post.bin") end,
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

local function click(page, id)
  page:eval("(id) => { document.getElementById(id).click(); }", id)
end

local function fetch(page, id)
  return page:expect("download", function() click(page, id) end)
end

-- The file's bytes, saved in a folder of its own
local function bytes(download)
  return karun.file.read(download:save(t.tmp() .. "/"))
end

t.test("by link: url, name, size, bytes, hash, and a path that says where", function()
  local page, server = open()
  local download = fetch(page, "link")
  t.equal(download.url, server.url .. "/file")
  t.equal(download.suggested_name, "x.bin")
  local folder = t.tmp() .. "/a/b/"
  t.equal(download:save(folder), folder .. "x.bin")
  t.equal(karun.file.read(folder .. "x.bin"), "some bytes")
  t.equal(download:sha256(), karun.file.sha256(folder .. "x.bin"))
  local received, total = download:progress()
  t.same({ received, total }, { 10, 10 })
  t.equal(page:title(), "home")
end)

t.test("by blob, data, script, form post and a post into a frame", function()
  local page = open()
  t.equal(bytes(fetch(page, "data")), "abc")
  local blob = page:expect("download", function()
    page:eval([[() => {
      const a = document.createElement('a');
      a.href = URL.createObjectURL(new Blob(['in', 'side'])); a.download = 'blob.bin'; a.click();
    }]])
  end)
  t.equal(blob.suggested_name, "blob.bin")
  t.equal(bytes(blob), "inside")
  t.equal(bytes(page:expect("download", function() page:eval("void (location = '/file')") end)), "some bytes")
  t.equal(bytes(page:expect("download", function() page:eval("document.getElementById('form').submit()") end)), "posted q=1")
  t.equal(bytes(page:expect("download", function() page:eval("document.getElementById('framed').submit()") end)), "posted q=2")
end)

t.test("from a frame, one that is removed at once, and a frame of another site", function()
  local page, server = open {
    ["GET /outer"] = function(request)
      return html(("<iframe name=one src=/></iframe><iframe name=two src='http://localhost:%s/'></iframe>"):format(
        request.headers.host:match("%d+$")))
    end,
  }
  page:open(server.url .. "/outer")
  for _, name in ipairs { "one", "two" } do
    local frame = page:frame(name)
    local download = page:expect("download", function() frame:eval("document.getElementById('link').click()") end)
    t.equal(bytes(download), "some bytes")
  end
  local download = page:expect("download", function()
    page:eval("() => { const f = document.createElement('iframe'); f.src = '/file'; document.body.append(f); }")
  end)
  t.equal(bytes(download), "some bytes")
end)

t.test("one that opens a tab belongs to the page that was clicked; the empty tab is closed", function()
  local page = open()
  t.equal(bytes(fetch(page, "tab")), "some bytes")
  local download = page:expect("download", function() page:eval("void window.open('/file')") end)
  t.equal(bytes(download), "some bytes")
  karun.wait.until_true(function() return #page.context:pages() == 1 end, { every = 0.01 })
end)

t.test("several at once, each with its own bytes", function()
  local page = open { ["GET /n/:n"] = function(request) return attachment("file " .. request.params.n, "same.bin") end }
  local list = page:expect("download", function()
    page:eval([[() => { for (const n of [1, 2, 3]) {
      const f = document.createElement('iframe'); f.src = '/n/' + n; document.body.append(f);
    } }]])
  end, { count = 3 })
  local folder, seen = t.tmp() .. "/", {}
  for _, download in ipairs(list) do
    local path = download:save(folder)
    seen[#seen + 1] = karun.file.read(path)
    t.equal(seen[#seen], "file " .. download.url:match("%d+$"))
  end
  table.sort(seen)
  t.same(seen, { "file 1", "file 2", "file 3" })
  t.same(karun.file.list(folder), { "same (2).bin", "same (3).bin", "same.bin" })
end)

t.test("names from the server are made harmless", function()
  local names = {
    "../../etc/passwd", "/abs/path.bin", ("n"):rep(400) .. ".bin", "CON", "..", ".hidden", "a\\b.bin", "tab\there.bin",
  }
  local n = 0
  local page = open { ["GET /named"] = function() return attachment("bytes " .. n, names[n]) end,
    ["GET /unicode"] = function()
      return { headers = { ["content-type"] = NAME["content-type"],
        ["content-disposition"] = "attachment; filename*=UTF-8''gr%C3%BC%C3%9Fe%E2%80%AE.bin" }, body = "u" }
    end,
    ["GET /unnamed/"] = function() return attachment("none") end,
  }
  local base = t.tmp()
  for i = 1, #names do
    n = i
    local folder = base .. "/" .. i .. "/"
    local path = page:expect("download", function() page:eval("void (location = '/named')") end):save(folder)
    t.equal(#karun.file.list(folder), 1, names[i])
    local name = karun.file.list(folder)[1]
    t.equal(path, folder .. name)
    t.ok(#name <= 255 and not name:find("[/\\%c]") and name:sub(1, 1) ~= ".", name)
    t.equal(karun.file.read(path), "bytes " .. i)
  end
  t.equal(#karun.file.list(base), #names)
  local unicode = page:expect("download", function() page:eval("void (location = '/unicode')") end):save(t.tmp() .. "/")
  t.match(unicode, "gr\u{FC}\u{DF}e")
  t.ok(not unicode:find("\u{202E}", 1, true))
  t.ok(page:expect("download", function() page:eval("void (location = '/unnamed/')") end):save(t.tmp() .. "/"))
end)

t.test("a file that is there: the same bytes are adopted, others kept beside, replace replaces", function()
  local body = "one"
  local page = open { ["GET /file"] = function() return attachment(body, "x.bin") end }
  local path = t.tmp() .. "/mine.bin"
  t.equal(fetch(page, "link"):save(path), path)
  t.equal(fetch(page, "link"):save(path), path)
  body = "two"
  t.equal(fetch(page, "link"):save(path), (path:gsub("mine", "mine (2)")))
  t.equal(karun.file.read(path), "one")
  t.equal(fetch(page, "link"):save(path, { replace = true }), path)
  t.equal(karun.file.read(path), "two")
  os.execute(("ln -s mine.bin '%s.link'"):format(path))
  local download = fetch(page, "link")
  t.error("path", download.save, download, path .. ".link")
end)

t.test("save without a path goes into the `downloads` folder", function()
  local folder = t.tmp() .. "/mine"
  local browser = t.browser { downloads = folder }
  local page = browser:page()
  local server = t.serve { ["GET /file"] = function() return attachment("x", "y.bin") end }
  local download = page:open(server.url .. "/file").download
  t.equal(download:save(), folder .. "/y.bin")
  t.equal(download:save(t.tmp() .. "/again.bin"):match("[^/]*$"), "again.bin")
end)

-- ---- what is wrong with it ----

t.test("cut and reset are `incomplete`, with no file", function()
  local page = open {
    ["GET /cut"] = function() return attachment(("x"):rep(1000), "c.bin", { length = 5000, abort = "cut" }) end,
    ["GET /reset"] = function() return attachment(("x"):rep(1000), "r.bin", { length = 5000, abort = "reset" }) end,
  }
  for _, path in ipairs { "/cut", "/reset" } do
    local download = page:expect("download", function() page:eval("(p) => void (location = p)", path) end)
    local folder = t.tmp()
    local err = t.error("incomplete", download.save, download, folder .. "/")
    t.match(err.message, "broke off")
    t.same(karun.file.list(folder), {})
    t.error("incomplete", download.wait, download)
  end
end)

-- Sends `first`, then nothing until the gate opens, then `rest`.
local function in_two(first, gate, rest, length)
  local step = 0
  return attachment(function()
    step = step + 1
    if step == 1 then return first end
    if step == 2 then
      gate:get()
      return rest
    end
  end, "slow.bin", { length = length })
end

t.test("stalled, out of time, and a wait of none; a later wait says the same", function()
  local gate = karun.queue()
  local page = open { ["GET /file"] = function() return in_two(("x"):rep(70000), gate, "y", 70001) end }
  local download = fetch(page, "link")
  t.equal(t.error("timeout", download.wait, download, { timeout = 0 }).timed_out, true)
  t.error("timeout", download.wait, download, { timeout = 0.05 })
  t.match(t.error("stalled", download.wait, download, { stall = 0.3 }).message, "no byte came")
  t.error("stalled", download.save, download, t.tmp() .. "/")
  gate:put(1)
end)

t.test("an endless one is `too_large` at its limit", function()
  local page = open { ["GET /file"] = function()
    return attachment(function() karun.sleep(0.001) return ("x"):rep(65536) end, "endless.bin")
  end }
  local download = fetch(page, "link")
  t.error("too_large", download.save, download, t.tmp() .. "/", { limit = 500000 })
end)

t.test("empty is always `content`; HTML where audio was wanted; size, hash, minimum, other files", function()
  local body = ""
  local page = open { ["GET /file"] = function() return attachment(body, "x.mp3") end }
  local folder = t.tmp() .. "/"
  local empty = fetch(page, "link")
  t.error("content", empty.save, empty, folder)
  body = "<!doctype html><title>sign in</title>"
  local page_body = fetch(page, "link")
  t.error("content", page_body.save, page_body, folder, { type = "audio" })
  t.error("content", page_body.save, page_body, folder, { min_size = 1000 })
  t.error("incomplete", page_body.save, page_body, folder, { size = 5 })
  t.error("content", page_body.save, page_body, folder, { sha256 = ("0"):rep(64) })
  t.error("usage", page_body.save, page_body, folder, { min_sise = 5 })
  karun.file.write(folder .. "other", body)
  t.error("duplicate_content", page_body.save, page_body, folder, { differs_from = { folder .. "other" } })
  t.same(karun.file.list(folder), { "other" })
  t.equal(page_body:save(folder, { size = #body }), folder .. "x.mp3")
end)

t.test("progress is told, a listener may wait, its errors come up", function()
  local gate = karun.queue()
  local page = open { ["GET /file"] = function() return in_two(("x"):rep(70000), gate, "y", 70001) end }
  local download = fetch(page, "link")
  local last
  download:on_progress(function(received, total)
    karun.sleep(0)
    last = { received, total }
  end)
  gate:put(1)
  download:wait()
  karun.wait.until_true(function() return last and last[1] == 70001 end, { every = 0.01 })
  t.same(last, { 70001, 70001 })
  t.error("usage", download.on_progress, download)
end)

t.test("cancel ends a pending wait as `cancelled`; afterwards it does nothing", function()
  local gate = karun.queue()
  local page = open { ["GET /file"] = function() return in_two(("x"):rep(70000), gate, "y", 70001) end }
  local download = fetch(page, "link")
  local waiting = karun.spawn(function() download:save(t.tmp() .. "/") end)
  karun.sleep(0)
  download:cancel()
  t.error("cancelled", waiting.join, waiting)
  download:cancel()
  t.error("cancelled", download.wait, download)
  gate:put(1)
  local done = page:expect("download", function() click(page, "data") end)
  done:wait()
  done:cancel()
  t.equal(bytes(done), "abc")
end)

-- ---- no download ----

t.test("a 404 instead of the file is `http` at once, and the page is taken back", function()
  local page, server = open()
  local err = t.error("http", fetch, page, "gone")
  t.equal(err.status, 404)
  t.equal(err.url, server.url .. "/404")
  t.equal(err.navigated_away, nil)
  t.equal(page:title(), "home")
  local busy = t.error("http", fetch, page, "busy")
  t.same({ busy.status, busy.retry_after, busy.navigated_away }, { 503, 9 })
  t.equal(page:url(), server.url .. "/")
  t.equal(bytes(fetch(page, "link")), "some bytes")
end)

t.test("a page instead of the file is `no_download`, and the page is taken back", function()
  local page, server = open()
  local err = t.error("no_download", fetch, page, "page")
  t.same({ err.status, err.url, err.timed_out }, { 200, server.url .. "/page" })
  t.equal(page:title(), "home")
  t.equal(t.error("no_download", fetch, page, "none").status, 204)
  t.equal(page:title(), "home")
end)

t.test("an error in a tab that was opened is `http`; the tab is closed", function()
  local page = open()
  t.equal(t.error("http", fetch, page, "goneTab").status, 404)
  karun.wait.until_true(function() return #page.context:pages() == 1 end, { every = 0.01 })
end)

t.test("a page that cannot be taken back says so; a network fault is `net`", function()
  local count = 0
  local page, server = open { ["GET /once"] = function()
    count = count + 1
    if count > 1 then return { status = 204 } end
    return { headers = { ["content-type"] = "text/html", ["cache-control"] = "no-store" },
      body = "<title>once</title><a id=gone href=/404>x</a>" }
  end }
  local err = t.error("net", page.expect, page, "download", function() page:eval("void (location = 'http://127.0.0.1:9/')") end)
  t.ok(err.net)
  t.equal(page:title(), "home")
  page:open(server.url .. "/once")
  t.equal(t.error("http", fetch, page, "gone").navigated_away, true)
end)

t.test("where nothing begins: `no_download` after the limit, with what was waited for", function()
  local page = open()
  local err = t.error("no_download", page.expect, page, "download", function() return 1 end, { timeout = 0.05 })
  t.equal(err.timed_out, true)
  t.equal(err.waited_for, "download")
end)

t.test("a page that the flow opens itself may lead to a download by itself", function()
  local page, server = open { ["GET /auto"] = function()
    return html "<title>auto</title><script>location = '/file'</script>"
  end }
  local download = page:expect("download", function() page:open(server.url .. "/auto") end)
  t.equal(bytes(download), "some bytes")
  t.equal(page:title(), "auto")
end)

t.test("a download outlives its page, not its browser", function()
  local gate = karun.queue()
  local server = t.serve { ["GET /file"] = function() return in_two(("x"):rep(70000), gate, "y", 70001) end }
  local browser = t.browser {}
  local page = browser:page()
  local download = page:open(server.url .. "/file").download
  browser:page()
  page:close()
  t.equal(download:progress() ~= nil, true)
  local waiting = karun.spawn(function() download:wait() end)
  karun.sleep(0)
  browser:close()
  t.error("browser_gone", waiting.join, waiting)
  gate:put(1)
end)
