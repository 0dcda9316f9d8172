-- The tests that a file has registered, and how one of them says that it is skipped.

local fault = require "karun.error"

local M = {}

local registered = {}

function M.add(test)
  registered[#registered + 1] = test
end

-- All that were registered since last asked.
function M.take()
  local list = registered
  registered = {}
  return list
end

function M.skip(reason)
  fault.raise("cancelled", "skipped", { skips = reason or "no reason given" })
end

-- The reason when `err` was raised by skip, else nil.
function M.skipped(err)
  return fault.is(err) and err.skips or nil
end

return M
