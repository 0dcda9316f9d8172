-- --adopt: a folder of the Python program is taken over as far as its files are proven; the rest is fetched.

local karun = require "karun"
local stage = require "stage"
local t = require "karun.test"

t.test("what is proven is adopted; a mix, one sound twice, a cut file and a lone one are not", { timeout = 240 }, function()
  local site = stage.site()
  local first, made = stage.download(site, { stage.song.six, stage.song.two }, { "--tracks", "*" })
  t.equal(first.code, 0, first.err)
  local mixed = stage.run(site, "monitor", { stage.song.six, "--out", made .. "/mix" })
  t.equal(mixed.code, 0, mixed.err)

  -- as that program would have left them
  local old = t.tmp() .. "/old"
  local folder = old .. "/Night Drive"
  karun.file.mkdir(folder)
  local function copy(from, name)
    karun.file.copy(made .. "/The Paper Lanterns - Night Drive/" .. from, folder .. "/" .. name)
  end
  copy("01 Click.mp3", "Click.mp3")
  copy("04 Electric Guitar.mp3", "The_Paper_Lanterns_Night_Drive(Electric_Guitar_Custom_Backing_Track).mp3")
  copy("03 Bass.mp3", "Bass.mp3")
  copy("03 Bass.mp3", "Synth Pads.mp3") -- a stale file under a new name
  karun.file.copy(karun.file.glob(made .. "/mix/*.mp3")[1], folder .. "/Drum Kit.mp3") -- the solo had not counted
  local vocal = karun.file.read(made .. "/The Paper Lanterns - Night Drive/06 Lead Vocal.mp3")
  karun.file.write(folder .. "/Lead Vocal.mp3", vocal:sub(1, #vocal // 2)) -- a dead connection
  karun.file.write(folder .. "/notes.txt", "mine")
  karun.file.mkdir(old .. "/Two Chairs")
  karun.file.copy(made .. "/The Paper Lanterns - Two Chairs/01 Piano.mp3", old .. "/Two Chairs/Piano.mp3")
  local before = karun.file.list(folder)

  -- a machine that knows nothing yet
  local env = { XDG_STATE_HOME = t.tmp() .. "/state" }
  local builds = stage.builds(site)
  local result, out = stage.download(site, { stage.song.six, stage.song.two }, { "--adopt", old }, { env = env })
  t.equal(result.code, 0, result.err)
  t.match(result.err, "adopted: Night Drive: 01 Click ")
  t.match(result.err, "adopted: Night Drive: 04 Electric Guitar ")
  for name, why in pairs { ["Drum Kit"] = "it is a mix", Bass = "exactly like", ["Synth Pads"] = "exactly like",
    ["Lead Vocal"] = "", Piano = "lies there alone" } do
    t.match(result.err, "not adopted: [^\n]*/" .. name .. "%.mp3: [^\n]*" .. why)
  end
  t.equal(stage.builds(site) - builds, 6, "four of the one song, two of the other")
  t.equal(#stage.files(out), 8)
  for _, name in ipairs(stage.files(out)) do -- each is what the first run filed, by its sound
    local a, b = karun.file.read(out .. "/" .. name), karun.file.read(made .. "/" .. name)
    t.equal(#a, #b, name)
  end
  t.same(karun.file.list(folder), before, "nothing there was touched")
  t.match(stage.download(site, { stage.song.six, stage.song.two }, {}, { env = env, out = out }).err, "skipped 8")
  t.equal(stage.download(site, { stage.song.two }, { "--adopt", old .. "/nowhere" }).code, 2)
end)
