-- Spans and operations: what a run records of itself.

local karun = require "karun"
local runs = require "runs"
local t = require "karun.test"

local function named(events, name)
  local out = {}
  for _, event in ipairs(events) do
    if event.name == name then out[#out + 1] = event end
  end
  return out
end

local function inside(inner, outer)
  return inner.tid == outer.tid and inner.ts >= outer.ts and inner.ts + inner.dur <= outer.ts + outer.dur
end

t.test("spans answer what their function answers, nest, and know their outcome", function()
  local got = runs.flow [[
    local karun = require "karun"
    local a, b = karun.span("outer", { song = "S" }, function(span)
      span.attempt = 2
      karun.span("solo", { track = "Bass" }, function() karun.sleep(0.02) end)
      return 1, nil
    end)
    assert(a == 1 and b == nil)
    local ok, err = karun.try(karun.span, "verify", function() error(karun.error("content", "bad")) end)
    assert(not ok and err.kind == "content")
    local task = karun.spawn(function() karun.span("download", function() karun.sleep(0.01) end) end)
    task:join()]]
  t.equal(got.err, "")
  local events = runs.events(got)
  local outer, solo = named(events, "outer")[1], named(events, "solo")[1]
  t.ok(inside(solo, outer))
  t.ok(inside(named(events, "pause")[1], solo))
  t.equal(solo.cat, "phase")
  t.equal(solo.args.song, "S")
  t.equal(solo.args.track, "Bass")
  t.equal(solo.args.attempt, 2)
  t.equal(named(events, "pause")[1].args.phase, "solo")
  t.equal(named(events, "verify")[1].args.outcome, "content")
  t.ok(named(events, "download")[1].tid ~= outer.tid, "another task has a thread of its own")
end)

t.test("a spawned task goes on in its parent's song, track and phase", function()
  local got = runs.flow [[
    local karun = require "karun"
    karun.span("prepare", { song = "S", track = "Bass" }, function()
      karun.wait.all { a = function() karun.span("step", function() karun.sleep(0.01) end) end }
    end)]]
  local step = named(runs.events(got), "step")[1]
  t.equal(step.args.song, "S")
  t.equal(step.args.track, "Bass")
  t.equal(step.args.phase, "prepare")
end)

t.test("complete events of one thread nest, whatever tasks did side by side", function()
  local got = runs.flow [[
    local karun = require "karun"
    karun.scope(function(scope)
      for i = 1, 12 do
        scope:spawn(function()
          for _ = 1, 3 do
            karun.span("solo", { track = "T" .. i }, function() karun.sleep(0.001 * (i % 4)) end)
          end
        end)
      end
    end)]]
  local by_thread = {}
  for _, event in ipairs(runs.events(got)) do
    by_thread[event.tid] = by_thread[event.tid] or {}
    table.insert(by_thread[event.tid], event)
  end
  for _, list in pairs(by_thread) do
    for i, a in ipairs(list) do
      for j = i + 1, #list do
        local b = list[j]
        local apart = a.ts + a.dur <= b.ts or b.ts + b.dur <= a.ts
        t.ok(apart or inside(a, b) or inside(b, a), a.name .. " and " .. b.name .. " cross")
      end
    end
  end
end)

t.test("a wait that was long knows the flow's line, its limit and the timing it was for", function()
  local got = runs.flow [[
    local karun = require "karun"
    karun.sleep(0.06)
    karun.span("sync", function()
      karun.sleep(karun.timing.solo.margin)
    end)]]
  local waits = got.model.slow_waits
  t.equal(#waits, 2)
  t.match(waits[1].line, "flow%.lua:4$")
  t.equal(waits[1].phase, "sync")
  t.equal(waits[1].timing, "solo.margin")
  t.equal(waits[1].limit_s, 0.2)
  t.match(waits[2].line, "flow%.lua:2$")
end)

t.test("memory is bounded: what does not fit is counted", function()
  local got = runs.flow [[
    local karun, trace = require "karun", require "karun.trace"
    trace.limits.ops, trace.limits.spans = 10, 5
    for _ = 1, 50 do karun.sleep(0) end
    for _ = 1, 20 do karun.span("step", function() end) end]]
  t.equal(got.code, 0)
  t.equal(got.model.dropped, 40 + 15)
  t.equal(got.model.operations[1].count, 50)
end)

t.test("--set trace=false records nothing, and the flow runs as before", function()
  local got = runs.flow([[
    local karun = require "karun"
    karun.span("solo", { track = "Bass" }, function(span) span.x = 1; karun.sleep(0.01) end)
    print "ran"]], { args = { "--set", "trace=false" } })
  t.equal(got.out, "ran\n")
  t.equal(got.model.recorded, false)
  t.equal(#got.model.slow_waits, 0)
  t.ok(not runs.text(got.folder .. "/trace.json"))
end)

t.test("wrong use of span says what is wrong, at the flow's line", function()
  local err = t.error("usage", karun.span, 12, {}, print)
  t.match(err.message, "name is a text")
  t.match(t.error("usage", karun.span, "x", "y", print).message, "fields is a table")
  t.match(t.error("usage", karun.span, "x", {}).message, "fn is a function")
  t.match(t.error("usage", require("karun.run").phase, "download2", print).message, "there is no phase")
end)

t.test("a deadlock stays one although the run is being sampled", function()
  local got = runs.flow 'require("karun").queue():get { timeout = math.huge }'
  t.equal(got.code, 1)
  t.match(got.err, "every task waits")
end)

t.test("a run that only waits is not woken to be looked at", function()
  local got = runs.flow 'require("karun").sleep(5)'
  local looks = got.model.samples
  t.ok(#looks >= 2 and #looks <= 3, #looks .. " looks at a run of five seconds in which one thing began")
end)

t.test("a run that works is looked at again and again", function()
  local got = runs.flow [[
    local karun = require "karun"
    for _ = 1, 30 do karun.sleep(0.1) end]]
  t.ok(#got.model.samples >= 4)
end)
