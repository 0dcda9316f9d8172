-- Repeatable chance. Each purpose draws from a stream of its own, so that one more page view
-- does not change how long the next build takes.

local Random = {}
Random.__index = Random
Random.__name = "demo.random"

local M = {}

function M.stream(seed, purpose)
  local state = seed * 0x9E3779B97F4A7C15 + 1
  for i = 1, #purpose do
    state = (state ~ purpose:byte(i)) * 0x100000001B3
  end
  return setmetatable({ state = state | 1 }, Random)
end

-- xorshift64*: small, good enough, the same on every machine.
function Random:bits()
  local x = self.state
  x = x ~ (x >> 12)
  x = x ~ (x << 25)
  x = x ~ (x >> 27)
  self.state = x
  return x * 0x2545F4914F6CDD1D
end

-- In [0, 1).
function Random:number()
  return (self:bits() >> 11) * 2.0 ^ -53
end

-- A number, or {min=, max=, mean=}: draws from the range so that the mean comes out.
function Random:of(range)
  if type(range) ~= "table" then return range or 0 end
  local mean = range.mean or (range.min + range.max) / 2
  local power = (range.max - mean) / (mean - range.min)
  return range.min + (range.max - range.min) * self:number() ^ power
end

function Random:hex(length)
  local digits = {}
  for i = 1, length do
    digits[i] = ("%x"):format(self:bits() >> 60)
  end
  return table.concat(digits)
end

return M
