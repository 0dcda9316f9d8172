-- The tests that a file has registered, and how one of them says that it is skipped.

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

local Skip = { __name = "karun.test.skip", __tostring = function(self) return "skipped: " .. self.reason end }

function M.skip(reason)
  error(setmetatable({ reason = reason or "no reason given" }, Skip), 0)
end

-- The reason when `err` was raised by skip, else nil.
function M.skipped(err)
  return getmetatable(err) == Skip and err.reason or nil
end

return M
