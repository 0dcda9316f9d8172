-- What a page believes of its surroundings, set for a context, a page, or by the protocol itself.

local t = require "karun.test"

local HOME = "<title>home</title>"

t.test("a context's viewport, locale, time zone, user agent and headers hold from the first script on", function()
  local heard
  local server = t.serve {
    ["GET /"] = function(request)
      heard = request.headers
      return { headers = { ["content-type"] = "text/html" }, body = "<script>first = [innerWidth, innerHeight, navigator.language,"
        .. " Intl.DateTimeFormat().resolvedOptions().timeZone, navigator.userAgent, window.early]</script>" }
    end,
  }
  local page = t.page {
    viewport = { 800, 600 }, locale = "de-DE", timezone = "Asia/Tokyo", user_agent = "Karun Test",
    headers = { ["X-Own"] = "yes" }, init_script = "window.early = 'init'",
  }
  page:open(server.url)
  local want = { 800, 600, "de-DE", "Asia/Tokyo", "Karun Test", "init" }
  t.same(page:eval("first"), want)
  t.equal(heard["x-own"], "yes")
  t.equal(heard["user-agent"], "Karun Test")
  t.match(heard["accept-language"], "^de")
  local popup = page:expect("popup", function() page:eval("void window.open('/', '_blank', 'noopener')") end)
  popup:wait_load()
  local seen = popup:eval("first")
  t.same({ table.unpack(seen, 3) }, { table.unpack(want, 3) })
  t.equal(heard["x-own"], "yes")
end)

t.test("what a context cannot be is `usage`", function()
  local browser = t.browser()
  t.error("usage", browser.context, browser, { viewport = { 0, 1 } })
  t.error("usage", browser.context, browser, { locale = 7 })
  t.match(t.error("usage", browser.context, browser, { time_zone = "UTC" }).message, "timezone")
  local context = browser:context { timezone = "Mars/Olympus" }
  t.after(function() context:close() end)
  t.match(t.error("usage", context.page, context).message, "Mars")
  t.equal(#context:pages(), 0)
end)

t.test("set_viewport changes the window, media queries follow", function()
  local page = t.html("<style>@media (max-width: 500px) { p { color: red } }</style><p>x")
  page:set_viewport(400, 300)
  t.same(page:eval("[innerWidth, innerHeight, getComputedStyle(document.querySelector('p')).color]"),
    { 400, 300, "rgb(255, 0, 0)" })
  t.error("usage", page.set_viewport, page, 0, 10)
  t.error("usage", page.set_viewport, page, "a", 10)
end)

t.test("emulate media and colours, and take them back", function()
  local page = t.html(HOME)
  local ask = "[matchMedia('print').matches, matchMedia('(prefers-color-scheme: dark)').matches]"
  t.same(page:eval(ask), { false, false })
  page:emulate { media = "print" }
  page:emulate { color_scheme = "dark" }
  t.same(page:eval(ask), { true, true })
  page:emulate { media = false }
  t.same(page:eval(ask), { false, true })
  page:emulate { color_scheme = "light" }
  t.same(page:eval(ask), { false, false })
end)

t.test("emulate a time zone and a user agent, also after a navigation and in frames", function()
  local page, server = t.html "<iframe srcdoc='<p>in'></iframe>"
  page:emulate { timezone = "America/New_York", user_agent = "Other" }
  page:open(server.url)
  local ask = "[new Date(0).getHours(), navigator.userAgent]"
  t.same(page:eval(ask), { 19, "Other" })
  t.same(page:frames()[2]:eval(ask), { 19, "Other" })
  page:emulate { user_agent = false }
  t.ok(page:eval("navigator.userAgent") ~= "Other")
  t.error("usage", page.emulate, page, { timezone = "Mars/Olympus" })
end)

t.test("offline: requests fail, and work again afterwards", function()
  local page, server = t.html(HOME)
  page:emulate { offline = true }
  t.equal(page:eval("navigator.onLine"), false)
  t.equal(t.error("net", page.open, page, server.url).net, "net::ERR_INTERNET_DISCONNECTED")
  page:emulate { offline = false }
  t.equal(page:open(server.url).status, 200)
  t.equal(page:eval("navigator.onLine"), true)
end)

t.test("emulate refuses what is none", function()
  local page = t.page()
  t.error("usage", page.emulate, page, { media = "radio" })
  t.error("usage", page.emulate, page, { offline = "yes" })
  t.match(t.error("usage", page.emulate, page, { colour_scheme = "dark" }).message, "color_scheme")
end)

t.test("places and throttling go by page:cdp", function()
  local page, server = t.html(HOME)
  page:cdp("Browser.grantPermissions", { origin = server.url, permissions = { "geolocation" },
    browserContextId = page.context.id })
  page:cdp("Emulation.setGeolocationOverride", { latitude = 48.5, longitude = 16.25, accuracy = 1 })
  t.same(page:eval([[() => new Promise((done, no) => navigator.geolocation.getCurrentPosition(
    (p) => done([p.coords.latitude, p.coords.longitude]), (e) => no(new Error(e.message))))]]), { 48.5, 16.25 })
  page:cdp("Emulation.setCPUThrottlingRate", { rate = 2 })
  page:cdp("Emulation.setCPUThrottlingRate", { rate = 1 })
  t.error("unsupported", page.cdp, page, "Page.fly")
  t.error("protocol", page.cdp, page, "Page.navigate", { url = 7 })
  t.error("usage", page.cdp, page)
end)
