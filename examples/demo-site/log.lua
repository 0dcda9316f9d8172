-- The site's own account of what happened: what benches compute the bound from and tests count.
-- `t` is karun.now(), the machine's monotonic clock, so it compares with other processes' times.

local karun = require "karun"

local Log = {}
Log.__index = Log
Log.__name = "demo.log"

local ceiling <const> = 20000

local M = {}

function M.new()
  return setmetatable({ entries = {}, dropped = 0 }, Log)
end

-- fields.t may say when it happened, where that was found out later.
function Log:add(event, fields)
  fields = fields or {}
  fields.event = event
  fields.t = fields.t or karun.now()
  if #self.entries >= ceiling then
    table.remove(self.entries, 1)
    self.dropped = self.dropped + 1
  end
  self.entries[#self.entries + 1] = fields
  return fields
end

-- In the order of their times; only one kind of event when named.
function Log:list(event)
  local list = {}
  for i, entry in ipairs(self.entries) do
    if not event or entry.event == event then list[#list + 1] = { i, entry } end
  end
  table.sort(list, function(a, b)
    if a[2].t ~= b[2].t then return a[2].t < b[2].t end
    return a[1] < b[1]
  end)
  for i, pair in ipairs(list) do
    list[i] = pair[2]
  end
  return list
end

function Log:clear()
  self.entries, self.dropped = {}, 0
end

return M
