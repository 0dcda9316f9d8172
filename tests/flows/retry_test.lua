-- One policy for second attempts: at once, after the song, at the end of the run; then a list.

local karun = require "karun"
local stage = require "stage"
local t = require "karun.test"

local quick <const> = { "--set", "retry.delay=0.1", "--set", "solo.margin_again=0.2" }

local function args(more)
  return table.move(more, 1, #more, #quick + 1, table.move(quick, 1, #quick, 1, {}))
end

local function builds_of(site, track)
  local n = 0
  for _, entry in ipairs(site.log:list "build_start") do
    if entry.track == track then n = n + 1 end
  end
  return n
end

t.test("a track that cannot be built is tried at once, after its song, at the end, and then listed", { timeout = 240 },
  function()
    local site = stage.site { faults = { build_error = { track = 1, song = 1108 } } }
    local result, out = stage.download(site, { stage.song.three, stage.song.two }, args { "--set", "retry.tries=2" })
    t.equal(result.code, 4, result.err)
    t.equal(#stage.files(out), 4)
    t.equal(builds_of(site, 1), 4 + 1, "two at once, one after the song, one at the end; and the other song's track")
    local path = result.err:match("failures: (%S+)")
    local listed = karun.file.read(path)
    t.match(listed, "Short Song: 02 Ukulele: http: .+ %-> .+")
    t.match(result.err, "left over; once more")
  end)

t.test("what is left is done at the end when the site has come to its senses", { timeout = 240 }, function()
  local site = stage.site { faults = { build_error = { track = 1, song = 1108, times = 2 } } }
  local result, out = stage.download(site, { stage.song.three, stage.song.two }, args { "--set", "retry.tries=1" })
  t.equal(result.code, 0, result.err)
  t.equal(#stage.files(out), 5)
end)

t.test("two songs that fail wholly stop the run with the reason", { timeout = 240 }, function()
  local site = stage.site { faults = { build_error = true } }
  local result = stage.download(site, { stage.song.two, stage.song.three, stage.song.six },
    args { "--set", "retry.tries=1", "--set", "proof.again=0" })
  t.equal(result.code, 4, result.err)
  t.match(result.err, "stopped: 2 songs in a row failed wholly")
  t.match(result.err, "Night Drive: cancelled: not tried")
  for _, entry in ipairs(site.log:list "build_start") do
    t.ok(entry.song ~= 1101, "the third song was not touched")
  end
end)

t.test("the budget of a run ends second attempts", { timeout = 120 }, function()
  local site = stage.site { faults = { build_error = true } }
  local result = stage.download(site, { stage.song.three }, args { "--set", "retry.per_run=2" })
  t.equal(result.code, 4, result.err)
  t.equal(stage.builds(site), 5, "three tracks and two second attempts")
end)
