-- The flow on a page of our own, served on this machine: no network is needed.

local t = require "karun.test"

t.test("the flow prints the headline and the links", function()
  local server = t.serve {
    ["GET /"] = function()
      return {
        status = 200,
        headers = { ["content-type"] = "text/html; charset=utf-8" },
        body = '<h1>Hello</h1><a href="/one">one</a> <a href="/two">two</a>',
      }
    end,
  }
  local got = t.run { "flows/first.lua", "--set", "site.base_url=" .. server.url }
  t.equal(got.code, 0, got.err)
  t.equal(got.out, "Hello\n1. /one\n2. /two\n")
end)
