-- report.html: what stands in it, how big it is, and how it behaves in a real browser.

local fixture = require "fixture"
local html = require "karun.report.html"
local model = require "karun.report.model"
local runs = require "runs"
local t = require "karun.test"

local function report(options)
  local built = model.build(fixture.input(options))
  return html.text(built, { pictures = options.pictures or {}, history = options.history or {} }), built
end

t.test("the seed's table: each component with time, share and verdict, and what is left to gain", function()
  local text, built = report { tracks = 6 }
  local by_name = {}
  for _, one in ipairs(built.components) do by_name[one.name] = one end
  t.equal(by_name.prepare.verdict, "the site's time")
  t.equal(by_name.sync.verdict, "too much waiting")
  t.ok(math.abs(by_name.sync.gain_s - by_name.sync.dur_s) < 1e-6)
  t.ok(by_name.prepare.site_s > 0.9 * by_name.prepare.dur_s - 1)
  t.ok(built.bound_s > 0 and built.bound_s < built.wall_s)
  for _, words in ipairs { "By component", "too much waiting", "Physical bound", "By track", "Slowest waits", "Done again",
    "Memory and processor", "Selectors that drifted", "Earlier runs" } do
    if words ~= "Earlier runs" then t.ok(text:find(words, 1, true), words) end
  end
  t.ok(text:find("download = { &quot;a[class*=&#39;download&#39;]&quot;, &quot;a.download&quot; }", 1, true), "the edit to make")
end)

t.test("the three shares are the whole, and overlap is not counted twice", function()
  local built = model.build {
    wall_s = 10, spans = { { name = "prepare", phase = "prepare", start_s = 0, dur_s = 6, song = "S", track = "A", outcome = "ok" },
      { name = "prepare", phase = "prepare", start_s = 4, dur_s = 4, song = "S", track = "B", outcome = "ok" } },
    ops = { { kind = "wait", name = "w", start_s = 0, dur_s = 6 }, { kind = "protocol", name = "p", start_s = 5, dur_s = 1 },
      { kind = "pause", name = "pause", start_s = 8, dur_s = 2 } },
    requests = { { start_s = 1, dur_s = 2 }, { start_s = 2, dur_s = 2 } }, songs = {}, failures = {}, presses = {}, drifts = {},
    notes = {}, samples = {},
  }
  t.equal(built.phases.prepare, 8.0)
  t.same(built.share, { site_s = 3.0, working_s = 3.0, waiting_s = 4.0 })
  t.equal(built.songs[1].tracks[1].dur_s, 6.0)
end)

t.test("names from a page cannot break out of the report", function()
  local input = fixture.input { tracks = 1 }
  input.spans[3].track = '<script>alert("x")</script>'
  input.songs[1].name = "a' onmouseover='x"
  local text = html.text(model.build(input), {})
  t.ok(not text:find("<script>alert", 1, true))
  t.ok(not text:find("' onmouseover='x", 1, true))
end)

t.test("fifty tracks with pictures stay under 500 kB; no address but the site's", function()
  local pictures = {}
  for i = 1, 50 do pictures[i] = ("A"):rep(30000) end
  local text = report { tracks = 50, failures = true, pictures = pictures }
  t.ok(#text < 500000, #text)
  t.ok(#text > 100000, #text)
  t.ok(not text:find("http", 1, true), text:match("http.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?"))
  t.ok(not text:find("//[%w]+%.[%w]"), "no address without a scheme either")
end)

local function opened(options, width)
  local path = runs.write(t.tmp() .. "/report.html", (report(options)))
  local page = t.page()
  page:set_viewport(width, 800)
  page:open("file://" .. path)
  return page
end

t.test("a phone's width: nothing scrolls sideways but tables and timeline in their boxes", function()
  for _, tracks in ipairs { 6, 50 } do
    local page = opened({ tracks = tracks, failures = true }, 360)
    t.equal(page:eval("document.documentElement.scrollWidth"), 360)
    t.equal(page:eval("getComputedStyle(document.querySelector('.scroll')).overflowX"), "auto")
  end
end)

t.test("the timeline: hover, zoom and keys say and show each bar", function()
  local page = opened({ tracks = 6 }, 1100)
  local lines = page:console()
  t.equal(#lines, 0)
  page:find("#timeline .lane i"):nth(3):hover()
  page:find("#said"):wait { text = "solo: 9.1 s" }
  local before = page:eval("document.querySelector('#timeline .wide').offsetWidth")
  page:find('button[data-zoom="in"]'):click()
  t.ok(page:eval("document.querySelector('#timeline .wide').offsetWidth") > before * 1.4)
  page:find('button[data-zoom="fit"]'):click()
  t.equal(page:eval("document.querySelector('#timeline .wide').offsetWidth"), before)
  page:find("#timeline"):focus()
  page:press("ArrowRight")
  page:find("#said"):wait { text = "run, login" }
  page:press("ArrowRight")
  page:find("#said"):wait { text = "run, open" }
  page:press("ArrowDown")
  page:find("#said"):wait { text = "Intro Count (Click + Key), solo" }
  page:press("+")
  t.ok(page:eval("document.querySelector('#timeline .wide').offsetWidth") > before)
end)

t.test("light, dark and print each have readable words; a screen reader finds headings, tables, pictures", function()
  local page = opened({ tracks = 6 }, 1100)
  local CONTRAST = [[() => {
    const light = (c) => { const [r, g, b] = c.match(/[\d.]+/g).map(Number).map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const card = light(getComputedStyle(document.querySelector("section")).backgroundColor);
    return Math.min(...[...document.querySelectorAll("h1,h2,p,td,th,caption,.soft,.warn,.done,.failed,.state")].map((e) => {
      const ink = light(getComputedStyle(e).color); return (Math.max(ink, card) + 0.05) / (Math.min(ink, card) + 0.05); }));
  }]]
  for _, scheme in ipairs { "light", "dark" } do
    page:emulate { color_scheme = scheme }
    t.ok(page:eval(CONTRAST) >= 4.5, scheme .. ": " .. page:eval(CONTRAST))
  end
  page:emulate { color_scheme = "light", media = "print" }
  t.equal(page:eval("getComputedStyle(document.querySelector('.tools')).display"), "none")
  t.equal(page:eval("[...document.querySelectorAll('table')].filter((e) => !e.caption || !e.querySelector('th[scope]')).length"), 0)
  t.equal(page:eval("[...document.querySelectorAll('svg')].filter((e) => !e.getAttribute('aria-label')).length"), 0)
  t.equal(page:eval("document.querySelectorAll('h1').length"), 1)
end)
