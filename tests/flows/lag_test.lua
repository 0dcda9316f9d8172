-- The server learns the mix late: whatever the lag, no file is ever filed under another's name. Proven by
-- ear: each file must hold the sound that the same track has on a site without lag, and no other's.

local audio = require "karun.audio"
local karun = require "karun"
local stage = require "stage"
local t = require "karun.test"

local song <const> = stage.song.three

local function sounds(out)
  local list = {}
  for _, name in ipairs(stage.files(out)) do
    list[tonumber(name:match("/(%d%d) "))] = audio.probe(out .. "/" .. name)
  end
  return list
end

local function reference()
  local site = stage.site()
  local result, out = stage.download(site, { song })
  t.equal(result.code, 0, result.err)
  return sounds(out)
end

local function check(out, right, what)
  for place, sound in pairs(sounds(out)) do
    for other, known in pairs(right) do
      local share = sound:contains(known)
      t.ok((share > 0.8) == (place == other), ("%s: file %d holds %.2f of track %d"):format(what, place, share, other))
    end
  end
end

t.test("4 s of lag and nothing that shows it: all tracks right", { timeout = 240 }, function()
  local right = reference()
  local site = stage.site { model = "two_phase", sync = "silent", faults = { sync_lag = 4 } }
  local result, out = stage.download(site, { song }, {}, { timeout = 200 })
  t.equal(result.code, 0, result.err)
  t.equal(#stage.files(out), 3)
  check(out, right, "4 s")
end)

-- Four at a time: they sleep most of the time.
t.test("20 runs with a lag of 0 to 10 s: none wrong", { timeout = 580 }, function()
  local right = reference()
  local runs = karun.queue()
  for seed = 1, 20 do
    runs:put(seed)
  end
  runs:close()
  karun.scope(function(scope)
    for _ = 1, 4 do
      scope:spawn(function()
        for seed in function() return runs:get() end do
          local sync = seed % 2 == 0 and "silent" or "request"
          local site = stage.site { model = "two_phase", sync = sync, seed = seed, faults = { sync_lag = { min = 0, max = 10 } } }
          local result, out = stage.download(site, { song }, { "--tracks", "2,3" },
            { timeout = 240, env = { HOME = t.tmp(), XDG_STATE_HOME = t.tmp() } })
          t.equal(result.code, 0, result.err)
          t.equal(#stage.files(out), 2, "seed " .. seed)
          check(out, right, "seed " .. seed)
        end
      end)
    end
  end)
end)
