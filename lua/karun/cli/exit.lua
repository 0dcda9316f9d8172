-- Exit codes: which kind of error ends in which, and which of several wins.

local fault = require "karun.error"

local M = {}

local by_kind = {
  usage = 2, config = 3, auth = 5, login_needed = 5, human_needed = 6, launch = 7, browser_gone = 7,
  disk = 10, locked = 11, profile_locked = 11, internal = 70, interrupted = 130,
}

-- The exit code of an uncaught error.
function M.code_of(err)
  if type(err) ~= "table" then return 1 end
  if math.type(err.exit_code) == "integer" then return err.exit_code end
  return by_kind[err.kind] or 1
end

local order = { 143, 130, 129, 70, 2, 3, 11, 10, 6, 5, 7, 8, 1, 4, 9, 0 }
local rank = {}
for place, code in ipairs(order) do
  rank[code] = place
end

-- The code that wins among several causes.
function M.worst(codes)
  local best = 0
  for _, code in ipairs(codes) do
    if (rank[code] or rank[1]) < (rank[best] or rank[1]) then best = code end
  end
  return best
end

-- Ends the flow at once with `code`, without an error to report (after --help).
function M.leave(code)
  fault.raise("cancelled", "the flow ends here", { leaves = true, exit_code = code })
end

function M.is_leave(value)
  return fault.is(value) and value.leaves == true
end

-- What a flow returned, as a code: nothing is success.
function M.of_return(value)
  if value == nil or value == true then return 0 end
  if value == false then return 1 end
  local code = math.tointeger(value)
  if code and code >= 0 and code <= 255 then return code end
  return nil
end

return M
