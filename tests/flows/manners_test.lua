-- Manners: a daily cap, Retry-After, several songs at once only when asked for.

local stage = require "stage"
local t = require "karun.test"

t.test("the daily cap stops the run and says so; the next day goes on", { timeout = 180 }, function()
  local site = stage.site()
  local env = { env = { XDG_STATE_HOME = t.tmp() } }
  local result, out = stage.download(site, { stage.song.three, stage.song.two }, { "--set", "limits.tracks_per_day=2" }, env)
  t.equal(result.code, 4, result.err)
  t.match(result.err, "daily cap of 2")
  t.equal(#stage.files(out), 2)
  t.equal(stage.builds(site), 2)
  result = stage.download(site, { stage.song.three, stage.song.two }, {}, { out = out, env = env.env })
  t.equal(result.code, 0, result.err)
  t.equal(#stage.files(out), 5)
end)

t.test("Retry-After is waited for", { timeout = 120 }, function()
  local site = stage.site { faults = { rate_limit = { times = 1, retry_after = 2 } } }
  local result = stage.download(site, { stage.song.two }, { "--set", "retry.delay=0.1" })
  t.equal(result.code, 0, result.err)
  local baskets = site.log:list "basket"
  t.ok(baskets[2].t - baskets[1].t >= 2, "the second order came no sooner than asked")
end)

t.test("--jobs 2: two songs at once, never two builds of one, all files right", { timeout = 240 }, function()
  local site = stage.site { profile = { build = { min = 0.6, max = 0.8, mean = 0.7 } } }
  local songs = { stage.song.six, stage.song.three, stage.song.two }
  local result, out = stage.download(site, songs, { "--jobs", "2" })
  t.equal(result.code, 0, result.err)
  t.equal(#stage.files(out), 11)
  t.equal(stage.builds(site), 11)
  t.equal(#site.log:list "build_cancelled", 0)
  local open, most = {}, 0
  local ends = {}
  for _, entry in ipairs(site.log:list "build_end") do
    ends[entry.build] = entry.t
  end
  for _, entry in ipairs(site.log:list "build_start") do
    local now = 1
    for build, at in pairs(open) do
      if at > entry.t then now = now + 1 else open[build] = nil end
    end
    open[entry.build] = ends[entry.build]
    most = math.max(most, now)
  end
  t.equal(most, 2, "builds side by side")
end)
