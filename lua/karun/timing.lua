-- karun.timing: `karun.timing.solo.timeout` is a number (seconds, bytes or a count). The numbers and
-- their reasons stand in lua/timing.lua; `karun timing` lists them.

local settings = require "karun.settings"

return setmetatable({}, {
  __index = function(_, group)
    return settings.timing()[group]
  end,
  __newindex = function(_, group)
    settings.timing()[group] = nil -- raises: read-only
  end,
  __pairs = function()
    return pairs(settings.timing())
  end,
})
