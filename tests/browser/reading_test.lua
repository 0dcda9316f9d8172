-- What a locator answers about elements.

local karun = require "karun"
local t = require "karun.test"

t.test("text is what a reader sees; raw is the node's own", function()
  local page = t.html [[<style>.up { text-transform: uppercase }</style><p>a <b>b</b>
     c<br>d<span hidden>no</span><script>1</script></p><i class=up>x</i><input type=submit value=Go>
    <select><option>A<option selected>B</select><div id=e></div>]]
  t.equal(page:text("p"), "a b c d")
  t.match(page:text("p", { raw = true }), "^a b\n     cdno1$")
  t.equal(page:text("i"), "X")
  t.equal(page:text("[type=submit]"), "Go")
  t.equal(page:text("select"), "B")
  t.equal(page:text("#e"), "")
end)

t.test("emoji, right to left, NFC against NFD byte for byte, lone surrogates", function()
  local page = t.html [[<p id=a>👩‍👩‍👧 🎵</p><p id=b>שלום عالم</p><p id=c>é</p><p id=d>e&#x301;</p><p id=e></p>
    <script>document.getElementById("e").textContent = "x\ud800y"; document.title = "\udc00"</script>]]
  t.equal(page:text("#a"), "👩‍👩‍👧 🎵")
  t.equal(page:text("#b"), "שלום عالم")
  t.equal(page:text("#c"), "\u{e9}")
  t.equal(page:text("#d"), "e\u{301}")
  t.equal(page:text("#e"), "x\u{fffd}y")
  t.equal(page:text("text=שלום"), "שלום عالم")
  t.equal(page:title(), "\u{fffd}")
end)

t.test("attributes, values, html, classes, states", function()
  local page = t.html [[<a id=a class="one is-active" href="/x" data-e="">l</a><input id=i value=v disabled>
    <input id=c type=checkbox checked><div id=h><b>x</b></div><select id=m multiple><option selected>1<option>2<option selected>3</select>]]
  t.equal(page:attr("#a", "href"), "/x")
  t.equal(page:attr("#a", "data-e"), "")
  t.equal(page:attr("#a", "none"), nil)
  t.equal(page:value("#i"), "v")
  t.same(page:value("#m"), { "1", "3" })
  t.equal(page:find("#h"):html(), "<b>x</b>")
  t.equal(page:has_class("#a", "is-active"), true)
  t.equal(page:has_class("#a", "active"), false)
  t.equal(page:enabled("#i"), false)
  t.equal(page:enabled("#a"), true)
  t.equal(page:checked("#c"), true)
  t.error("usage", page.checked, page, "#a")
  t.error("usage", page.value, page, "#h")
end)

t.test("visible: rendered, with a size, not visibility hidden", function()
  local page = t.html [[<p id=a>x</p><p id=b style="display:none">x</p><p id=c style="visibility:hidden">x</p>
    <p id=d style="opacity:0">x</p><p id=e style="position:absolute;left:-5000px">x</p><p id=f style="width:0;height:0;overflow:hidden">x</p>
    <div style="display:none"><p id=g>x</p></div><span id=h style="display:contents">x</span>]]
  local want = { a = true, b = false, c = false, d = true, e = true, f = false, g = false, h = true, z = false }
  for id, visible in pairs(want) do
    t.equal(page:visible("#" .. id), visible, id)
  end
end)

t.test("box, and nil for none", function()
  local page = t.html [[<style>body { margin: 0 }</style><p style="position:absolute;left:10.5px;top:20px;width:30px;height:40px;margin:0">
    </p><i hidden>x</i>]]
  t.same(page:box("p"), { x = 10.5, y = 20, w = 30, h = 40 })
  t.equal(page:box("i"), nil)
end)

t.test("bulk: texts and attrs of all matches", function()
  local page = t.html [[<ul><li id=a>one<li>two<li id=c>three</ul>]]
  t.same(page:texts("li"), { "one", "two", "three" })
  t.same(page:texts("u"), {})
  local list = page:attrs("li", "id")
  t.equal(#list, 3)
  t.equal(list[1], "a")
  t.equal(list[2], karun.json.null)
end)

t.test("exists, visible, count answer at once", function()
  local page = t.html [[<p>x</p>]]
  t.equal(page:exists("p"), true)
  t.equal(page:exists("u"), false)
  t.equal(page:visible("u"), false)
  t.equal(page:count("u"), 0)
end)

t.test("other asking verbs wait for the element to be there", function()
  local page = t.html [[<script>setTimeout(() => document.body.innerHTML = "<u class=c>late</u>", 80)</script>]]
  t.equal(page:text("u"), "late")
  t.equal(page:has_class("u", "c"), true)
  local err = t.error("not_found", page.text, page, "s", { timeout = 0 })
  t.equal(err.timed_out, true)
  err = t.error("not_found", page.attr, page, "s", "x", { timeout = 0.5 })
  t.equal(err.timed_out, true)
  t.equal(err.timeout, 0.5)
  t.equal(err.selector, "s")
  t.match(err.url, "^http://127")
  t.match(tostring(err), "reading_test.lua:%d+: attr `s`")
end)

t.test("eval: the element is the first argument, in the page's own world", function()
  local page = t.html [[<p id=p>x</p><script>window.mine = "page"; p.own = 7</script>]]
  local p = page:find("p")
  t.equal(p:eval("(el, a, b) => el.id + a + b + window.mine", 1, "x"), "p1xpage")
  t.equal(p:eval("el => el.own"), 7)
  t.same(p:eval("(el, list) => list.map(x => x + 1)", { 1, 2 }), { 2, 3 })
  t.equal(p:eval("(el, x) => x === Infinity", math.huge), true)
  t.equal(p:eval("(el, o) => el.own + o.list[0]", { list = { -math.huge } }), -math.huge)
  t.match(t.error("script", p.eval, p, "el => el.nope.x").message, "undefined")
  t.equal(page:find("i"):exists(), false)
end)

t.test("misspelled methods and options name the nearest", function()
  local page = t.html [[<p>x</p>]]
  local p = page:find("p")
  t.match(tostring(t.error("usage", function() return p:clik() end)), "click")
  t.match(tostring(t.error("usage", function() p:click { tiemout = 1 } end)), "timeout")
  t.match(tostring(t.error("usage", function() p:wait { sate = "visible" } end)), "state")
  t.match(tostring(t.error("usage", function() p:wait { state = "visibel" } end)), "visible")
  t.match(tostring(t.error("usage", function() p:text { rew = true } end)), "raw")
  t.error("usage", function() p:click { timeout = -1 } end)
  t.error("usage", function() p:click { timeout = "1" } end)
end)

t.test("karun.dom: the verbs as functions of pages, frames and locators", function()
  local page = t.html [[<p>x</p>]]
  t.equal(karun.dom.text(page, "p"), "x")
  t.equal(karun.dom.text(page:main_frame(), "p"), "x")
  t.equal(karun.dom.text(page:find("p")), "x")
  t.equal(karun.dom.find(page, "p"):text(), "x")
  t.match(tostring(t.error("usage", function() return karun.dom.txt end)), "text")
end)
