-- Mixes through the mixer: proven by the levels that were sent, by label and by sound.

local audio = require "karun.audio"
local karun = require "karun"
local stage = require "stage"
local t = require "karun.test"

local function ok(result)
  t.equal(result.code, 0, result.err)
end

local function list_of(text)
  local path = t.tmp() .. "/songs.lua"
  karun.file.write(path, text)
  return path
end

local function levels(site)
  local out = {}
  for _, entry in ipairs(site.log:list "basket") do
    out[#out + 1] = entry.levels
  end
  return out
end

local six <const> = [[return { { url = "%s%s", %s } }]]

t.test("stems and mixes of a list: levels sent, names, and what each file holds", { timeout = 180 }, function()
  local site = stage.site()
  local list = list_of(six:format(site.url, stage.song.six,
    [[tracks = { "Bass", "Lead Vocal" }, mixes = { { without = "Lead Vocal" }, { only = { "Bass", "Click" } } }]]))
  local result, out = stage.download(site, {}, { "--songs", list })
  ok(result)
  t.same(stage.files(out), {
    "The Paper Lanterns - Night Drive/03 Bass.mp3", "The Paper Lanterns - Night Drive/06 Lead Vocal.mp3",
    "The Paper Lanterns - Night Drive/Only Click, Bass.mp3", "The Paper Lanterns - Night Drive/Without Lead Vocal.mp3",
  })
  -- the click stays at its usual level, 0, but sounds where it is named
  t.same(levels(site), { "1,0.2,0.3,100.4,0.5,0.6,0", "1,0.2,0.3,0.4,0.5,0.6,100", "1,0.2,100.3,100.4,100.5,100.6,0",
    "1,100.2,0.3,100.4,0.5,0.6,0" })
  local folder = out .. "/The Paper Lanterns - Night Drive/"
  local bass, vocal = audio.probe(folder .. "03 Bass.mp3"), audio.probe(folder .. "06 Lead Vocal.mp3")
  for name, holds in pairs { ["Without Lead Vocal"] = { 1, 0 }, ["Only Click, Bass"] = { 1, 0 } } do
    local mix = audio.probe(folder .. name .. ".mp3")
    t.ok(math.abs(mix:contains(bass) - holds[1]) < 0.1, name .. " holds the bass")
    t.ok(mix:contains(vocal) < 0.1, name .. " is without the vocal")
  end
end)

t.test("--mixes files only mixes, --stems only tracks; in the newer markup and a German site too", { timeout = 240 },
  function()
    local site = stage.site { markup = "newer", lang = "de" }
    local list = list_of(six:format(site.url, stage.song.three, [[mixes = { { without = "Lead Vocal" } }]]))
    local result, out = stage.download(site, {}, { "--songs", list, "--mixes" })
    ok(result)
    t.same(stage.files(out), { "Mara Quill - Short Song/Without Lead Vocal.mp3" })
    result = stage.download(site, {}, { "--songs", list, "--stems" }, { out = out })
    ok(result)
    t.equal(#stage.files(out), 4)
    t.equal(stage.builds(site), 4)
  end)

t.test("a mix on the command line; one that is there is not ordered again; an unknown track is named", { timeout = 180 },
  function()
    local site = stage.site()
    local args = { "--mixes", "--mix", "without Lead Vocal; only Ukulele, Lead Vocal" }
    local result, out = stage.download(site, { stage.song.three }, args)
    ok(result)
    t.same(stage.files(out), { "Mara Quill - Short Song/Only Ukulele, Lead Vocal.mp3",
      "Mara Quill - Short Song/Without Lead Vocal.mp3" })
    ok(stage.download(site, { stage.song.three }, args, { out = out }))
    t.equal(stage.builds(site), 2)
    result = stage.download(site, { stage.song.three }, { "--mixes", "--mix", "without Drums" }, { out = out })
    t.equal(result.code, 4)
    t.match(result.err, "has no track Drums")
    result = stage.download(site, { stage.song.three }, { "--mix", "minus Drums" }, { out = out })
    t.equal(result.code, 2, result.err)
  end)

t.test("a mix whose file is another track's is told and never filed", { timeout = 180 }, function()
  local site = stage.site { faults = { wrong_label = true } }
  local result, out = stage.download(site, { stage.song.three }, { "--mixes", "--mix", "without Lead Vocal", "--set",
    "solo.margin_again=0.2", "--set", "retry.delay=0.1" })
  t.equal(result.code, 4, result.err)
  t.match(result.err, "wrong_mix")
  t.equal(#stage.files(out), 0)
end)
