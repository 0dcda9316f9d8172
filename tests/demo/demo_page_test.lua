-- The demo site as a browser meets it: the mixer in both markups, the ready dialog, key and count-in,
-- the two-phase models, what gets in the way.

local demo_path <const> = "examples/demo-site/init.lua"
local demo = assert(loadfile(demo_path, "t", _ENV))("demo-site", demo_path)
local t = require "karun.test"

local night_drive <const> = "/custombackingtrack/the-paper-lanterns/night-drive.html"
local link <const> = "[id^=link_addcart]"

-- A song's page, signed in, with the mixer listening.
local function open(options, song)
  local site = demo.start(options)
  t.after(function() site:close() end)
  local page = t.page()
  page:open(site.url .. "/my/login.html")
  page:fill("#frm_login", demo.user)
  page:fill("#frm_password", demo.password)
  page:click "#sbm"
  page:wait_url "/my/index.html"
  page:open(site.url .. (song or night_drive))
  page:wait_js "window.mixer"
  return page, site
end

local function solo(page, index)
  return page:find(('[data-index="%d"] .track__solo'):format(index))
end

local function order(page)
  page:click(link)
  local manual = page:find ".modal__overlay.is-open a.begin-download__manual-download"
  local text = manual:wait():text()
  page:click ".js-modal-close"
  page:find(".modal__overlay"):wait { state = "hidden" }
  return text
end

for _, markup in ipairs { "legacy", "newer" } do
  t.test("solo is exclusive and a toggle, " .. markup, function()
    local page = open { markup = markup, faults = { no_autostart = true } }
    solo(page, 1):click()
    solo(page, 3):click()
    t.equal(page:find(".track__solo.is-active"):count(), 1)
    t.equal(page:eval "mixer.getLevels()", "1,0.2,0.3,0.4,100.5,0.6,0")
    t.match(order(page), "%(Electric_Guitar_Custom_Backing_Track%)")
    solo(page, 3):click()
    t.equal(page:find(".track__solo.is-active"):count(), 0)
    t.equal(page:eval "mixer.getLevels()", "1,0.2,100.3,100.4,100.5,100.6,100")
    t.match(order(page), "Night_Drive%(Custom_Backing_Track%)")
  end)

  t.test("count-in and key are live, applied by the reload, remembered, " .. markup, function()
    local page, site = open { markup = markup, lang = "de", faults = { no_autostart = true } }
    page:check "#precount"
    page:find("button.pitch__button[onclick*='+']"):click()
    t.equal(page:eval "mixer.parameters.pitch", 0)
    page:click "#pitch-link"
    page:wait_js "mixer.parameters.pitch === 1"
    solo(page, 0):click()
    t.match(order(page), "%(Click_Custom_Backing_Track%)")
    local build = site.log:list("build_start")[1]
    t.equal(build.pitch, 1)
    t.equal(build.precount, 1)
    page:reload()
    t.equal(page:text ".pitch__value", "1")
    t.ok(page:checked "#precount", "the box is ticked again")
  end)
end

for _, sync in ipairs { "request", "silent" } do
  t.test("two-phase: a press too early renders the old mix, sync " .. sync, function()
    local page = open { model = "two_phase", sync = sync, faults = { sync_lag = 3600, no_autostart = true } }
    solo(page, 2):click()
    t.match(order(page), "Night_Drive%(Custom_Backing_Track%)")
  end)
end

t.test("the first presses of a page are lost", function()
  local page, site = open { faults = { lost_clicks = 2, no_autostart = true } }
  page:click(link)
  solo(page, 1):click()
  t.equal(page:find(".track__solo.is-active"):count(), 0)
  solo(page, 1):click()
  t.match(order(page), "Drum_Kit")
  t.equal(#site.log:list "basket", 1)
end)

t.test("a song that is not bought goes to the cart and is never built", function()
  local page, site = open({}, "/custombackingtrack/mara-quill/out-of-reach.html")
  t.ok(page:find(link):has_class "addtocart", "the link is one to buy")
  page:expect("response", function() page:click(link) end, { match = "bkac=add" })
  t.equal(#site.log:list "cart_add", 1)
  t.equal(#site.log:list "basket", 0)
end)

t.test("a cookie notice covers the mixer until accepted", function()
  local page = open { faults = { cookie_overlay = true } }
  local err = t.error("covered", function() solo(page, 1):click { timeout = 0 } end)
  t.match(err.covered_by, "cookie")
  page:click "#cookie-banner-close"
  solo(page, 1):click()
  t.equal(page:find(".track__solo.is-active"):count(), 1)
end)

t.test("the human check stands before every page until it is passed", function()
  local page, site = open {}
  site.faults:set { human_check = true }
  page:reload()
  t.equal(page:title(), "Suspicious activity has been detected")
  site.faults:set { human_check = false }
  page:wait_js "window.mixer"
end)

t.test("a ready dialog in a window of its own", function()
  local page = open { faults = { popup = "ready", no_autostart = true } }
  solo(page, 1):click()
  local window = page:expect("popup", function() page:click(link) end)
  t.match(window:find("a.begin-download__manual-download"):wait():text(), "Drum_Kit")
  window:close()
end)
