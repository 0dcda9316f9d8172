-- karun.json: text to values and back. null is a value of its own; lists stay lists when empty.

local fault = require "karun.error"
local known = require "karun.known"
local native = require "karun.native.json"

local M = { null = native.null, array = native.array }

function M.encode(value, opts)
  opts = known.check(opts, { "pretty" }, "json.encode")
  return native.encode(value, opts.pretty)
end

function M.decode(text)
  if type(text) ~= "string" then fault.raise("usage", "json.decode takes a text, got " .. type(text)) end
  return native.decode(text)
end

return setmetatable(M, { __index = known.methods("karun.json", M) })
