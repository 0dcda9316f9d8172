-- What recording costs: thousands of small browser operations, far denser than any song. Compare
--   karun ab --a trace=false --b trace=true --runs 7 tests/bench/traced.lua
-- The blocks of each kind take turns within one run, too: --inside prints what one operation costs more.

local karun = require "karun"
local trace = require "karun.trace"

local CALLS <const> = 400

local browser <close> = karun.launch {}
local page = browser:page()
page:set_html "<h1>Hello</h1><button>Go</button>"
local title = page:find "h1"

-- Seconds of the clock and of karun's own processor time, an operation.
local function block()
  local began, busy = karun.now(), os.clock()
  for _ = 1, CALLS do
    title:text()
  end
  return (karun.now() - began) / CALLS, (os.clock() - busy) / CALLS
end

if karun.args[1] ~= "--inside" then
  for _ = 1, 5 do
    block()
  end
  return
end

-- The recording is put aside for every second block of one and the same run.
local walls, with, without = {}, {}, {}
block()
for i = 1, 15 do
  walls[2 * i - 1], with[i] = block()
  trace.pause(true)
  walls[2 * i], without[i] = block()
  trace.pause(false)
end
local judge = require "karun.report.judge"
local wall, cost = judge.median(walls), judge.median(with) - judge.median(without)
print(("one operation takes %.0f µs; recording it takes %.1f µs of processor time: %.2f %% (medians of %d blocks of %d)"):format(
  wall * 1e6, cost * 1e6, cost / wall * 100, #with, CALLS))
