-- Pictures and PDFs.

local karun = require "karun"
local t = require "karun.test"

-- width and height out of a PNG's head
local function size_of(png)
  t.equal(png:sub(1, 8), "\137PNG\r\n\26\n")
  local w, h = string.unpack(">I4I4", png, 17)
  return { w, h }
end

-- The colour in the middle of a picture, as the page itself decodes it
local function middle(page, png)
  return page:eval([[async (data) => {
    const image = new Image(); image.src = 'data:image/png;base64,' + data; await image.decode();
    const c = document.createElement('canvas'); c.width = image.width; c.height = image.height;
    const g = c.getContext('2d'); g.drawImage(image, 0, 0);
    return [...g.getImageData(image.width >> 1, image.height >> 1, 1, 1).data];
  }]], require("karun.native.base64").encode(png))
end

local BODY = "<style>body { margin: 0; height: 3000px; background: white } div { position: absolute; left: 100px; top: 1500px;"
  .. " width: 80px; height: 60px; background: rgb(0, 128, 0) }</style><div></div>"

t.test("a picture of the window, as bytes or in a file whose folder is made", function()
  local page = t.html(BODY, { viewport = { 500, 400 } })
  t.same(size_of(page:screenshot()), { 500, 400 })
  local path = t.tmp() .. "/deep/er/shot.png"
  t.equal(select("#", page:screenshot(path)), 0)
  t.same(size_of(karun.file.read(path)), { 500, 400 })
  page:screenshot(path:gsub("png$", "jpg"), {})
  t.equal(karun.file.read((path:gsub("png$", "jpg"))):sub(1, 2), "\255\216")
end)

t.test("the whole page, and a part of the window, also of a scrolled one", function()
  local page = t.html(BODY, { viewport = { 500, 400 } })
  t.same(size_of(page:screenshot { full = true }), { 500, 3000 })
  page:eval("scrollTo(0, 1400)")
  local part = page:screenshot(nil, { clip = { 100, 100, 80, 60 } })
  t.same(size_of(part), { 80, 60 })
  t.same(middle(page, part), { 0, 128, 0, 255 })
  t.equal(page:eval("scrollY"), 1400)
  local below = page:screenshot(nil, { clip = { x = 0, y = 500, w = 20, h = 20 } })
  t.same(size_of(below), { 20, 20 })
end)

t.test("wrong pictures are `usage`, a file that cannot be written is `disk`", function()
  local page = t.html(BODY)
  t.error("usage", page.screenshot, page, nil, { clip = { 1, 2 } })
  t.error("usage", page.screenshot, page, nil, { clip = { 0, 0, 0, 5 } })
  t.error("usage", page.screenshot, page, nil, { clip = { 0, 0, 5, 5 }, full = true })
  t.match(t.error("usage", page.screenshot, page, nil, { ful = true }).message, "full")
  t.error("usage", page.screenshot, page, 7)
  t.error("disk", page.screenshot, page, "/proc/none/x.png")
end)

t.test("pages behind others give their picture too", function()
  local page = t.html(BODY, { viewport = { 300, 200 } })
  local other = page.context:page()
  other:bring_to_front()
  t.same(size_of(page:screenshot()), { 300, 200 })
end)

t.test("a PDF, in a file or as bytes", function()
  local page = t.html "<h1>Hello</h1>"
  t.match(page:pdf(), "^%%PDF%-")
  local path = t.tmp() .. "/page.pdf"
  page:pdf(path, { landscape = true })
  t.match(karun.file.read(path), "^%%PDF%-")
  t.error("usage", page.pdf, page, path, { landscap = true })
end)

t.test("an element: scrolled to, in the page and in frames of its own and another site", function()
  local inner = "<style>body { margin: 0; height: 2000px } div { margin: 900px 0 0 30px; width: 50px; height: 40px; background: rgb(200, 0, 0) }"
    .. "</style><div id=x></div>"
  local server = t.serve {
    ["GET /"] = function(request)
      local other = "http://localhost:" .. request.headers.host:match("%d+$")
      return { headers = { ["content-type"] = "text/html" },
        body = BODY .. ("<iframe name=one src=/in></iframe><iframe name=two src='%s/in' style='margin-top: 1700px'></iframe>"):format(other) }
    end,
    ["GET /in"] = function() return { headers = { ["content-type"] = "text/html" }, body = inner } end,
  }
  local page = t.page { viewport = { 500, 400 } }
  page:open(server.url)
  local shot = page:find("div"):screenshot()
  t.same(size_of(shot), { 80, 60 })
  t.same(middle(page, shot), { 0, 128, 0, 255 })
  for _, name in ipairs { "one", "two" } do
    local path = t.tmp() .. "/x.png"
    page:find(("iframe[name=%s] >> #x"):format(name)):screenshot(path)
    local picture = karun.file.read(path)
    t.same(size_of(picture), { 50, 40 })
    t.same(middle(page, picture), { 200, 0, 0, 255 }, name)
  end
  local none = page:find("#none")
  t.error("not_found", none.screenshot, none, { timeout = 0.05 })
end)
