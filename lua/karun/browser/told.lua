-- What the agent tells unasked, at the moment of an act: a press was judged, a field was filled. An answer
-- may be lost with its document (the click that leads away, the frame that is closed by it); this comes
-- before the loss, and an act that was made is not made again.

local json = require "karun.native.json"

local M = { BINDING = "__karun_tell", events = {} }

local expected = {} -- id of a question -> { message }

M.events["Runtime.bindingCalled"] = function(_, params)
  if params.name ~= M.BINDING then return end
  local message = json.decode(params.payload)
  local entry = expected[message.id]
  if entry then entry.message = message end
end

-- From now on what is told about this question is kept in the table answered.
function M.expect(id)
  local entry = {}
  expected[id] = entry
  return entry
end

function M.forget(id)
  expected[id] = nil
end

return M
