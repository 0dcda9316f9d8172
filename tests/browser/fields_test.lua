-- Filling, typing, keys, selecting, dragging, uploading.

local karun = require "karun"
local t = require "karun.test"

local LOG = [[<!doctype html><body><script>window.L = []
  for (const type of ["focus", "blur", "input", "change"])
    addEventListener(type, (e) => { if (e.target.id) L.push(type + " " + e.target.id) }, true)</script>]]

local function log(page)
  return table.concat(page:eval("L.splice(0)"), ", ")
end

t.test("fill replaces: one input, one change event, and gives what the field holds", function()
  local page = t.html(LOG .. [[<input id=a value=old><textarea id=b>old</textarea>]])
  t.equal(page:fill("#a", "new"), "new")
  t.equal(log(page), "focus a, input a, change a")
  t.equal(page:fill("#b", "two\nlines"), "two\nlines")
  t.equal(page:value("#b"), "two\nlines")
  t.equal(page:fill("#a", ""), "")
end)

t.test("fill through a label, and into contenteditable", function()
  local page = t.html(LOG .. [[<label id=l>Name <input id=a></label><div id=e contenteditable>old <b>text</b></div>]])
  page:fill("#l", "x")
  t.equal(page:value("#a"), "x")
  t.equal(page:fill("#e", "new text"), "new text")
  t.equal(page:text("#e"), "new text")
end)

t.test("controlled inputs of React kind see a real change", function()
  local page = t.html [[<!doctype html><input id=a><p id=out></p><script>
    // as React does: the node's own value property is watched, an input event counts only when it differs
    const proto = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")
    let tracked = ""
    Object.defineProperty(a, "value", { get() { return proto.get.call(a) }, set(v) { tracked = v; proto.set.call(a, v) } })
    a.addEventListener("input", () => { if (a.value !== tracked) { tracked = a.value; out.textContent = "state " + a.value } })</script>]]
  page:fill("#a", "typed")
  t.equal(page:text("#out"), "state typed")
  page:type("#a", "!")
  t.equal(page:text("#out"), "state typed!")
end)

t.test("a page may reformat; verify makes that not_applied", function()
  local page = t.html [[<!doctype html><input id=a oninput="this.value = this.value.toUpperCase()"><input id=n maxlength=3>]]
  t.equal(page:fill("#a", "abc"), "ABC")
  t.equal(page:type("#a", "d"), "ABCD")
  local err = t.error("not_applied", page.fill, page, "#a", "abc", { verify = true })
  t.match(tostring(err), "ABC")
  t.equal(page:fill("#n", "12345"), "123")
  t.equal(page:type("#n", "9"), "123")
end)

t.test("date, time, number, range and colour take their own form; else usage at once", function()
  local page = t.html [[<!doctype html><input id=d type=date><input id=t type=time><input id=n type=number><input id=r type=range max=10>
    <input id=c type=color><input id=k type=checkbox><select id=s></select><p id=p>x</p>]]
  t.equal(page:fill("#d", "2026-02-28"), "2026-02-28")
  t.equal(page:fill("#t", "12:30"), "12:30")
  t.equal(page:fill("#n", "-1.5"), "-1.5")
  t.equal(page:fill("#r", "7"), "7")
  t.equal(page:fill("#c", "#102030"), "#102030")
  for id, text in pairs { d = "28.2.2026", t = "noon", n = "many", c = "red", k = "x", s = "x", p = "x" } do
    t.error("usage", page.fill, page, "#" .. id, text)
  end
  t.error("usage", page.fill, page, "#d", nil)
  t.error("usage", page.fill, page, "#d", "\xff")
end)

t.test("fill waits for enabled and writable", function()
  local page = t.html [[<!doctype html><input id=a disabled><input id=b readonly><script>
    setTimeout(() => { a.disabled = false; b.readOnly = false }, 100)</script><input id=c readonly>]]
  t.equal(page:fill("#a", "x"), "x")
  t.equal(page:fill("#b", "y"), "y")
  t.error("disabled", page.fill, page, "#c", "z", { timeout = 1 })
  t.equal(page:value("#c"), "")
end)

t.test("type adds key by key, with its events", function()
  local page = t.html [[<!doctype html><input id=a value=x><script>window.K = []
    for (const type of ["keydown", "keypress", "input", "keyup"])
      a.addEventListener(type, (e) => K.push(type + (e.key ? " " + e.key : "")))</script>]]
  t.equal(page:type("#a", "aB"), "xaB")
  t.equal(page:eval("K.join()"), "keydown a,keypress a,input,keyup a,keydown B,keypress B,input,keyup B")
  t.equal(page:type("#a", "c", { delay = 0.01 }), "xaBc")
end)

t.test("type: text that has no keys, newlines, contenteditable", function()
  local page = t.html [[<!doctype html><input id=a><textarea id=b></textarea><div id=e contenteditable></div>
    <form onsubmit="event.preventDefault(); window.sent = f.value"><input id=f></form>]]
  local text = "Grüße 你好 👩‍👩‍👧 e\u{301} שלום"
  t.equal(page:type("#a", text), text)
  t.equal(page:type("#b", "one\ntwo\r\nthree"), "one\ntwo\nthree")
  page:type("#e", "one\ntwo")
  t.equal(page:eval("e.innerText.trim().replace(/\\n+/g, '|')"), "one|two")
  page:type("#f", "go\n")
  t.equal(page:eval("sent"), "go")
end)

t.test("keys and shortcuts", function()
  local page = t.html [[<!doctype html><input id=a value="hello world"><input id=b><script>window.K = []
    addEventListener("keydown", (e) => K.push([e.key, e.code, e.keyCode, e.ctrlKey, e.shiftKey].join(" ")))</script>]]
  page:find("#a"):press("Control+a")
  page:find("#a"):press("Delete")
  t.equal(page:value("#a"), "")
  page:type("#a", "abc")
  page:eval("K.length = 0")
  page:press("Home")
  page:press("Shift+ArrowRight")
  page:press("x")
  t.equal(page:value("#a"), "xbc")
  page:press("Control+Shift+s")
  t.same(page:eval("K.slice(-3)"), { "Control ControlLeft 17 true false", "Shift ShiftLeft 16 true true", "S KeyS 83 true true" })
  page:press("Shift+1")
  t.equal(page:value("#a"), "x!bc")
  page:press("Tab")
  t.equal(page:eval("document.activeElement.id"), "b")
  page:press("Shift+Tab")
  t.equal(page:eval("document.activeElement.id"), "a")
  page.keyboard:down("Shift")
  page.keyboard:press("ArrowLeft")
  page.keyboard:up("Shift")
  page.keyboard:type("é+")
  t.match(page:value("#a"), "é%+")
  t.match(tostring(t.error("usage", page.press, page, "Entre")), "Enter")
  t.error("usage", page.press, page, "a+b")
  page:find("#b"):press("+")
  page:find("#b"):press("Shift++")
  t.equal(page:value("#b"), "++")
end)

t.test("a secret is filled and typed, and comes back nowhere", function()
  local page = t.html [[<!doctype html><input id=a><input id=p type=password>]]
  local secret = require("karun.secret").new("hunter22-hunter22")
  t.equal(select("#", page:type("#p", "hunter")), 0) -- a password field's value is nobody's to see
  t.equal(page:value("#p"), "hunter")
  t.equal(select("#", page:fill("#p", secret)), 0)
  t.equal(page:value("#p"), "hunter22-hunter22")
  t.equal(select("#", page:fill("#a", secret, { verify = true })), 0)
  t.equal(page:value("#a"), "hunter22-hunter22")
  page:fill("#a", "")
  t.equal(select("#", page:type("#a", secret)), 0)
  t.equal(page:value("#a"), "hunter22-hunter22")
  page:eval("() => { a.oninput = () => { a.value = 'x' } }")
  local err = t.error("not_applied", page.fill, page, "#a", secret, { verify = true })
  t.equal(tostring(err):find("hunter22-hunter22", 1, true), nil)
end)

t.test("a secret does not go to a page that is neither https nor this machine", function()
  local page = t.page()
  page:route("http://elsewhere.test/*", function(request)
    request:fulfill { status = 200, headers = { ["content-type"] = "text/html" }, body = "<!doctype html><input id=a>" }
  end)
  page:open("http://elsewhere.test/x")
  local secret = require("karun.secret").new("hunter22-hunter22")
  t.error("usage", page.fill, page, "#a", secret)
  t.error("usage", page.type, page, "#a", secret)
  t.equal(page:value("#a"), "")
  t.equal(page:fill("#a", "plain"), "plain")
end)

t.test("select: by value, label and index, several; waits for its option; verified", function()
  local page = t.html(LOG .. [[<select id=a><option value=1>One<option value=2>Two<option value=3 disabled>Three</select>
    <select id=m multiple><option>x<option>y<option>z</select><select id=l></select><script>
    setTimeout(() => { l.innerHTML = "<option>late" }, 100)
    </script><select id=r onchange="this.value = 'k'"><option>k<option>v</select><input id=i>]])
  page:select("#a", "2")
  t.equal(page:value("#a"), "2")
  t.equal(log(page), "focus a, input a, change a")
  page:select("#a", "One")
  t.equal(page:value("#a"), "1")
  page:select("#a", { index = 2 })
  t.equal(page:value("#a"), "2")
  page:select("#m", { "x", { index = 3 } })
  t.same(page:value("#m"), { "x", "z" })
  page:select("#m", {})
  t.same(page:value("#m"), {})
  page:select("#l", "late")
  t.equal(page:value("#l"), "late")
  t.error("not_applied", page.select, page, "#r", "v")
  t.error("disabled", page.select, page, "#a", "3", { timeout = 1 })
  local err = t.error("not_found", page.select, page, "#a", "Nine", { timeout = 1 })
  t.match(tostring(err), "Nine")
  t.error("usage", page.select, page, "#i", "x")
  t.error("usage", page.select, page, "#a", { "1", "2" })
end)

t.test("focus, and its order by Tab", function()
  local page = t.html(LOG .. [[<input id=a><button id=b>B</button><a id=c href=#>C</a><p id=p>x</p>]])
  page:focus("#a")
  t.equal(log(page), "focus a")
  page:press("Tab")
  page:press("Tab")
  t.equal(page:eval("document.activeElement.id"), "c")
  t.error("not_applied", page.focus, page, "#p")
end)

t.test("drag and drop by mouse", function()
  local page = t.html [[<!doctype html><div id=s style="position:absolute;width:50px;height:50px;background:red"></div>
    <div id=d style="position:absolute;left:300px;top:200px;width:100px;height:100px;background:blue"></div><script>
    s.onmousedown = () => { onmousemove = (e) => { s.style.left = e.clientX - 25 + "px"; s.style.top = e.clientY - 25 + "px" } }
    onmouseup = (e) => { onmousemove = null; window.at = [e.clientX, e.clientY] }</script>]]
  page:find("#s"):drag_to(page:find("#d"), { steps = 8 })
  local at = page:eval("at")
  t.ok(at[1] >= 300 and at[1] <= 400 and at[2] >= 200 and at[2] <= 300)
  t.ok(page:box("#s").x > 250)
end)

t.test("drag and drop of HTML; a refused drop is not_applied", function()
  local page = t.html [[<!doctype html><div id=s draggable=true style="width:80px;height:40px;background:red">s</div>
    <div id=d style="width:80px;height:40px;background:green">d</div><div id=no style="width:80px;height:40px">no</div><script>window.L = []
    s.ondragstart = (e) => { e.dataTransfer.setData("text/plain", "cargo"); L.push("start") }
    d.ondragover = (e) => e.preventDefault(); d.ondragenter = () => L.push("enter")
    d.ondrop = (e) => { e.preventDefault(); L.push("drop " + e.dataTransfer.getData("text/plain")) }
    s.ondragend = (e) => L.push("end " + e.dataTransfer.dropEffect)</script>]]
  page:find("#s"):drag_to(page:find("#d"))
  t.equal(page:eval("L.splice(0).join()"), "start,enter,drop cargo,end copy")
  t.error("not_applied", page.drag_to, page, "#s", page:find("#no"))
  t.equal(page:eval("L.splice(0).filter((l) => l != 'enter').join()"), "start,end none") -- d lies on the way
  t.error("not_found", page.drag_to, page, "#s", page:find("#none"), { timeout = 0.5 })
  t.equal(page:eval("L.join()"), "")
  t.error("usage", page.drag_to, page, "#s", "#d")
end)

t.test("the same with page.mouse", function()
  local page = t.html [[<!doctype html><style>body{margin:0}</style><div id=s draggable=true style="width:80px;height:40px;background:red">s</div>
    <div id=d style="width:80px;height:40px;background:green">d</div><script>window.L = []
    s.ondragstart = (e) => e.dataTransfer.setData("text/plain", "cargo")
    d.ondragover = (e) => e.preventDefault()
    d.ondrop = (e) => { e.preventDefault(); L.push("drop " + e.dataTransfer.getData("text/plain")) }</script>]]
  page.mouse:move(20, 20)
  page.mouse:down()
  page.mouse:move(30, 30)
  page.mouse:move(30, 60, { steps = 3 })
  page.mouse:up()
  t.equal(page:eval("L.join()"), "drop cargo")
end)

t.test("upload: one, several, hidden input, label, chooser", function()
  local folder = t.tmp()
  local a, b = folder .. "/a.txt", folder .. "/b ü.txt"
  karun.file.write(a, "alpha")
  karun.file.write(b, "beta")
  local page = t.html [[<!doctype html><input type=file id=one><input type=file id=many multiple style="display:none">
    <label for=many id=l>Files</label><button id=open>Open</button><button id=dead>Dead</button><script>window.L = []
    const read = async (input) => { for (const f of input.files) L.push(f.name + "=" + await f.text()); L.push("end") }
    one.onchange = () => read(one); many.onchange = () => read(many)
    open.onclick = null
    document.getElementById("open").onclick = () => { const i = document.createElement("input"); i.type = "file";
      i.onchange = () => read(i); i.click() }
    </script>]]
  local function seen()
    page:wait_js("L.includes('end')")
    return table.concat(page:eval("L.splice(0)"), " ")
  end
  page:upload("#one", a)
  t.equal(seen(), "a.txt=alpha end")
  page:upload("#many", { a, b })
  t.equal(seen(), "a.txt=alpha b ü.txt=beta end")
  page:upload("#l", b)
  t.equal(seen(), "b ü.txt=beta end")
  page:upload("#open", a)
  t.equal(seen(), "a.txt=alpha end")
  t.equal(t.error("file", page.upload, page, "#one", folder .. "/none").path, folder .. "/none")
  t.error("usage", page.upload, page, "#one", { a, b })
  t.error("not_applied", page.upload, page, "#dead", a, { timeout = 0.2 })
end)
