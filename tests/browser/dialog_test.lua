-- Dialogs of all kinds, at any moment, with and without somebody who answers.

local karun = require "karun"
local t = require "karun.test"

local function html(body)
  return { headers = { ["content-type"] = "text/html; charset=utf-8" }, body = "<!doctype html>" .. body }
end

local LEAVE = "<title>leave</title><button onclick='clicked = 1'>x</button>"
  .. "<script>addEventListener('beforeunload', (e) => { e.preventDefault(); e.returnValue = 'x'; })</script>"

local function open(extra)
  local routes = { ["GET /"] = function() return html "<title>home</title>" end, ["GET /leave"] = function() return html(LEAVE) end }
  for key, fn in pairs(extra or {}) do
    routes[key] = fn
  end
  local server = t.serve(routes)
  local page = t.page()
  page:open(server.url)
  return page, server
end

local function quiet()
  karun.log.show "warn"
  t.after(function() karun.log.show "info" end)
end

-- A page whose beforeunload will ask: Chromium wants to have seen a hand first.
local function open_leave()
  local page, server = open()
  page:open(server.url .. "/leave")
  page:cdp("Runtime.evaluate", { expression = "document.querySelector('button').click()", userGesture = true })
  return page, server
end

t.test("nobody answers: alert, confirm and prompt are dismissed, the script goes on", function()
  quiet()
  local page = open()
  t.same(page:eval("[alert('a'), confirm('b'), prompt('c', 'd')]"), { karun.json.null, false, karun.json.null })
end)

t.test("a handler answers each kind; what it sees of them", function()
  local page = open()
  local seen = {}
  page:on("dialog", function(dialog)
    seen[#seen + 1] = { dialog.type, dialog.message, dialog.default }
    dialog:accept(dialog.message == "own" and "mine" or nil)
  end)
  t.same(page:eval("[alert('a'), confirm('b'), prompt('c', 'd'), prompt('own')]"), { karun.json.null, true, "d", "mine" })
  t.same(seen, { { "alert", "a" }, { "confirm", "b" }, { "prompt", "c", "d" }, { "prompt", "own" } })
end)

t.test("a handler that waits, one that fails, one that does not answer", function()
  quiet()
  local page = open()
  local off = page:on("dialog", function(dialog)
    karun.sleep(0.02)
    dialog:accept()
  end)
  t.equal(page:eval("confirm('x')"), true)
  off()
  off = page:on("dialog", function() error(karun.error("content", "mine")) end)
  t.equal(page:eval("confirm('x')"), false)
  t.error("content", page.title, page)
  off()
  page:on("dialog", function() end)
  t.equal(page:eval("confirm('x')"), false)
end)

t.test("two handlers: whichever answers first counts, the other may do nothing", function()
  local page = open()
  local calls = 0
  page:on("dialog", function() calls = calls + 1 end)
  page:on("dialog", function(dialog)
    karun.sleep(0.02)
    dialog:accept()
  end)
  page:on("dialog", function(dialog)
    karun.sleep(0.04)
    calls = calls + 1
    dialog:dismiss()
  end)
  t.equal(page:eval("confirm('x')"), true)
  karun.wait.until_true(function() return calls == 2 end, { every = 0.01 })
end)

t.test("expect: it is ours to answer, until then calls raise `dialog`", function()
  local page = open()
  local dialog = page:expect("dialog", function() page:eval("void (window.got = confirm('sure?'))") end)
  t.equal(dialog.type, "confirm")
  t.equal(dialog.message, "sure?")
  t.equal(dialog.answer, nil)
  t.match(t.error("dialog", page.title, page).message, "sure%?")
  t.error("dialog", page.eval, page, "1")
  dialog:accept()
  dialog:dismiss()
  t.equal(dialog.answer, "accepted")
  t.equal(page:wait_js("window.got !== undefined"), true)
  t.equal(page:eval("got"), true)
  t.match(t.error("usage", function() dialog:acept() end).message, "accept")
end)

t.test("expect by message, and none in time", function()
  local page = open()
  local dialog = page:expect("dialog", function() page:eval("prompt('name?', 'x')") end, { match = "name" })
  dialog:accept("anna")
  t.error("timeout", page.expect, page, "dialog", nil, { timeout = 0.01 })
end)

t.test("a dialog at load, with nobody, with a handler, and expected", function()
  quiet()
  local page, server = open { ["GET /load"] = function()
    return html "<script>got = confirm('load')</script><title>loaded</title><script>alert('again')</script>"
  end }
  page:open(server.url .. "/load")
  t.equal(page:eval("got"), false)
  local dialog = page:expect("dialog", function() page:open(server.url .. "/load") end)
  t.equal(dialog.message, "load")
  local second = page:expect("dialog", function() dialog:accept() end)
  t.equal(second.message, "again")
  second:accept()
  page:wait_load()
  t.equal(page:eval("got"), true)
  page:on("dialog", function(each) each:accept() end)
  page:reload()
  t.equal(page:title(), "loaded")
end)

t.test("dialogs in frames of the same and of another site", function()
  quiet()
  local page, server = open {
    ["GET /frames"] = function(request)
      local other = "http://localhost:" .. request.headers.host:match("%d+$")
      return html(("<iframe name=one src=/></iframe><iframe name=two src='%s/'></iframe>"):format(other))
    end,
  }
  page:open(server.url .. "/frames")
  for _, name in ipairs { "one", "two" } do
    local frame = page:frame(name)
    t.equal(frame:eval("confirm('nobody')"), false)
    local dialog = page:expect("dialog", function() frame:eval("void (window.got = confirm('f'))") end)
    dialog:accept()
    frame:wait_js("window.got !== undefined")
    t.equal(frame:eval("got"), true)
    local off = page:on("dialog", function(each) each:accept() end)
    t.equal(frame:eval("confirm('handler')"), true)
    off()
  end
end)

t.test("dialogs in popups", function()
  quiet()
  local page = open { ["GET /pop"] = function() return html "<script>got = confirm('at load')</script><title>pop</title>" end }
  local popup = page:expect("popup", function() page:eval("void window.open('/pop')") end)
  popup:wait_load()
  t.equal(popup:eval("got"), false)
  local dialog = popup:expect("dialog", function() popup:eval("alert('later')") end)
  dialog:accept()
  t.equal(popup:title(), "pop")
  page.context:on("dialog", function(each) each:accept() end)
  t.equal(popup:eval("confirm('context')"), true)
end)

t.test("beforeunload: nobody answers, and the page is left", function()
  quiet()
  local page, server = open_leave()
  t.equal(page:open(server.url).status, 200)
  t.equal(page:title(), "home")
end)

t.test("beforeunload dismissed: open, reload and back are `navigation`, the page stays and is usable", function()
  local page, server = open_leave()
  local off = page:on("dialog", function(dialog)
    t.equal(dialog.type, "beforeunload")
    dialog:dismiss()
  end)
  t.match(t.error("navigation", page.open, page, server.url).message, "refused")
  t.equal(page:title(), "leave")
  t.error("navigation", page.reload, page)
  t.error("navigation", page.back, page)
  t.equal(page:title(), "leave")
  off()
  page:on("dialog", function(dialog) dialog:accept() end)
  t.equal(page:open(server.url).status, 200)
end)

t.test("close asks beforeunload only with unload=true; dismissed, the page stays", function()
  local page = open_leave()
  local asked = 0
  local answer = "dismiss"
  page:on("dialog", function(dialog)
    asked = asked + 1
    dialog[answer](dialog)
  end)
  page:close { unload = true }
  t.equal(asked, 1)
  t.equal(page:closed(), false)
  t.equal(page:title(), "leave")
  answer = "accept"
  page:close { unload = true }
  t.equal(asked, 2)
  t.equal(page:closed(), true)
  local other = open_leave()
  other:on("dialog", function() asked = asked + 1 end)
  other:close()
  t.equal(other:closed(), true)
  t.equal(asked, 2)
end)

t.test("close{unload=true} with the dialog expected", function()
  local page = open_leave()
  local dialog = page:expect("dialog", function() page:close { unload = true } end)
  t.equal(dialog.type, "beforeunload")
  t.equal(page:closed(), false)
  dialog:accept()
  karun.wait.until_true(function() return page:closed() end, { every = 0.01 })
end)

t.test("a page with an open dialog can be closed", function()
  local page = open()
  page:expect("dialog", function() page:eval("alert('x')") end)
  page:close()
  t.equal(page:closed(), true)
end)
