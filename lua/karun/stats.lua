-- karun.stats: protocol calls and events so far, tasks, waits and timers now.

local native = require "karun.native.task"

local M = {}

local open = {}                                     -- connections that may still count
local past = { calls = 0, events = 0, dropped = 0 } -- what ended ones had counted

-- A connection whose messages count.
function M.add(conn)
  open[conn] = true
end

local function counted()
  local sum = { calls = past.calls, events = past.events, dropped = past.dropped }
  for conn in pairs(open) do
    local calls, events, dropped = conn:stats()
    local into = conn:closed() and past or {}
    for name, n in pairs { calls = calls, events = events, dropped = dropped } do
      sum[name] = sum[name] + n
      if into == past then past[name] = past[name] + n end
    end
    if into == past then open[conn] = nil end
  end
  return sum
end

function M.stats()
  local out = counted()
  for name, n in pairs(native.stats()) do
    out[name] = n
  end
  return out
end

return M
