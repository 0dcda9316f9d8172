-- Names and folders: any caption becomes a file that every system takes, nothing is lost or written over.

local karun = require "karun"
local stage = require "stage"
local t = require "karun.test"

-- A catalogue of one's own: { artist, title, tracks }.
local function catalogue(list)
  local songs = {}
  for i, one in ipairs(list) do
    songs[i] = { id = 2000 + i, product = 800000 + i, artist = one[1], title = one[2], bpm = 100, tracks = one[3] }
  end
  return songs
end

local function addresses(site)
  local out = {}
  for i, song in ipairs(site.songs) do
    out[i] = site.song_path(song)
  end
  return out
end

local long = ("Sehr lange Überschrift "):rep(12) .. "Ende"

t.test("the site's own spelling, made safe: NFC, reserved names, length, one caption twice", { timeout = 180 }, function()
  local site = stage.site { lang = "fr", markup = "newer", songs = catalogue {
    { "CON", "Cafe\u{301} d'été", { "Bass", "Bass" } },
    { "Nora", long, { "aux", "Lead Vocal..." } },
  } }
  local result, out = stage.download(site, addresses(site), { "--template", "{artist}/{title}/{track}.mp3" })
  t.equal(result.code, 0, result.err)
  local files = stage.files(out)
  t.equal(#files, 4)
  t.ok(files[1]:find("Café d'été/Bass", 1, true), files[1]) -- one letter é, not two signs
  t.same({ files[1]:match("[^/]+$"), files[2]:match("[^/]+$") }, { "Bass (2).mp3", "Bass.mp3" })
  for _, path in ipairs(files) do
    for part in path:gmatch("[^/]+") do
      t.ok(#part <= 200, part)
      t.ok(part:upper() ~= "CON" and part:lower() ~= "aux.mp3", part)
      t.ok(not part:find("[. ]$"), part)
    end
  end
  t.ok(files[4]:find("Sehr lange Überschrift", 1, true))
  local builds = stage.builds(site)
  t.match(stage.download(site, addresses(site), { "--template", "{artist}/{title}/{track}.mp3" }, { out = out }).err, "skipped 4")
  t.equal(stage.builds(site), builds)
end)

t.test("two songs of one title: the artist is added where the template lacks it", { timeout = 180 }, function()
  local site = stage.site()
  local other = "/custombackingtrack/nachtwerk/night-drive.html"
  local args = { "--template", "{title}/{nn} {track}{key}.mp3", "--tracks", "2" }
  local result, out = stage.download(site, { stage.song.six, other, stage.song.three }, args)
  t.equal(result.code, 0, result.err)
  local both = { "Nachtwerk - Night Drive/02 Drum Machine.mp3", "Short Song/02 Ukulele.mp3",
    "The Paper Lanterns - Night Drive/02 Drum Kit.mp3" }
  t.same(stage.files(out), both)
  t.match(stage.download(site, { stage.song.six, other, stage.song.three }, args, { out = out }).err, "skipped 3")
  -- one after the other, in runs of their own: the archive knows whose the folder is
  local first, folder = stage.download(site, { stage.song.six }, { "--template", args[2], "--tracks", "3" })
  t.equal(first.code, 0, first.err)
  t.equal(stage.download(site, { other }, { "--template", args[2], "--tracks", "3" }, { out = folder }).code, 0)
  t.same(stage.files(folder), { "Nachtwerk - Night Drive/03 Synth Bass.mp3", "Night Drive/03 Bass.mp3" })
end)

t.test("what karun did not make is never written over", { timeout = 120 }, function()
  local site = stage.site()
  local out = t.tmp() .. "/songs"
  local place = out .. "/The Paper Lanterns - Two Chairs/01 Piano.mp3"
  karun.file.mkdir((karun.file.split(place)))
  karun.file.write(place, "my own recording")
  local result = stage.download(site, { stage.song.two }, {}, { out = out })
  t.equal(result.code, 0, result.err)
  t.equal(karun.file.read(place), "my own recording")
  t.same(stage.files(out), { "The Paper Lanterns - Two Chairs/01 Piano (2).mp3", "The Paper Lanterns - Two Chairs/01 Piano.mp3",
    "The Paper Lanterns - Two Chairs/02 Lead Vocal.mp3" })
  t.match(stage.download(site, { stage.song.two }, {}, { out = out }).err, "skipped 2")
  t.equal(stage.download(site, { stage.song.two }, { "--template", "../{track}.mp3" }).code, 3)
end)
