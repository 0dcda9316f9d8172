-- locator:wait, across all that a page may do meanwhile.

local karun = require "karun"
local t = require "karun.test"

t.test("every state, class, text, count, attribute and value", function()
  local page = t.html [[<!doctype html><style>@keyframes go { from { margin-left: 0 } to { margin-left: 99px } }</style><body>]]
  local function soon(js)
    page:eval("(js) => { setTimeout(() => { " .. js .. " }, 40) }")
  end
  page:eval [[() => { document.body.innerHTML = `<p id=a style="display:none">x</p><button id=b disabled>B</button>
    <input id=i type=checkbox><input id=v value=1><ul id=u></ul><p id=m>moving</p>` }]]
  local a, b = page:find("#a"), page:find("#b")
  soon "a.style.display = ''"
  t.equal(a:wait(), a)
  soon "a.style.display = 'none'"
  a:wait { state = "hidden" }
  soon "document.body.insertAdjacentHTML('beforeend', '<i hidden>x</i>')"
  page:wait("i", { state = "attached" })
  soon "document.querySelector('i').remove()"
  page:wait("i", { state = "detached" })
  page:wait("i", { state = "hidden" })
  soon "b.disabled = false"
  b:wait { state = "enabled" }
  soon "b.disabled = true"
  b:wait { state = "disabled" }
  soon "m.style.animation = 'go .2s linear'"
  page:find("#m"):wait { state = "stable" }
  soon "i.checked = true"
  page:find("#i"):wait { state = "checked" }
  soon "b.className = 'x is-active'"
  b:wait { class = "is-active" }
  soon "b.className = 'inactive'"
  b:wait { no_class = "is-active", class = "inactive" }
  soon "b.textContent = 'All  DONE now'"
  b:wait { text = "done" }
  b:wait { text = "\"All DONE now\"" }
  soon "b.setAttribute('data-x', '7')"
  b:wait { attr = { ["data-x"] = "7" } }
  soon "b.removeAttribute('data-x'); b.title = ''"
  b:wait { attr = { ["data-x"] = false, title = true } }
  soon "v.value = '2'"
  page:find("#v"):wait { value = "2" }
  soon "u.innerHTML = '<li><li><li>'"
  page:find("li"):wait { count = 3 }
  page:find("li.none"):wait { count = 0 }
end)

t.test("all that is given must hold at once", function()
  local page = t.html [[<!doctype html><p id=a class=x>one</p>]]
  local err = t.error("timeout", page.wait, page, "#a", { class = "x", text = "two", timeout = 1 })
  t.match(err.last_state, "one")
  t.match(err.waited_for, "text=two")
  t.equal(err.timed_out, true)
  t.equal(err.selector, "#a")
  t.match(tostring(err), "wait for .*class=x.*`#a`")
  t.error("timeout", page.wait, page, "#none", { timeout = 0 })
  t.error("usage", page.wait, page, "#a", { count = -1 })
  t.error("usage", page.wait, page, "#a", { attr = { x = 1 } })
end)

t.test("across navigation and reload", function()
  local page
  local server = t.serve {
    ["GET /"] = function()
      return { headers = { ["content-type"] = "text/html" },
        body = "<!doctype html><p>first</p><script>setTimeout(() => location = '/second', 60)</script>" }
    end,
    ["GET /quiet"] = function() return { headers = { ["content-type"] = "text/html" }, body = "<!doctype html><p>q</p>" } end,
    ["GET /second"] = function()
      return { headers = { ["content-type"] = "text/html" },
        body = "<!doctype html><p>second</p><script>setTimeout(() => document.body.innerHTML = '<b>third</b>', 60)</script>" }
    end,
  }
  page = t.page()
  page:open(server.url)
  t.equal(page:find("b"):wait():text(), "third")
  local task = karun.spawn(function() return page:wait("u", { timeout = 20 }) end)
  page:reload()
  page:open(server.url .. "/quiet")
  page:eval("() => { document.body.innerHTML = '<u>u</u>' }")
  task:join()
end)

t.test("across back and forward, from the cache of pages", function()
  local server = t.serve {
    ["GET /a"] = function() return { headers = { ["content-type"] = "text/html" }, body = "<!doctype html><p>a</p>" } end,
    ["GET /b"] = function() return { headers = { ["content-type"] = "text/html" }, body = "<!doctype html><p>b</p>" } end,
  }
  local page = t.page()
  page:open(server.url .. "/a")
  page:open(server.url .. "/b")
  local task = karun.spawn(function() page:wait("p", { text = "changed", timeout = 20 }) end)
  page:back()
  t.equal(page:text("p"), "a")
  page:eval("() => { document.querySelector('p').textContent = 'changed' }")
  task:join()
end)

t.test("across re-render, document.open and an element that comes and goes", function()
  local page = t.html [[<!doctype html><div id=r></div><script>
    let n = 0; const timer = setInterval(() => { n++; r.innerHTML = n % 2 ? "" : `<p class="${n > 20 ? "is-active" : ""}">n ${n}</p>` }, 5)</script>]]
  page:wait("p", { class = "is-active" })
  page:eval("() => { setTimeout(() => { document.open(); document.write('<i>new</i>'); document.close() }, 40) }")
  t.equal(page:wait("i"):text(), "new")
end)

t.test("a frame's reload", function()
  local server = t.serve {
    ["GET /"] = function() return { headers = { ["content-type"] = "text/html" }, body = "<!doctype html><iframe id=f src=/in></iframe>" } end,
    ["GET /in"] = function()
      return { headers = { ["content-type"] = "text/html" },
        body = "<!doctype html><p id=p></p><script>p.textContent = performance.now() > 0 && name</script>" }
    end,
  }
  local page = t.page()
  page:open(server.url)
  local inner = page:find("#f >> p")
  inner:wait { state = "attached" }
  local task = karun.spawn(function() inner:wait { text = "reloaded", timeout = 20 } end)
  page:eval("() => { f.contentWindow.name = 'reloaded'; f.contentWindow.location.reload() }")
  task:join()
end)

t.test("10,000 mutations a second neither starve nor lie", function()
  local page = t.html [[<!doctype html><div id=box></div><p id=n>0</p><script>
    let n = 0; window.go = true
    const turn = () => { const end = performance.now() + 5
      while (performance.now() < end && go) { for (let i = 0; i < 20; i++) box.textContent = ++n } if (go) setTimeout(turn, 1) }
    turn(); setTimeout(() => { box.className = "done" }, 300)</script>]]
  page:wait("#box", { class = "done" })
  page:wait("#n", { text = "0" })
  t.equal(page:exists("#none"), false)
  t.error("timeout", page.wait, page, "#n", { text = "1", timeout = 1 })
  page:eval("() => { go = false; setTimeout(() => { box.textContent = 'end' }, 50) }")
  page:wait("#box", { text = "\"end\"" })
end)

local function stats(page)
  return page:main_frame():ask({ op = "stats" }, karun.now() + 10)
end

t.test("wait.any, wait.all, scope, timeout and cancel leave nothing armed behind", function()
  local page = t.html [[<!doctype html><p id=a>a</p>]]
  local name = karun.wait.any {
    never = function() page:wait("#never") end,
    nor = function() page:find("#gone"):click() end,
    now = function() page:wait("#a") end,
  }
  t.equal(name, "now")
  t.error("timeout", karun.timeout, 0.1, function() page:wait("#b") end)
  local task = karun.spawn(function() page:find("#c"):wait { state = "visible" } end)
  karun.sleep(0.05)
  task:cancel()
  t.error("cancelled", task.join, task)
  t.error("limit", karun.scope, function(scope)
    scope:spawn(function() page:wait("#d") end)
    karun.sleep(0.05)
    error(karun.error("limit", "enough"))
  end)
  t.error("timeout", page.wait, page, "#e", { timeout = 0.05 })
  local left = stats(page)
  t.equal(left.waiters, 0)
  t.equal(left.gestures, 0)
  t.equal(left.observing, false)
end)

t.test("what was cancelled or ran out of time never acts afterwards", function()
  local page = t.html [[<!doctype html><script>window.hits = 0</script><button id=a disabled onclick="hits++">A</button><input id=i disabled>]]
  t.error("disabled", page.click, page, "#a", { timeout = 0.5 })
  t.error("disabled", page.fill, page, "#i", "x", { timeout = 0.5 })
  local task = karun.spawn(function() page:click("#a") end)
  karun.sleep(0.05)
  task:cancel()
  t.error("cancelled", task.join, task)
  page:eval("() => { a.disabled = false; i.disabled = false }")
  page:wait("#a", { state = "enabled" })
  page:find("#a"):wait { state = "stable" }
  t.equal(page:eval("hits + i.value"), "0")
end)

t.test("a page that is blocked: the limit holds, and nothing is done when it wakes", function()
  local page = t.html [[<!doctype html><script>window.hits = 0; const block = (ms) => { const end = performance.now() + ms;
    while (performance.now() < end); window.woke = true }</script>
    <button id=a onclick="hits++">A</button><input id=i>]]
  page:text("#a")
  page:eval("() => { setTimeout(() => block(4000), 0) }")
  karun.sleep(0.05)
  local err = t.error("timeout", page.click, page, "#a", { timeout = 0.3 })
  t.equal(err.timed_out, true)
  page:wait_js("window.woke")
  page:wait("#a", { state = "stable" })
  t.equal(page:eval("hits"), 0)
  page:eval("() => { woke = false; setTimeout(() => block(4000), 0) }")
  karun.sleep(0.05)
  t.error("timeout", page.fill, page, "#i", "x", { timeout = 0.3 })
  page:wait_js("window.woke")
  page:wait("#i", { value = "" })
  page:click("#a")
  t.equal(page:eval("hits"), 1)
end)

t.test("a click whose press meets a blocked page is swallowed", function()
  local page = t.html [[<!doctype html><script>window.hits = 0
    addEventListener("mousemove", () => { const end = performance.now() + 4000; while (performance.now() < end);
      window.woke = true }, { once: true })</script>
    <button id=a onclick="hits++" style="position:absolute;left:50px;top:50px">A</button>]]
  local err = t.error(nil, page.click, page, "#a", { timeout = 0.5 })
  t.equal(err.timed_out, true)
  page:wait_js("window.woke")
  page:wait("#a", { state = "stable" })
  t.equal(page:eval("hits"), 0)
end)

t.test("a wait outlives a dialog; what needs the page while one is held raises dialog", function()
  local page = t.html [[<!doctype html><p id=a>a</p><script>const ask = () => { setTimeout(() => { alert("hi");
    a.className = "after" }, 0) }</script>]]
  local task = karun.spawn(function() page:wait("#a", { class = "after", timeout = 20 }) end)
  local dialog = page:expect("dialog", function() page:eval("ask()") end)
  t.equal(dialog.message, "hi")
  t.error("dialog", page.text, page, "#a")
  t.error("dialog", page.click, page, "#a")
  dialog:accept()
  task:join()
  t.equal(page:text("#a"), "a")
end)

t.test("a closed page ends every wait at once", function()
  local page = t.html [[<!doctype html><p>x</p>]]
  local task = karun.spawn(function() page:wait("#never") end)
  karun.sleep(0.05)
  page:close()
  t.error("page_closed", task.join, task)
  t.error("page_closed", page.text, page, "p")
end)

t.test("a crash ends them too, and open revives the page", function()
  local page, server = t.html [[<!doctype html><p>x</p>]]
  local locator = page:find("p")
  local task = karun.spawn(function() page:wait("#never") end)
  karun.sleep(0.05)
  pcall(page.open, page, "chrome://crash", { timeout = 5 })
  t.error("page_crashed", task.join, task)
  t.error("page_crashed", locator.text, locator)
  page:open(server.url)
  t.equal(locator:text(), "x")
end)
