-- Names that were mistyped, and the ones that were meant.

local known = require "karun.known"
local t = require "karun.test"

t.test("nearest: slips of the finger", function()
  local verbs = { "click", "fill", "find", "text", "wait", "screenshot" }
  t.equal(known.nearest("clik", verbs), "click")
  t.equal(known.nearest("wiat", verbs), "wait")
  t.equal(known.nearest("screnshot", verbs), "screenshot")
  t.equal(known.nearest("Click", verbs), "click")
  t.equal(known.nearest("banana", verbs), nil)
end)

t.test("nearest: dashes and the beginning of a word", function()
  t.equal(known.nearest("dryrun", { "dry_run", "dry" }), "dry_run")
  t.equal(known.nearest("screen", { "select", "screenshot" }), "screenshot")
end)

t.test("check: an unknown option names the nearest", function()
  t.same(known.check({ timeout = 3 }, { "timeout" }, "page:open"), { timeout = 3 })
  t.same(known.check(nil, { "timeout" }, "page:open"), {})
  local err = t.error("usage", known.check, { timeot = 3 }, { "timeout", "wait" }, "page:open")
  t.match(err.message, "page:open has no option `timeot`, did you mean `timeout`%?")
  err = t.error("usage", known.check, { zzz = 3 }, { "timeout", "wait" }, "page:open")
  t.match(err.message, "known: timeout, wait")
  t.error("usage", known.check, 12, { "timeout" }, "page:open")
end)

t.test("methods: an unknown method is an error, an absent field is nil", function()
  local object = setmetatable({}, { __index = known.methods("page", { click = print }, { "pid" }) })
  t.equal(object.click, print)
  t.equal(object.pid, nil)
  local err = t.error("usage", function() return object.clik end)
  t.match(err.message, "page has no method `clik`, did you mean `click`%?")
  t.match(err.where, "known_test%.lua:%d+$")
end)

t.test("class: the same, and a metamethod that it lacks is just not there", function()
  local Class = { click = print }
  known.class("page", Class, { "pid" })
  local object = setmetatable({}, Class)
  t.equal(object.click, print)
  t.equal(object.pid, nil)
  t.equal(getmetatable(object).__tostring, nil)
  local err = t.error("usage", function() return object.clik end)
  t.match(err.message, "page has no method `clik`, did you mean `click`%?")
  t.match(err.where, "known_test%.lua:%d+$")
end)
