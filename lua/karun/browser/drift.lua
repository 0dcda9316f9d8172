-- Selector drift: in an ordered list of selectors another than the first one matched. Kept once for
-- each list and entry, for reports.

local fault = require "karun.error"

local M = {}

local MAX = 1000
local entries, index = {}, {}
local listeners = {}

-- list: the selectors; entry: which one matched; url: of the page it matched on
function M.record(list, entry, url)
  local key = table.concat(list, "\0") .. "\0" .. entry
  local known = index[key]
  if known then
    known.count = known.count + 1
    return
  end
  if #entries >= MAX then return end
  local found = {
    list = list, entry = entry, wanted = list[1], matched = list[entry], count = 1, url = url, where = fault.where(),
  }
  index[key] = found
  entries[#entries + 1] = found
  for _, fn in ipairs(listeners) do
    fn(found)
  end
end

-- Everything recorded so far, in order: { list, entry, wanted, matched, count, url, where }.
function M.list()
  return table.move(entries, 1, #entries, 1, {})
end

-- fn(entry) for each new one.
function M.listen(fn)
  listeners[#listeners + 1] = fn
end

function M.clear()
  entries, index = {}, {}
end

return M
