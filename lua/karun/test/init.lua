-- karun.test: what a *_test.lua file uses.
--
--   local t = require "karun.test"
--   t.test("the title shows", function()
--     local page = t.html "<title>Hello</title>"
--     t.equal(page:title(), "Hello")
--   end)

local expect = require "karun.test.expect"
local fault = require "karun.error"
local fixtures = require "karun.test.fixtures"
local known = require "karun.known"
local registry = require "karun.test.registry"

local M = {
  ok = expect.ok, equal = expect.equal, same = expect.same, match = expect.match, error = expect.error,
  fail = expect.fail, skip = registry.skip,
  browser = fixtures.browser, page = fixtures.page, serve = fixtures.serve, html = fixtures.html,
  tmp = fixtures.tmp, run = fixtures.run, after = fixtures.after,
}

-- t.test(name, fn) or t.test(name, { timeout = 120 }, fn)
function M.test(name, options, fn)
  if type(options) == "function" then options, fn = nil, options end
  options = known.check(options, { "timeout" }, "t.test")
  if type(name) ~= "string" or type(fn) ~= "function" then
    fault.raise("usage", "t.test wants a name and a function: t.test(name, function() … end)")
  end
  registry.add { name = name, timeout = options.timeout, fn = fn }
end

return setmetatable(M, { __index = known.methods("karun.test", M) })
