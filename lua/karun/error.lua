-- Error objects: what every fault in karun is. `karun.error(kind, message, fields)` makes one; the
-- kinds are a closed list, so that a flow can branch on them. Each knows the script's line.

local native = require "karun.native.error"

local M = {
  kinds = native.kinds(),
  is = native.is,
  of = native.wrap, -- whatever was raised, as an error object: a text becomes the message of a `usage`
  try = native.try,
  where = native.where,
}

-- A field `where` of one's own stands ("file:line"; false for none): data files point at their own lines.
function M.new(kind, message, fields)
  local err = native.new(kind, message, fields)
  if fields and fields.where ~= nil then err.where = fields.where or nil end
  return err
end

function M.raise(kind, message, fields)
  error(M.new(kind, message, fields), 0)
end

return setmetatable(M, {
  __call = function(_, kind, message, fields)
    return M.new(kind, message, fields)
  end,
})
