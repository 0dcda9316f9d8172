-- The reference is what the stubs say, and says something about everything.

local karun = require "karun"
local t = require "karun.test"

t.test("docs/reference is made from the stubs as they stand", function()
  local got = t.run { "--quiet", "scripts/reference.lua", "--check" }
  t.equal(got.code, 0, got.out .. got.err .. "\nrun: build/bin/karun scripts/reference.lua")
end)

t.test("every function of the reference is described", function()
  for _, path in ipairs(karun.file.glob "docs/reference/*.md") do
    local text = karun.file.read(path)
    for call, after in text:gmatch "\n### `([^`\n]+)`\n\n([^\n]*)" do
      t.ok(not after:match "^[-#]" and after ~= "", ("%s: %s"):format(path, call))
    end
  end
end)
