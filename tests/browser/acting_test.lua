-- Acting with the mouse: what a hand could do, and only that.

local karun = require "karun"
local t = require "karun.test"

-- A page that notes every trusted mouse event as "type target-id".
local LOG = [[<!doctype html><style>body { margin: 0 }</style><body><script>window.L = [];
  for (const type of ["pointerdown", "mousedown", "mouseup", "click", "dblclick", "contextmenu", "auxclick"])
    addEventListener(type, (e) => L.push(type + " " + e.target.id), true)
  const clicks = () => L.filter((line) => line.startsWith("click "))</script>]]

local function log(page)
  return page:eval("L.splice(0)")
end

local function clicks(page)
  return page:eval("clicks().join()")
end

t.test("a click is a press, a release and a click, trusted, in the middle", function()
  local page = t.html(LOG .. [[<button id=a style="width:100px;height:40px">A</button><script>
    a.onclick = (e) => { window.at = [e.offsetX, e.offsetY, e.isTrusted, e.detail, e.button] }</script>]])
  page:click("#a")
  t.same(log(page), { "pointerdown a", "mousedown a", "mouseup a", "click a" })
  local at = page:eval("at")
  t.ok(math.abs(at[1] - 50) < 4 and math.abs(at[2] - 20) < 4)
  t.equal(at[3], true)
  t.equal(at[4], 1)
end)

t.test("double, right and middle clicks", function()
  local page = t.html(LOG .. [[<button id=a>A</button>]])
  page:click("#a", { count = 2 })
  t.equal(page:eval("L.filter(l => l == 'dblclick a').length"), 1)
  t.equal(clicks(page), "click a,click a")
  log(page)
  page:click("#a", { button = "right" })
  t.same(log(page), { "pointerdown a", "mousedown a", "contextmenu a", "mouseup a", "auxclick a" })
  page:click("#a", { button = "middle" })
  t.same(log(page), { "pointerdown a", "mousedown a", "mouseup a", "auxclick a" })
  t.match(tostring(t.error("usage", page.click, page, "#a", { button = "rigth" })), "right")
end)

t.test("modifiers are held down for the click and let go after", function()
  local page = t.html(LOG .. [[<button id=a>A</button><script>window.keys = []
    a.onclick = (e) => { window.mods = [e.shiftKey, e.ctrlKey, e.altKey, e.metaKey] }
    addEventListener("keydown", (e) => keys.push("+" + e.key)); addEventListener("keyup", (e) => keys.push("-" + e.key))</script>]])
  page:click("#a", { modifiers = { "Shift", "Alt" } })
  t.same(page:eval("mods"), { true, false, true, false })
  t.equal(page:eval("keys.join(' ')"), "+Shift +Alt -Alt -Shift")
  page:click("#a")
  t.same(page:eval("mods"), { false, false, false, false })
  t.error("usage", page.click, page, "#a", { modifiers = { "Enter" } })
end)

t.test("at an offset from the top left", function()
  local page = t.html(LOG .. [[<div id=a style="width:200px;height:100px;background:red"></div><script>
    a.onclick = (e) => { window.at = [e.offsetX, e.offsetY] }</script>]])
  page:click("#a", { at = { 7, 91 } })
  t.same(page:eval("at"), { 7, 91 })
  page:click("#a", { at = { x = 150, y = 3 } })
  t.same(page:eval("at"), { 150, 3 })
end)

t.test("svg, rotated, wrapped and half hidden targets are hit where they are", function()
  local page = t.html(LOG .. [[<svg width=100 height=100><circle id=ring cx=50 cy=50 r=40 fill=none stroke=red stroke-width=4 /></svg>
    <div id=rot style="position:absolute;left:200px;top:50px;width:120px;height:20px;transform:rotate(45deg);background:red"></div>
    <p style="width:150px;position:absolute;top:150px">some words before a <a id=wrap href="#x">link that is wrapped over lines</a></p>
    <div style="position:absolute;left:-60px;top:300px"><button id=half style="width:100px">half</button></div>]])
  for _, id in ipairs { "ring", "rot", "wrap", "half" } do
    page:click("#" .. id)
    t.equal(clicks(page), "click " .. id, id)
    log(page)
  end
end)

t.test("nested scrolling and a sticky header", function()
  local page = t.html(LOG .. [[<header id=head style="position:sticky;top:0;height:80px;background:blue;z-index:2"></header>
    <div style="height:3000px"></div><div style="height:200px;overflow:auto"><div style="height:1500px"></div>
    <div style="width:300px;overflow:auto"><button id=a style="margin-left:900px">A</button></div><div style="height:900px"></div></div>
    <div style="height:3000px"></div><button id=b>B</button>]])
  page:click("#b")
  page:click("#a")
  page:eval("scrollTo(0, document.querySelector('#b').offsetTop - 10)") -- under the header
  page:click("#b")
  t.equal(clicks(page), "click b,click a,click b")
end)

t.test("waits until it is there, visible, enabled and still", function()
  local page = t.html(LOG .. [[<style>@keyframes go { from { transform: translateX(0) } to { transform: translateX(300px) } }</style>
    <div id=box></div><script>
    const later = (ms, fn) => setTimeout(fn, ms)
    later(60, () => { box.innerHTML = "<button id=a disabled style='display:none'>A</button>" })
    later(120, () => { a.style.display = "" })
    later(180, () => { a.disabled = false; a.style.animation = "go .3s linear forwards" })</script>]])
  page:click("#a")
  t.equal(clicks(page), "click a")
  t.equal(page:eval("Math.round(a.getBoundingClientRect().x)"), 300)
end)

local function refused(kind, html, selector, opts)
  local page = t.html(LOG .. html)
  opts = opts or { timeout = 1.5 }
  local err = t.error(kind, page.click, page, selector or "#a", opts)
  t.equal(err.timed_out, true)
  t.equal(err.selector, selector or "#a")
  t.ok(err.last_state)
  t.match(tostring(err), "acting_test.lua:%d+: click `#a`")
  t.match(tostring(err), "To do: ")
  t.equal(clicks(page), "")
  return err, page
end

t.test("what never comes right ends with its reason as kind", function()
  refused("not_found", "<p>x</p>")
  refused("hidden", "<button id=a style='visibility:hidden'>A</button>")
  refused("disabled", "<button id=a disabled>A</button>")
  refused("disabled", "<fieldset disabled><button id=a>A</button></fieldset>")
  refused("disabled", "<div aria-disabled=true><div id=a role=button>A</div></div>")
  refused("hidden", "<button id=a style='display:none'>A</button>", "#a", { timeout = 0 })
end)

t.test("for ever moving is unstable", function()
  refused("unstable", [[<style>@keyframes go { from { left: 0 } to { left: 300px } }</style>
    <button id=a style="position:absolute;animation:go 1s linear infinite alternate">A</button>]])
end)

t.test("covered names the coverer; nothing is clicked instead, nor later", function()
  local err, page = refused("covered", [[<button id=a>A</button>
    <div id=cover class=modal style="position:fixed;inset:0;background:#0008"><p id=in>Wait please</p></div>]])
  t.match(err.covered_by, "cover")
  t.match(tostring(err), "modal")
  page:eval("cover.remove()")
  page:find("#a"):wait()
  t.equal(clicks(page), "")
  t.same(log(page), {})
  page:click("#a")
  t.equal(clicks(page), "click a")
end)

t.test("an overlay that goes away is waited for", function()
  local page = t.html(LOG .. [[<button id=a>A</button><div id=cover style="position:fixed;inset:0"></div>
    <script>setTimeout(() => cover.remove(), 150)</script>]])
  page:click("#a")
  t.equal(clicks(page), "click a")
end)

t.test("pointer-events: none is covered by what would get it", function()
  refused("covered", [[<div id=under><button id=a style="pointer-events:none">A</button></div>]])
end)

t.test("an overlay that comes at the last moment gets nothing", function()
  -- the cover comes with the first mouse move, between our look and the press
  local page = t.html(LOG .. [[<button id=a>A</button><div id=cover style="position:fixed;inset:0;display:none"></div><script>
    addEventListener("mousemove", () => { cover.style.display = "" ; setTimeout(() => cover.remove(), 120) }, { once: true })</script>]])
  page:click("#a")
  t.equal(page:eval("L.filter((l) => l.endsWith('cover')).length"), 0)
  t.equal(clicks(page), "click a")
end)

t.test("a double click whose first click brings a cover says how far it came", function()
  local page = t.html(LOG .. [[<button id=a onmouseup="cover.style.display = ''">A</button>
    <div id=cover style="position:fixed;inset:0;display:none"></div>]])
  local err = t.error("covered", page.click, page, "#a", { count = 2 })
  t.match(err.covered_by, "cover")
  t.match(tostring(err), "1 of the presses")
  t.equal(page:eval("L.filter((l) => l.endsWith('cover')).length"), 0)
end)

t.test("force goes to its place without looking", function()
  local page = t.html(LOG .. [[<button id=a>A</button><div id=cover style="position:fixed;inset:0"></div>]])
  page:click("#a", { force = true })
  t.equal(clicks(page), "click cover")
end)

t.test("re-rendered, reordered and detached under the pointer", function()
  local page = t.html(LOG .. [[<ul id=list></ul><script>
    let n = 0
    const render = () => { n++; list.innerHTML = ["x", "y", "z"].sort(() => Math.random() - .5)
      .map((id) => `<li><button id=${id} style="width:80px;height:30px">${id} ${n}</button>`).join("") }
    render(); setInterval(render, 3)</script>]])
  for i = 1, 10 do
    page:click(({ "#x", "#y", "#z" })[i % 3 + 1])
  end
  t.equal(page:eval("clicks().length <= 10"), true)
  t.equal(page:eval("L.filter((l) => l == 'pointerdown ').length"), 0)
  t.equal(page:eval([[L.filter((l) => l.startsWith("pointerdown")).join()]]),
    "pointerdown y,pointerdown z,pointerdown x,pointerdown y,pointerdown z,pointerdown x,pointerdown y,pointerdown z,pointerdown x,pointerdown y")
end)

t.test("what moves away at the press gets a second aim, its neighbour nothing", function()
  local page = t.html(LOG .. [[<button id=a style="position:absolute;left:0;top:0;width:90px">A</button>
    <button id=b style="position:absolute;left:0;top:100px;width:90px">B</button><script>
    addEventListener("mousemove", () => { a.style.top = "100px"; b.style.top = "0" }, { once: true, capture: true })</script>]])
  page:click("#a")
  t.equal(clicks(page), "click a")
  t.equal(page:eval("L.some((l) => l.endsWith(' b'))"), false)
end)

t.test("lost clicks before hydration: becomes and again", function()
  local page = t.html(LOG .. [[<button id=a>A</button><script>
    setTimeout(() => { a.onclick = () => setTimeout(() => a.classList.toggle("is-active"), 20) }, 400)</script>]])
  page:click("#a", { becomes = { class = "is-active" }, again = 0.15 })
  t.equal(page:has_class("#a", "is-active"), true)
  local before = clicks(page)
  page:click("#a", { becomes = { class = "is-active" } }) -- so already: not clicked
  t.equal(clicks(page), before)
end)

t.test("becomes that never does is not_applied", function()
  local page = t.html(LOG .. [[<button id=a>A</button>]])
  local err = t.error("not_applied", page.click, page, "#a", { becomes = { text = "done" }, again = 0.1, timeout = 1 })
  t.equal(err.timed_out, true)
  t.match(err.last_state, "says")
  t.ok(page:eval("clicks().length") >= 2)
  t.error("usage", page.click, page, "#a", { becomes = { txt = "x" } })
end)

t.test("check and uncheck: boxes, radios, labels, switches; verified", function()
  local page = t.html(LOG .. [[<input type=checkbox id=a><label id=l>B <input type=checkbox id=b style="display:none"></label>
    <input type=radio name=r id=r1 checked><input type=radio name=r id=r2>
    <div id=s role=switch aria-checked=false tabindex=0>S</div><input type=checkbox id=no><p id=p>x</p><script>
    s.onclick = () => setTimeout(() => s.setAttribute("aria-checked", s.getAttribute("aria-checked") != "true"), 30)
    no.onclick = (e) => e.preventDefault()</script>]])
  page:check("#a")
  page:check("#a")
  t.equal(page:checked("#a"), true)
  page:uncheck("#a")
  t.equal(page:checked("#a"), false)
  page:check("#b")
  t.equal(page:checked("#b"), true)
  page:check("#r2")
  t.equal(page:checked("#r1"), false)
  page:check("#s")
  t.equal(page:checked("#s"), true)
  t.error("not_applied", page.check, page, "#no")
  t.error("usage", page.check, page, "#p")
  t.error("usage", page.uncheck, page, "#r2")
end)

t.test("hover opens a menu", function()
  local page = t.html [[<!doctype html><style>#sub { display: none } #menu:hover #sub { display: block }</style>
    <div id=menu>Menu<div id=sub><a id=item href="#x">Item</a></div></div>]]
  t.equal(page:visible("#item"), false)
  page:hover("#menu")
  page:click("#item")
  page:wait_url("#x")
  t.error("not_found", page.hover, page, "#none", { timeout = 0.5 })
end)

t.test("a click that opens a dialog, closes its page, or navigates has been made", function()
  local page, server = t.html(LOG .. [[<button id=d onclick="window.answer = prompt('name?', 'x')">D</button>
    <a id=n href="/?next">N</a><button id=o onclick="window.open('/?pop')">O</button>]])
  local dialog = page:expect("dialog", function() page:click("#d") end)
  t.equal(dialog.message, "name?")
  dialog:accept("ann")
  t.equal(page:wait_js("window.answer"), "ann")
  local popup = page:expect("popup", function() page:click("#o") end)
  popup:wait_load()
  popup:eval([[() => { document.body.innerHTML = "<button id=c onclick='window.close()'>C</button>" }]])
  popup:click("#c")
  karun.wait.until_true(function() return popup:closed() end)
  page:click("#n")
  page:wait_url("?next")
  t.ok(server.url)
end)

t.test("a click through page.mouse, and the wheel", function()
  local page = t.html(LOG .. [[<div id=a style="height:5000px"></div><script>window.M = []
    addEventListener("mousemove", (e) => M.push(e.clientX))</script>]])
  page.mouse:move(10, 10)
  page.mouse:move(50, 10, { steps = 4 })
  t.equal(page:eval("M.join()"), "10,20,30,40,50")
  page.mouse:click(30, 30)
  page.mouse:click(30, 30, { button = "right" })
  page.mouse:down()
  page.mouse:up()
  t.equal(page:eval("L.filter((l) => l.startsWith('pointerdown')).length"), 3)
  page.mouse:wheel(0, 400)
  t.ok(page:wait_js("window.scrollY > 0"))
  t.error("usage", page.mouse.move, page.mouse, "x", 1)
  t.match(tostring(t.error("usage", function() return page.mouse.clikc end)), "click")
end)

t.test("infinite scroll: each last one brings more", function()
  local page = t.html [[<!doctype html><div id=list></div><script>
    const add = () => { for (let i = 0; i < 20; i++) list.insertAdjacentHTML("beforeend", "<p class=row style='height:60px'>row</p>") }
    add();
    addEventListener("scroll", () => { if (list.children.length < 99 && scrollY + innerHeight > document.body.scrollHeight - 50) add() })</script>]]
  local rows = page:find(".row")
  for n = 40, 100, 20 do
    rows:last():scroll_into_view()
    rows:wait { count = n }
  end
end)

t.test("an act that takes its own document away is made once", function()
  local server = t.serve {
    ["GET /"] = function()
      return { headers = { ["content-type"] = "text/html" }, body = [[<!doctype html><iframe id=f src=/in></iframe><script>window.n = 0</script>]] }
    end,
    ["GET /in"] = function()
      return { headers = { ["content-type"] = "text/html" }, body = [[<!doctype html><button id=a onclick="bye()">A</button><button id=b>B</button>
        <input id=i onchange="bye()"><select id=s onchange="bye()"><option>x<option>y</select><script>
        const bye = () => { parent.n++; frameElement.remove() }; b.onmousedown = bye</script>]] }
    end,
  }
  local page = t.page()
  for _, verb in ipairs { "a", "b", "fill", "select" } do
    page:open(server.url)
    page:find("#f >> #a"):wait()
    if verb == "fill" then page:fill("#f >> #i", "x")
    elseif verb == "select" then page:select("#f >> #s", "y")
    else page:click("#f >> #" .. verb) end
    t.equal(page:eval("n"), 1, verb)
    t.equal(page:exists("#f"), false, verb)
  end
end)

t.test("a choice that leads to the same page again is made once", function()
  local hits = 0
  local server = t.serve {
    ["GET /"] = function()
      hits = hits + 1
      return { headers = { ["content-type"] = "text/html" },
        body = [[<!doctype html><select id=s onchange="location = '/?' + this.value"><option>x<option>y</select>
          <a id=a href="/?y">again</a>]] }
    end,
  }
  local page = t.page()
  page:open(server.url)
  page:select("#s", "y")
  page:wait_url("?y")
  page:wait_load()
  t.equal(hits, 2)
  for n = 3, 8 do
    page:expect("navigation", function() page:click("#a") end)
    page:wait_load()
    t.equal(hits, n)
  end
end)
