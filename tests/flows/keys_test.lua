-- Key and count-in: read live, set, applied, proven by the order, put back; whatever the account remembers.

local stage = require "stage"
local t = require "karun.test"

-- What the account remembers of a song.
local function remembered(site, path)
  for _, song in ipairs(site.songs) do
    if site.song_path(song) == path then return site.sessions.settings(site.sessions.accounts[1], song) end
  end
end

local function orders(site)
  local out = {}
  for i, entry in ipairs(site.log:list "basket") do
    out[i] = { entry.pitch, entry.precount }
  end
  return out
end

for markup, lang in pairs { legacy = "en-gb", newer = "de" } do
  t.test("key and count-in of a list, and none where it names none (" .. markup .. ", " .. lang .. ")", { timeout = 120 }, function()
    local site = stage.site { markup = markup, lang = lang }
    local mine = remembered(site, stage.song.three)
    mine.pitch, mine.precount = 3, 1 -- set by hand, long ago
    local list = t.tmp() .. "/songs.lua"
    require("karun").file.write(list, ([[return {
      { url = "%s", tracks = { 2 } },
      { url = "%s", key = "+2", count_in = true, tracks = { 2 } },
      { url = "%s", key = -1, tracks = { 2 } },
    }]]):format(stage.song.three, stage.song.three, stage.song.two))
    local result, out = stage.download(site, {}, { "--songs", list, "--restore" })
    t.equal(result.code, 0, result.err)
    t.same(stage.files(out), {
      "Mara Quill - Short Song/02 Ukulele (+2).mp3", "Mara Quill - Short Song/02 Ukulele.mp3",
      "The Paper Lanterns - Two Chairs/02 Lead Vocal (-1).mp3",
    })
    t.same(orders(site), { { "0", "0" }, { "2", "1" }, { "-1", "0" } })
    t.equal(stage.builds(site), 3)
    t.same({ mine.pitch, mine.precount }, { 3, 1 }, "put back, after each song")
    t.equal(remembered(site, stage.song.two).pitch, 0)
    t.match(result.err, "put back: key %+3, count%-in on")
    -- the archive knows them apart
    local again = stage.download(site, {}, { "--songs", list }, { out = out })
    t.match(again.err, "done 0, skipped 3, failed 0")
    t.same({ mine.pitch, mine.precount }, { 2, 1 }, "without --restore it stays as the last song had it")
  end)
end

t.test("a key the song does not go to is not_applied, not a wrong file; a dry run presses nothing", { timeout = 120 }, function()
  local site = stage.site { faults = { key_limit = 4 } }
  local result, out = stage.download(site, { stage.song.two }, { "--key", "+6", "--set", "mixer.key_step=0.5" })
  t.equal(result.code, 4, result.err)
  t.match(result.err, "not_applied: .-the key stops at %+4")
  t.equal(stage.builds(site), 0)
  local plan = stage.download(site, { stage.song.two }, { "--key", "-2", "--dry-run" }, { out = out })
  t.match(plan.out, "02 Lead Vocal %-> .-/02 Lead Vocal %(%-2%)%.mp3")
  t.equal(#site.log:list "preview", 0)
  t.equal(#stage.files(out), 0)
  t.equal(stage.download(site, { stage.song.two }, { "--key", "13" }).code, 2)
end)
