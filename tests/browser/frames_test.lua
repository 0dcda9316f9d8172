-- Elements in frames: by >>, by page:frame, of the same site and of another.

local karun = require "karun"
local t = require "karun.test"

local function html(body)
  return function()
    return { headers = { ["content-type"] = "text/html; charset=utf-8" }, body = "<!doctype html><style>body{margin:0}</style>" .. body }
  end
end

local INNER = [[<div style="height:20px"></div><button id=a>A</button><input id=i><select id=s><option>one<option>two</select>
  <p class=x>inner</p><script>window.L = []; addEventListener("click", (e) => { if (e.target.id) L.push(e.isTrusted + e.target.id) })
  document.getElementById("a").onclick = (e) => { e.target.className = "hit" }</script>]]

-- 127.0.0.1 and localhost are two sites.
local function other_site(server)
  return (server.url:gsub("127%.0%.0%.1", "localhost"))
end

local function works(page, button, within)
  t.equal(within("#a"):text(), "A")
  within("#a"):click()
  within("#a"):wait { class = "hit" }
  t.equal(within("#i"):fill("x"), "x")
  t.equal(within("#i"):type("yé"), "xyé")
  within("#i"):press("Backspace")
  t.equal(within("#i"):value(), "xy")
  within("#s"):select("two")
  within("#a"):hover()
  t.equal(within("p.x"):count(), 1)
  t.equal(within("#none"):exists(), false)
  t.equal(within("p.x"):pin():text(), "inner")
  t.equal(within("#a"):eval("(el) => el.ownerDocument.defaultView.L.join()"), "truea")
  local err = t.error("not_found", function() within("#none"):click { timeout = 1 } end)
  t.match(err.url, "/in")
  t.ok(page and button)
end

local function site_of(outer)
  local server
  server = t.serve {
    ["GET /"] = function(request) return html(outer(server, request))(request) end,
    ["GET /in"] = html(INNER),
    ["GET /mid"] = function(request)
      return html([[<h3>mid</h3><iframe id=deep name=deep style="border:7px solid red;margin-left:30px" width=500 height=250
        src="]] .. server.url .. [[/in"></iframe>]])(request)
    end,
  }
  return server
end

local CASES = {
  { "same site", function(server) return server.url .. "/in", "#f >> " end },
  { "another site", function(server) return other_site(server) .. "/in", "#f >> " end },
  { "another site in between", function(server) return other_site(server) .. "/mid", "#f >> #deep >> " end },
}

for _, case in ipairs(CASES) do
  t.test(("by >>: %s"):format(case[1]), function()
    local server = site_of(function(server)
      return ([[<h1>top</h1><iframe id=f name=f style="border:5px solid;padding:10px" width=700 height=400 src="%s">
        </iframe>]]):format((case[2](server)))
    end)
    local _, prefix = case[2](server)
    local page = t.page()
    page:open(server.url)
    works(page, "#a", function(selector) return page:find(prefix .. selector) end)
  end)

  t.test(("page:frame: %s"):format(case[1]), function()
    local server = site_of(function(server)
      return ([[<h1>top</h1><iframe id=f name=f style="border:5px solid" width=700 height=400 src="%s"></iframe>]]):format((case[2](server)))
    end)
    local page = t.page()
    page:open(server.url)
    local frame = page:frame("/in")
    works(page, "#a", function(selector) return frame:find(selector) end)
    t.equal(frame:text("p.x"), "inner")
    t.equal(frame:count("p"), 1)
    t.equal(frame:eval("document.querySelector('p').className"), "x")
  end)
end

t.test("page:frame by name first, by pattern, by function, by locator; it waits", function()
  local server
  server = t.serve {
    ["GET /"] = html [[<iframe name=one src=/two></iframe><iframe id=x name=two src=/one></iframe><script>
      setTimeout(() => { const f = document.createElement("iframe"); f.name = "late"; f.src = "/one?late"; document.body.append(f) }, 100)</script>]],
    ["GET /one"] = html "<p>one</p>", ["GET /two"] = html "<p>two</p>",
  }
  local page = t.page()
  page:open(server.url)
  t.equal(page:frame("one"):text("p"), "two")
  t.equal(page:frame("/tw*"):name(), "one")
  t.equal(page:frame(function(url) return url:match("/one$") end):name(), "two")
  t.equal(page:frame(page:find("#x")):name(), "two")
  t.equal(page:frame("late"):text("p"), "one")
  t.equal(page:frame("late"):parent(), page:main_frame())
  t.equal(#page:frames(), 4)
  local err = t.error("timeout", page.frame, page, "nope", { timeout = 0.5 })
  t.match(tostring(err), "late")
  t.error("usage", page.frame, page, page:find("script"))
end)

t.test("an element far down in a frame far down is scrolled to", function()
  for _, host in ipairs { "127.0.0.1", "localhost" } do
    local server
    server = t.serve {
      ["GET /"] = function(request)
        return html(([[<div style="height:2500px"></div><iframe id=f width=500 height=3000 src="%s/in"></iframe><div style="height:2500px"></div>]])
          :format((server.url:gsub("127%.0%.0%.1", host))))(request)
      end,
      ["GET /in"] = html [[<div style="height:2600px"></div><button id=a onclick="this.className = 'hit'">A</button>]],
    }
    local page = t.page()
    page:open(server.url)
    page:click("#f >> #a")
    t.equal(page:has_class("#f >> #a", "hit"), true)
  end
end)

t.test("a cover over the frame: waited for, or covered; it never gets the click", function()
  for _, host in ipairs { "127.0.0.1", "localhost" } do
    local server
    server = t.serve {
      ["GET /"] = function(request)
        return html(([[<iframe id=f width=500 height=300 src="%s/in"></iframe><div id=cover style="position:fixed;inset:0"></div>
          <script>window.L = []; addEventListener("pointerdown", (e) => L.push(e.target.id), true)</script>]])
          :format((server.url:gsub("127%.0%.0%.1", host))))(request)
      end,
      ["GET /in"] = html(INNER),
    }
    local page = t.page()
    page:open(server.url)
    local button = page:find("#f >> #a")
    button:wait { state = "stable" }
    local err = t.error("covered", button.click, button, { timeout = 2 })
    t.match(err.covered_by, "cover")
    page:eval("() => { setTimeout(() => cover.remove(), 150) }")
    button:click()
    t.equal(button:has_class("hit"), true)
    t.equal(page:eval("L.join()"), "")
  end
end)

t.test("a cover that comes over the frame at the last moment gets nothing", function()
  local server = t.serve {
    ["GET /"] = html [[<iframe id=f width=500 height=300 src="/in"></iframe><div id=cover style="position:fixed;inset:0;display:none"></div>
      <script>window.L = []; addEventListener("pointerdown", (e) => L.push(e.target.id), true)
      const late = () => { cover.style.display = ""; setTimeout(() => cover.remove(), 200) }</script>]],
    ["GET /in"] = html(INNER .. [[<script>addEventListener("mousemove", () => parent.eval("late()"), { once: true })</script>]]),
  }
  local page = t.page()
  page:open(server.url)
  page:click("#f >> #a")
  t.equal(page:has_class("#f >> #a", "hit"), true)
  t.equal(page:eval("L.join()"), "")
end)

t.test("detached mid-call: a frame's own calls end, a chain through it begins again", function()
  local server = t.serve { ["GET /"] = html [[<div id=box><iframe id=f src=/in></iframe></div>]], ["GET /in"] = html(INNER) }
  local page = t.page()
  page:open(server.url)
  local frame = page:frame("/in")
  frame:wait("#a")
  local chain = karun.spawn(function() page:find("#f >> #later"):wait { timeout = 20 } end)
  local own = karun.spawn(function() frame:wait("#later") end)
  karun.sleep(0.05)
  page:eval("() => { box.innerHTML = '' }")
  t.error("frame_detached", own.join, own)
  t.error("frame_detached", frame.text, frame, "#a")
  page:eval("() => { box.innerHTML = '<iframe id=f src=/in></iframe>' }")
  local again = page:frame("/in")
  again:wait("#a")
  again:eval("() => { document.body.insertAdjacentHTML('beforeend', '<u id=later>x</u>') }")
  chain:join()
end)

t.test("srcdoc, about:blank and nested frames of steps", function()
  local page = t.html [[<!doctype html><iframe id=s srcdoc="<p>doc</p><iframe srcdoc='<b>deep</b>'></iframe>"></iframe><iframe id=e></iframe><script>
    setTimeout(() => { e.contentDocument.body.innerHTML = "<i>written</i>" }, 50)</script>]]
  t.equal(page:text("#s >> p"), "doc")
  t.equal(page:text("#s >> iframe >> b"), "deep")
  t.equal(page:find("#s"):find("iframe"):find("b"):text(), "deep")
  t.equal(page:find("iframe"):first():find("p"):text(), "doc")
  t.equal(page:text("#e >> i"), "written")
  t.error("ambiguous", page.text, page, "iframe >> p")
  t.same(page:texts("#s >> p"), { "doc" })
end)

t.test("drag, upload and focus in a frame of another site", function()
  local server
  server = t.serve {
    ["GET /"] = function(request) return html(([[<h1>top</h1><iframe id=f width=600 height=400 src="%s/in">
      </iframe>]]):format(other_site(server)))(request) end,
    ["GET /in"] = html [[<div id=s draggable=true style="width:80px;height:40px;background:red">s</div>
      <div id=d style="width:80px;height:40px;background:blue">d</div>
      <input type=file id=file><script>s.ondragstart = (e) => e.dataTransfer.setData("text/plain", "cargo")
      d.ondragover = (e) => e.preventDefault(); d.ondrop = (e) => { e.preventDefault();
        d.textContent = e.dataTransfer.getData("text/plain") }</script>]],
  }
  local page = t.page()
  page:open(server.url)
  page:find("#f >> #s"):drag_to(page:find("#f >> #d"))
  page:find("#f >> #d"):wait { text = "cargo" }
  local path = t.tmp() .. "/x.txt"
  karun.file.write(path, "x")
  page:upload("#f >> #file", path)
  t.equal(page:find("#f >> #file"):eval("(el) => el.files[0].name"), "x.txt")
end)
