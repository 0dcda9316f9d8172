-- Proof by sound: the audio tells where the labels cannot.

local audio = require "karun.audio"
local karun = require "karun"
local stage = require "stage"
local t = require "karun.test"

local quick <const> = { "--set", "solo.margin_again=0.3", "--set", "retry.delay=0.1" }

local function args(more)
  local out = table.move(quick, 1, #quick, 1, {})
  return table.move(more or {}, 1, #(more or {}), #out + 1, out)
end

-- The run's record, as the report has it.
local function run_of(result)
  local report = result.err:match("report: (%S+)report%.html")
  return karun.json.decode(karun.file.read(report .. "run.json"))
end

t.test("the full mix under a track's own label is heard, and done again", { timeout = 180 }, function()
  local site = stage.site { faults = { full_mix = { times = 1, track = 2, label = false } } }
  local result, out = stage.download(site, { stage.song.six }, args())
  t.equal(result.code, 0, result.err)
  t.equal(#stage.files(out), 6)
  t.equal(stage.builds(site), 7)
  t.match(result.err, "it is a mix")
  local folder = out .. "/The Paper Lanterns - Night Drive/"
  t.ok(audio.probe(folder .. "03 Bass.mp3"):contains(audio.probe(folder .. "02 Drum Kit.mp3")) < 0.1)
end)

t.test("bare labels: the whole song waits, one wrong file makes all of them suspect, a longer margin is kept",
  { timeout = 300 }, function()
    local state = t.tmp()
    local site = stage.site { faults = { bare_label = true, full_mix = { times = 1, track = 1 } } }
    local env = { env = { XDG_STATE_HOME = state } }
    local result, out = stage.download(site, { stage.song.six }, args(), env)
    t.equal(result.code, 0, result.err)
    t.equal(#stage.files(out), 6)
    t.equal(stage.builds(site), 12, "all six again: a stale render moves every track by one")
    t.match(result.err, "taken under the same margin")
    t.match(result.err, "a margin of 0.3 s is kept")
    local model = run_of(result)
    t.equal(#model.sounds, 1)
    t.equal(#model.sounds[1].labels, 6)
    for i, row in ipairs(model.sounds[1].rows) do
      for j, share in ipairs(row) do
        t.ok((share > 0.9) == (i == j), ("row %d, column %d: %.2f"):format(i, j, share))
      end
    end
  end)

t.test("a single bare track stays wrong_mix", { timeout = 120 }, function()
  local site = stage.site { faults = { bare_label = true } }
  local result, out = stage.download(site, { stage.song.three }, args { "--tracks", "Ukulele" })
  t.equal(result.code, 4, result.err)
  t.match(result.err, "wrong_mix")
  t.equal(#stage.files(out), 0)
end)

t.test("two tracks that are alike are doubtful, not failed", { timeout = 120 }, function()
  local site = stage.site { faults = { bleed = { track = 2, from = 4, level = 100 } } }
  local result, out = stage.download(site, { stage.song.six }, args())
  t.equal(result.code, 0, result.err)
  t.equal(#stage.files(out), 6)
  t.match(result.err, "doubtful: .*Bass")
end)

t.test("the levels of the order are the first proof: a press that would order an older mix is done again",
  { timeout = 180 }, function()
    local site = stage.site { model = "two_phase", sync = "silent", faults = { sync_lag = 1 } }
    local result, out = stage.download(site, { stage.song.three }, { "--set", "solo.margin_again=2", "--set", "retry.delay=0.1" })
    t.equal(result.code, 0, result.err)
    t.equal(#stage.files(out), 3)
    t.match(result.err, "the order was for another mix")
  end)
