-- Which elements a selector means.

local karun = require "karun"
local t = require "karun.test"

local function ids(page, selector)
  return table.concat(page:find(selector):attrs("id"), " ")
end

t.test("CSS with :has and :is", function()
  local page = t.html [[<div id=a><b id=b>x</b></div><div id=c></div><section id=d></section>]]
  t.equal(ids(page, "div:has(b)"), "a")
  t.equal(ids(page, ":is(section, b)"), "b d")
  t.equal(ids(page, "div:not(:has(*))"), "c")
end)

t.test("text: any case, part of it, white space normalised, the innermost elements", function()
  local page = t.html [[<div id=o><p id=p>Down\n   <span id=s>load   the
    FILE</span> now</p></div><p id=q>something else</p><input id=i type=submit value="Download it">
    <script>const text = "the file"</script><p id=h style="display:none">the file</p>]]
  t.equal(ids(page, "text=the file"), "s")
  t.equal(ids(page, "text=LOAD the file now"), "p")
  t.equal(ids(page, "text=download"), "i")
  t.equal(ids(page, "text=nothing like it"), "")
end)

t.test("text in quotes is exact", function()
  local page = t.html [[<p id=a>Save</p><p id=b>Save all</p><p id=c>save</p><p id=d>  Save
    </p><p id=e>say "hi"</p>]]
  t.equal(ids(page, [[text="Save"]]), "a d")
  t.equal(ids(page, [[text='Save']]), "a d")
  t.equal(ids(page, [[text="say \"hi\""]]), "e")
end)

t.test("role and accessible name", function()
  local page = t.html [[<button id=a>Save</button><input id=b type=button value=Save><a id=c href=#>Save</a>
    <div id=d role=button aria-label="Save">x</div><button id=e aria-labelledby=l>y</button><span id=l>Save as</span>
    <div role=tablist><div id=f role=tab aria-selected=true>One</div><div id=g role=tab>Two</div></div>
    <input id=h type=checkbox checked><h2 id=i>Title</h2><button id=j hidden>Save</button>]]
  t.equal(ids(page, [[role=button[name="Save"]
]]), "a b d")
  t.equal(ids(page, "role=button[name=save]"), "a b d e")
  t.equal(ids(page, "role=tab[selected]"), "f")
  t.equal(ids(page, "role=checkbox[checked=true]"), "h")
  t.equal(ids(page, "role=heading[level=2]"), "i")
  t.equal(ids(page, "role=link"), "c")
end)

t.test("XPath, with and without its name", function()
  local page = t.html [[<ul id=u><li id=a>one<li id=b>two</ul>]]
  t.equal(ids(page, "//li[2]"), "b")
  t.equal(ids(page, "xpath=//li[text()='one']"), "a")
  t.equal(page:find("#b"):find("xpath=.."):attr("id"), "u")
  t.equal(ids(page, "#b >> xpath=.."), "u")
end)

t.test(">> searches inside, whatever kind its parts are", function()
  local page = t.html [[<div id=a class=x><p id=p>go</p></div><div id=b><p id=q>go</p></div>]]
  t.equal(ids(page, ".x >> text=go"), "p")
  t.equal(ids(page, "//div[2] >> p"), "q")
  t.equal(page:find("#b"):find("p"):attr("id"), "q")
  t.equal(page:find("#b"):find({ "i", "p" }):attr("id"), "q")
end)

t.test("an ordered list: the first that matches; another than the first is drift", function()
  local drift = require "karun.browser.drift"
  local page = t.html [[<a class=new>x</a><b id=b>y</b>]]
  drift.clear()
  t.equal(page:text { "b", ".new" }, "y")
  t.same(drift.list(), {})
  t.equal(page:text { "#old", ".older", ".new" }, "x")
  page:text { "#old", ".older", ".new" }
  local list = drift.list()
  t.equal(#list, 1)
  t.equal(list[1].matched, ".new")
  t.equal(list[1].wanted, "#old")
  t.equal(list[1].entry, 3)
  t.equal(list[1].count, 2)
  t.match(list[1].where, "selectors_test.lua:%d+")
  page:click { "#gone", "#b" }
  t.equal(#drift.list(), 2)
end)

t.test("a wait takes the entry that comes", function()
  local page = t.html [[<script>setTimeout(() => document.body.innerHTML = "<i>late</i>", 60)</script>]]
  t.equal(page:find({ "#never", "i" }):wait():text(), "late")
end)

t.test("open shadow roots are pierced, nested ones and slots too; closed ones are not reached", function()
  local page = t.html [[<div id=host><em id=light slot=s>light</em></div><div id=closed></div><script>
    const root = host.attachShadow({ mode: "open" })
    root.innerHTML = "<p class=in>inside <slot name=s></slot></p><div id=inner></div>"
    root.getElementById("inner").attachShadow({ mode: "open" }).innerHTML = "<button>deep</button>"
    closed.attachShadow({ mode: "closed" }).innerHTML = "<u>secret</u>"</script>]]
  t.equal(page:text(".in"), "inside light")
  t.equal(page:text("#host button"), "deep")
  t.equal(page:text([[role=button[name="deep"]
]]), "deep")
  t.equal(page:text("text=deep"), "deep")
  t.equal(page:exists("u"), false)
  page:eval [[() => { host.shadowRoot.querySelector("#inner").shadowRoot.querySelector("button").onclick = () => { window.hit = 1 } }]]
  page:click("button")
  t.equal(page:eval("window.hit"), 1)
end)

t.test("values become data by quoting", function()
  local page = t.html [[<body><script>
    for (const name of ['a"b', "a'b", "a\\b", "]", "a\nb", "1.2:3", "ü☃", ""]) {
      const el = document.createElement("p"); el.setAttribute("name", name); el.textContent = "[" + name + "]"
      document.body.append(el)
    }</script>]]
  for _, name in ipairs { "a\"b", "a'b", "a\\b", "]", "a\nb", "1.2:3", "ü☃", "" } do
    t.equal(page:text("[name=" .. karun.dom.quote(name) .. "]", { raw = true }), "[" .. name .. "]")
  end
  t.equal(karun.dom.quote(12), "\"12\"")
  t.error("usage", karun.dom.quote, "\xff")
end)

t.test("quoted text for text= and role=", function()
  local page = t.html [[<p>it's "so" \ here</p><button>a >> b</button>]]
  t.equal(page:count("text=" .. karun.dom.quote("it's \"so\" \\ here")), 1)
  t.equal(page:count("role=button[name=" .. karun.dom.quote("a >> b") .. "]"), 1)
  t.equal(page:count([[text="a >> b"]]), 1)
end)

t.test("an invalid selector is an error at once", function()
  local page = t.html [[<p>x</p>]]
  for _, selector in ipairs { "p[", "//p[", "role=nonsense", "role=button[nme=x]", "", "p >> ", ">> p", "text=" } do
    local err = t.error("selector", page.text, page, selector)
    t.equal(err.timed_out, nil)
    t.error("selector", page.exists, page, selector)
  end
  t.error("selector", page.text, page, { "p", "p[" })
  t.error("usage", page.find, page)
  t.error("usage", page.find, page, {})
  t.error("usage", page.find, page, { "a", 3 })
end)

t.test("50,000 nodes", function()
  local page = t.html [[<div id=box></div><script>box.innerHTML = Array.from({ length: 25000 },
    (_, i) => `<p class=row data-n=${i + 1}><b>row ${i + 1}</b></p>`).join("")</script>]]
  t.equal(page:count(".row"), 25000)
  t.equal(page:find(".row"):nth(20000):text(), "row 20000")
  t.equal(page:find(".row"):last():attr("data-n"), "25000")
  t.equal(page:text([[text="row 12345"]]), "row 12345")
  local texts = page:texts(".row:nth-child(-n+1000)")
  t.equal(#texts, 1000)
  t.equal(texts[1000], "row 1000")
  page:eval("() => { document.querySelectorAll('.row')[24000].onclick = (e) => { window.hit = e.currentTarget.dataset.n } }")
  page:click("[data-n='24001']")
  t.equal(page:eval("window.hit"), "24001")
end)

t.test("first, last, nth, filter, count", function()
  local page = t.html [[<ul><li>one<li class=two>two <i>x</i><li style="display:none">three<li>four</ul>]]
  local li = page:find("li")
  t.equal(li:count(), 4)
  t.equal(li:first():text(), "one")
  t.equal(li:last():text(), "four")
  t.equal(li:nth(2):text(), "two x")
  t.equal(li:nth(-2):text { raw = true }, "three")
  t.equal(li:nth(9):exists(), false)
  t.equal(li:filter { text = "TWO" }:count(), 1)
  t.equal(li:filter { text = "\"four\"" }:text(), "four")
  t.equal(li:filter { has = "i" }:text(), "two x")
  t.equal(li:filter { visible = true }:count(), 3)
  t.equal(li:filter { visible = false }:count(), 1)
  t.equal(li:filter { visible = true }:last():text(), "four")
  t.error("usage", li.nth, li, 0)
  t.match(tostring(t.error("usage", li.filter, li, { txt = "x" })), "text")
end)

t.test("exactly one match, else ambiguous at once, with the matches listed", function()
  local page = t.html [[<button class=a>One</button><button id=b>Two</button>]]
  local err = t.error("ambiguous", page.click, page, "button")
  t.equal(err.timed_out, nil)
  t.equal(err.selector, "button")
  t.equal(#err.matches, 2)
  t.match(err.matches[1], "button.a.*One")
  t.match(tostring(err), "button#b")
  t.error("ambiguous", page.text, page, "button")
  t.error("ambiguous", page.wait, page, "button")
  t.equal(page:exists("button"), true)
  t.equal(page:visible("button"), true)
end)

t.test("a locator is looked up afresh, a pin holds on to the node", function()
  local page = t.html [[<p>old</p>]]
  local locator = page:find("p")
  local pin = locator:pin()
  t.equal(pin:text(), "old")
  page:eval("document.body.innerHTML = '<p>new</p>'")
  t.equal(locator:text(), "new")
  t.error("stale", pin.text, pin)
  t.error("stale", pin.click, pin)
  t.equal(pin:exists(), false)
  t.equal(pin:visible(), false)
  pin:wait { state = "detached" }
  t.equal(locator:pin():find("xpath=.."):html(), "<p>new</p>")
end)

t.test("a pin does not survive its document", function()
  local page, server = t.html [[<p>x</p>]]
  local pin = page:find("p"):pin()
  page:open(server.url)
  t.error("stale", pin.text, pin)
  pin:wait { state = "hidden" }
end)

t.test("all gives pins, in order", function()
  local page = t.html [[<i>1</i><i>2</i><i>3</i>]]
  local all = page:all("i")
  t.equal(#all, 3)
  page:eval("document.body.append(document.body.firstChild)")
  t.equal(all[1]:text(), "1")
  t.equal(all[3]:text(), "3")
  t.equal(#page:all("u"), 0)
end)
