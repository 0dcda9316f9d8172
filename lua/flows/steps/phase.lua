-- Phases of a track: told to the run's record where there is one (a download), else only timed.

local karun = require "karun"

-- phase(track, name, fn, …) -> fn's results
return function(track, name, fn, ...)
  local args = table.pack(...)
  local function body()
    return fn(table.unpack(args, 1, args.n))
  end
  if track.told then return track.told:phase(name, { attempt = track.attempt }, body) end
  return karun.span(name, { track = track.name }, body)
end
