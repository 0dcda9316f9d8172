-- A value for each timing from the history of waits: what would have sufficed in 99 of 100 cases, and a
-- quarter more. Says how many waits stand behind it; never edits by itself.

local history = require "karun.report.history"
local json = require "karun.native.json"
local settings = require "karun.settings"

local M = {}

local SHARE, MARGIN = 0.99, 1.25
local LEAST = 10         -- waits without which nothing is proposed

-- { [timing] = { lengths, ran_out, runs } } over all runs that are kept.
function M.gather()
  local out, runs = {}, 0
  history.each(function(model)
    runs = runs + 1
    for name, wait in pairs(model.waits or {}) do
      if wait.kind ~= "pause" then
        local one = out[name] or { lengths = {}, ran_out = 0, runs = 0 }
        out[name] = one
        table.move(wait.lengths, 1, #wait.lengths, #one.lengths + 1, one.lengths)
        one.ran_out, one.runs = one.ran_out + (wait.timeouts or 0), one.runs + 1
      end
    end
    return true
  end)
  return out, runs
end

-- Up to two digits that matter: 0.234 -> 0.24, 13.7 -> 14.
local function rounded_up(value)
  if value <= 0 then return 0 end
  local step = 10 ^ (math.floor(math.log(value, 10)) - 1)
  local out = math.ceil(value / step - 1e-9) * step
  return out == math.floor(out) and math.tointeger(math.floor(out)) or tonumber(("%.6g"):format(out))
end

-- What sufficed in SHARE of the cases: with fewer than 100 that is the longest.
local function sufficed(lengths)
  table.sort(lengths)
  return lengths[math.max(1, math.ceil(SHARE * #lengths))]
end

-- One line for each timing: { name, now, proposed or nil, n, ran_out, longest_s, why }.
function M.lines()
  local book, list = settings.timing_book(), json.array {}
  local gathered, runs = M.gather()
  for _, name in ipairs(book.names) do
    local wait, entry = gathered[name], book.entries[name]
    if wait and entry.unit == "s" and #wait.lengths + wait.ran_out > 0 then
      local line = { name = name, now = entry.value, n = #wait.lengths, ran_out = wait.ran_out, runs = wait.runs }
      list[#list + 1] = line
      if #wait.lengths > 0 then line.sufficed_s = sufficed(wait.lengths) end
      if wait.ran_out > 0.01 * (line.n + wait.ran_out) then
        line.why = ("%d of %d ran out: whatever they waited for, this limit says nothing about it"):format(wait.ran_out, line.n + wait.ran_out)
      elseif line.n < LEAST then
        line.why = ("%d waits are too few (%d)"):format(line.n, LEAST)
      else
        local value = math.max(entry.range[1], math.min(entry.range[2], rounded_up(line.sufficed_s * MARGIN)))
        if math.abs(value - entry.value) < 0.1 * entry.value then line.why = "right as it is" else line.proposed = value end
      end
    end
  end
  return list, runs
end

-- The edit, ready for timing.lua.
function M.edit(lines)
  local groups, order = {}, {}
  for _, line in ipairs(lines) do
    if line.proposed then
      local group, key = line.name:match("^([^.]+)%.(.+)$")
      if not groups[group] then
        groups[group] = {}
        order[#order + 1] = group
      end
      table.insert(groups[group], ("    %s = %s, -- %d waits, %.2f s sufficed in 99 %% of them; was %g"):format(key,
        tostring(line.proposed), line.n, line.sufficed_s, line.now))
    end
  end
  if #order == 0 then return nil end
  local out = { "return {" }
  for _, group in ipairs(order) do
    out[#out + 1] = ("  %s = {"):format(group)
    table.move(groups[group], 1, #groups[group], #out + 1, out)
    out[#out + 1] = "  },"
  end
  out[#out + 1] = "}"
  return table.concat(out, "\n") .. "\n"
end

return M
