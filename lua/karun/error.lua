-- Error objects: what every fault in karun is. `karun.error(kind, message, fields)` makes one;
-- the kinds are a closed list (docs: Errors), so that a flow can branch on them.

local M = {}

local kinds = [[
timeout not_found ambiguous selector hidden covered disabled unstable stale not_applied
navigation net http script dialog page_closed page_crashed frame_detached context_lost
launch browser_gone profile_locked protocol unsupported too_large
no_download incomplete stalled content duplicate_content wrong_mix
auth login_needed not_purchased human_needed rate_limited
file disk path locked
usage config interrupted cancelled limit deadlock internal]]

M.kinds = {}
for kind in kinds:gmatch("%S+") do
  M.kinds[kind] = true
end

local root = debug.getinfo(1, "S").source:match("^@(.*)error%.lua$") or "karun/"

local Error = { __name = "karun.error" }
Error.__index = Error

-- The first frame that is not ours: where a person has to look.
local function their_line()
  for level = 3, 200 do
    local info = debug.getinfo(level, "Sl")
    if not info then return nil end
    local file = info.source:match("^@(.*)$")
    if file and file:sub(1, #root) ~= root and info.currentline > 0 then
      return file .. ":" .. info.currentline
    end
  end
end

function Error:__tostring()
  if self.where then return self.where .. ": " .. self.message end
  return self.message
end

function M.new(kind, message, fields)
  if not M.kinds[kind] then
    fields = { asked = kind }
    kind, message = "usage", ("`%s` is no kind of error; message was: %s"):format(tostring(kind), tostring(message))
  end
  local err = {}
  for name, value in pairs(fields or {}) do
    err[name] = value
  end
  err.kind, err.message = kind, tostring(message)
  if err.where == nil then err.where = their_line() end
  if err.traceback == nil then err.traceback = debug.traceback("", 2):gsub("^\n", "") end
  return setmetatable(err, Error)
end

function M.raise(kind, message, fields)
  error(M.new(kind, message, fields), 0)
end

function M.is(value)
  return type(value) == "table" and type(rawget(value, "kind")) == "string" and rawget(value, "message") ~= nil
end

-- Whatever was raised, as an error object: a bare string keeps its text.
function M.of(value)
  if M.is(value) then return value end
  return M.new("usage", tostring(value), { where = false })
end

return setmetatable(M, {
  __call = function(_, kind, message, fields)
    return M.new(kind, message, fields)
  end,
})
