-- One row of scripts/replay-history's table: name, then the run.json of each round.
local karun = require "karun"
local judge = require "karun.report.judge"

local per_track, shares, bounds = {}, { site = 0, working = 0, waiting = 0 }, {}
for i = 2, #karun.args do
  local model = karun.json.decode(karun.file.read(karun.args[i]))
  local tracks, first, last = 0, math.huge, 0
  for _, song in ipairs(model.songs) do
    for _, track in ipairs(song.tracks) do
      tracks = tracks + 1
      for _, span in ipairs(track.spans) do
        first, last = math.min(first, span.start_s), math.max(last, span.start_s + span.dur_s)
      end
    end
  end
  -- from the first press of the first track to the end of the last: without browser, sign-in, opening
  per_track[#per_track + 1], bounds[#bounds + 1] = (last - first) / tracks, model.bound_s / tracks
  for name in pairs(shares) do
    shares[name] = shares[name] + model.share[name .. "_s"] / model.wall_s / (#karun.args - 1)
  end
end
local low, high = judge.range(per_track)
print(("| %s | %d | %.1f s (%.1f–%.1f) | %.0f %% | %.0f %% | %.0f %% | %.1f s |"):format(karun.args[1], #per_track,
  judge.median(per_track), low, high, shares.site * 100, shares.working * 100, shares.waiting * 100, judge.median(bounds)))
