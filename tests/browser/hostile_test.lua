-- Pages that fight back.

local karun = require "karun"
local t = require "karun.test"

local function html(body, headers)
  return function()
    local all = { ["content-type"] = "text/html; charset=utf-8" }
    for name, value in pairs(headers or {}) do
      all[name] = value
    end
    return { headers = all, body = "<!doctype html>" .. body }
  end
end

-- All kinds of verbs on one page.
local function works(page)
  t.equal(page:text("#a"), "A")
  page:click("#a")
  page:wait("#a", { class = "hit" })
  t.equal(page:fill("#i", "x"), "x")
  t.equal(page:type("#i", "y"), "xy")
  page:check("#c")
  page:select("#s", "two")
  page:hover("#a")
  t.same(page:texts("li"), { "1", "2" })
  t.equal(page:count([[role=button[name="A"]
]]), 1)
  t.equal(page:find("//li[2]"):text(), "2")
  t.equal(page:find("li"):filter { text = "2" }:pin():text(), "2")
  t.ok(page:box("#a").w > 0)
end

local BODY = [[<button id=a>A</button><input id=i><input type=checkbox id=c>
  <select id=s><option>one<option>two</select><ul><li>1<li>2</ul>]]
local HANDLER = [[<script>document.getElementById("a").onclick = function () { this.className = "hit" }</script>]]

t.test("globals and prototypes set to null", function()
  local page = t.html("<!doctype html>" .. BODY .. HANDLER .. [[<script>
    for (const name of ["JSON", "Promise", "MutationObserver", "Map", "Set", "WeakMap", "Array", "Object", "Symbol", "Event",
      "requestAnimationFrame", "getComputedStyle", "performance", "Date", "XPathResult", "Node", "Element", "HTMLElement", "setTimeout"]) {
      try { window[name] = null } catch (error) { /* some cannot */ } }
    Element.prototype; </script>]])
  works(page)
end)

t.test("prototypes that lie", function()
  local page = t.html("<!doctype html>" .. BODY .. HANDLER .. [[<script>
    const lie = () => { throw new Error("caught you") }
    Element.prototype.getBoundingClientRect = lie; Document.prototype.querySelectorAll = lie; Element.prototype.matches = lie
    Document.prototype.elementFromPoint = lie; Element.prototype.getAttribute = lie; Array.prototype.map = lie; Array.prototype.filter = lie
    Function.prototype.call = lie; EventTarget.prototype.dispatchEvent = lie; Object.prototype.toJSON = lie
    window.__karun = { ask: lie, element: lie }</script>]])
  works(page)
end)

t.test("strict CSP and trusted types", function()
  local server = t.serve {
    ["GET /"] = html(BODY .. "<script src=/s.js></script>", {
      ["content-security-policy"] = "default-src 'none'; script-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'",
    }),
    ["GET /s.js"] = function()
      return { headers = { ["content-type"] = "text/javascript" },
        body = [[document.getElementById("a").onclick = function () { this.className = "hit" }]] }
    end,
  }
  local page = t.page()
  page:open(server.url)
  works(page)
end)

t.test("form fields that shadow the form's properties", function()
  local page = t.html([[<!doctype html><form id=f onsubmit="return false">]] .. BODY .. [[
    <input name=parentNode><input name=isConnected value=v><input name=getBoundingClientRect><input name=id><input name=classList>
    <input name=children><input name=textContent><input name=tagName><input name=ownerDocument><input name=attributes>
    <input name=matches><input name=style><input name=nodeType><input name=localName><input name=getAttribute></form>]] .. HANDLER)
  works(page)
  t.equal(page:attr("form", "id"), "f")
  t.equal(page:visible("form"), true)
  t.ok(page:box("form").w > 0)
  page:wait("form", { attr = { id = "f" } })
  page:click("form", { at = { 2, 2 } })
end)

t.test("names on the window and the document", function()
  local page = t.html("<!doctype html>" .. BODY .. HANDLER .. [[<img name=querySelectorAll><img name=elementFromPoint>
    <form name=documentElement></form>
    <iframe name=getComputedStyle></iframe><a id=MutationObserver></a>]])
  works(page)
end)

t.test("a page that swallows every event it can", function()
  local page = t.html([[<!doctype html><script>for (const type of ["pointerdown", "mousedown", "mouseup", "focus", "scroll"])
    addEventListener(type, (e) => e.stopImmediatePropagation(), true)</script>]] .. BODY .. HANDLER)
  works(page)
end)

t.test("closed shadow roots are walked around, not into", function()
  local page = t.html [[<!doctype html><div id=host style="display:inline-block"></div><script>
    const root = host.attachShadow({ mode: "closed" }); root.innerHTML = "<button style='width:200px;height:50px'>in</button>"
    root.firstChild.onclick = () => { window.hit = 1 }</script>]]
  t.equal(page:exists("#host button"), false)
  page:click("#host")
  t.equal(page:eval("hit"), 1)
end)

t.test("an element of a thousand others at the same place", function()
  local page = t.html [[<!doctype html><style>b { position: absolute; left: 0; top: 0; width: 90px; height: 90px }</style><div id=box></div><script>
    box.innerHTML = "<b></b>".repeat(1000) + "<b id=a>A</b>"; a.onclick = () => { window.hit = 1 }</script>]]
  page:click("#a")
  t.equal(page:eval("hit"), 1)
  local err = t.error("covered", function() page:find("b"):nth(3):click { timeout = 1 } end)
  t.match(err.covered_by, "b#a")
end)

t.test("a text of 10 MB and 2,000 attributes", function()
  local page = t.html [[<!doctype html><pre id=p hidden></pre><i id=i></i><script>p.textContent = "x".repeat(1e7)
    for (let n = 0; n < 2000; n++) i.setAttribute("a" + n, n)</script>]]
  t.equal(#page:text("#p", { raw = true }), 1e7)
  t.equal(page:attr("#i", "a1999"), "1999")
  t.equal(page:exists("#i"), true)
end)

t.test("popups: blank first, then their page in the same window", function()
  local server = t.serve { ["GET /"] = html [[<a id=a href="/pop" target=_blank>P</a><button id=b onclick="w = window.open('/pop')">W</button>
    <a id=n href="/pop" target=_blank rel=noopener>N</a>]], ["GET /pop"] = html(BODY .. HANDLER) }
  local page = t.page()
  page:open(server.url)
  for _, id in ipairs { "a", "b", "n" } do
    local popup = page:expect("popup", function() page:click("#" .. id) end)
    popup:wait("#a")
    works(popup)
    popup:close()
  end
  t.error("timeout", function() karun.timeout(0.01, function() page:wait("#never") end) end)
end)
