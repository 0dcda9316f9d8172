-- The main job as a whole, through the command line, on the demo site.

local karun = require "karun"
local stage = require "stage"
local t = require "karun.test"

local function ok(result)
  t.equal(result.code, 0, result.err)
end

t.test("six tracks, every one soloed, proven and filed under its name", { timeout = 120 }, function()
  local site = stage.site()
  local result, out = stage.download(site, { stage.song.six })
  ok(result)
  t.same(stage.files(out), {
    "The Paper Lanterns - Night Drive/01 Click.mp3", "The Paper Lanterns - Night Drive/02 Drum Kit.mp3",
    "The Paper Lanterns - Night Drive/03 Bass.mp3", "The Paper Lanterns - Night Drive/04 Electric Guitar.mp3",
    "The Paper Lanterns - Night Drive/05 Synth Pads.mp3", "The Paper Lanterns - Night Drive/06 Lead Vocal.mp3",
  })
  t.equal(stage.builds(site), 6, "one build a track")
  t.match(result.err, "done 6, skipped 0, failed 0")
end)

t.test("a second run requests nothing that is done; a moved file is known by its bytes", { timeout = 180 }, function()
  local site = stage.site()
  local first, out = stage.download(site, { stage.song.three })
  ok(first)
  local builds = stage.builds(site)
  local second = stage.download(site, { stage.song.three }, {}, { out = out })
  ok(second)
  t.equal(stage.builds(site), builds)
  t.match(second.err, "done 0, skipped 3, failed 0")
  local name = stage.files(out)[1]
  karun.file.move(out .. "/" .. name, out .. "/renamed.mp3")
  ok(stage.download(site, { stage.song.three }, {}, { out = out }))
  t.equal(stage.builds(site), builds)
  karun.file.remove(out .. "/renamed.mp3")
  ok(stage.download(site, { stage.song.three }, {}, { out = out }))
  t.equal(stage.builds(site), builds + 1)
  t.equal(#stage.files(out), 3)
end)

t.test("both markups, odd captions and letters of any script", { timeout = 240 }, function()
  for _, markup in ipairs { "legacy", "newer" } do
    local site = stage.site { markup = markup }
    local result, out = stage.download(site, { stage.song.unicode, stage.song.odd }, { "--tracks", "1,2" })
    ok(result)
    t.equal(#stage.files(out), 4, markup)
  end
end)

t.test("chosen tracks: names, numbers, all but; an unknown one names the nearest", { timeout = 180 }, function()
  local site = stage.site()
  local result, out = stage.download(site, { stage.song.six }, { "--tracks", "Bass,2" })
  ok(result)
  t.same(stage.files(out), {
    "The Paper Lanterns - Night Drive/02 Drum Kit.mp3", "The Paper Lanterns - Night Drive/03 Bass.mp3",
  })
  local wrong = stage.download(site, { stage.song.six }, { "--tracks", "Bas" }, { out = out })
  t.equal(wrong.code, 4)
  t.match(wrong.err, "did you mean Bass")
end)

t.test("dry run prints the plan and presses nothing", { timeout = 120 }, function()
  local site = stage.site()
  local result, out = stage.download(site, { stage.song.three }, { "--dry-run" })
  ok(result)
  t.equal(stage.builds(site), 0)
  t.equal(#stage.files(out), 0)
  t.match(result.out, "01 ")
end)

t.test("a song not bought, no song, an address that is not there: each its own error, nothing pressed", { timeout = 180 },
  function()
    local site = stage.site()
    local result = stage.download(site, { stage.song.not_bought, "/custombackingtrack/nobody/nothing.html" })
    t.equal(result.code, 4)
    t.match(result.err, "not_purchased")
    t.match(result.err, "http: ")
    t.equal(#site.log:list "cart_add", 0)
    t.equal(stage.builds(site), 0)
  end)

t.test("a wrong password is tried once and ends with 5", { timeout = 60 }, function()
  local site = stage.site()
  local result = stage.download(site, { stage.song.three }, {}, { env = { KARUN_PASSWORD = "wrong-word" } })
  t.equal(result.code, 5, result.err)
  t.equal(#site.log:list "login_refused", 1)
  t.ok(not (result.err .. result.out):find("wrong%-word"), "the password is printed nowhere")
end)

t.test("without credentials and without a terminal it ends with 5 before anything starts", function()
  local site = stage.site()
  local result = stage.download(site, { stage.song.three }, {}, { env = { KARUN_USERNAME = false, KARUN_PASSWORD = false } })
  t.equal(result.code, 5, result.err)
  t.equal(#site.log:list "request", 0)
end)

t.test("a human check ends a headless run with 6 and nothing is pressed", { timeout = 60 }, function()
  local site = stage.site { faults = { human_check = true } }
  local result = stage.download(site, { stage.song.three })
  t.equal(result.code, 6, result.err)
  t.match(result.err, "%-%-visible")
  t.equal(#site.log:list "human", 0)
end)

t.test("the second run on one account says who holds the lock", { timeout = 60 }, function()
  local site = stage.site { profile = "seed" }
  local out = t.tmp() .. "/songs"
  local first = karun.spawn(karun.try, stage.download, site, { stage.song.three }, {}, { out = out, timeout = 40 })
  karun.wait.until_true(function()
    return #site.log:list "request" > 0
  end, { timeout = 30 })
  local second = stage.download(site, { stage.song.three }, {}, { out = out })
  t.equal(second.code, 11, second.err)
  t.match(second.err, "%d+")
  first:cancel()
  karun.try(first.join, first)
end)

t.test("--last-failed does again what failed, and only that", { timeout = 180 }, function()
  local site = stage.site { faults = { build_error = { track = 1 } } }
  local first, out = stage.download(site, { stage.song.three }, { "--set", "retry.delay=0.1" })
  t.equal(first.code, 4, first.err)
  t.equal(#stage.files(out), 2)
  t.match(first.err, "failed: Short Song: Ukulele: http: ")
  site.faults:set { build_error = false }
  local before = stage.builds(site)
  local second = stage.download(site, {}, { "--last-failed" }, { out = out })
  t.equal(second.code, 0, second.err)
  t.equal(stage.builds(site), before + 1)
  t.equal(#stage.files(out), 3)
  local third = stage.download(site, {}, { "--last-failed" }, { out = out })
  t.equal(third.code, 0, third.err)
  t.equal(stage.builds(site), before + 1)
end)

t.test("the browser's own transfers file the same", { timeout = 180 }, function()
  local site = stage.site()
  local result, out = stage.download(site, { stage.song.three }, { "--transfer", "browser" })
  t.equal(result.code, 0, result.err)
  t.equal(#stage.files(out), 3)
  t.equal(stage.builds(site), 3)
end)
