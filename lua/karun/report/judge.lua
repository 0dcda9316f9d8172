-- Better, worse or unclear: two small sets of seconds compared. docs/profiling.md says why this way.
--
-- The test is the exact Mann-Whitney rank sum test, one side, ties by middle ranks: it asks only for order,
-- so one wild run decides nothing, and it is exact for the handful of runs that people have. On top of it
-- a change must be large enough to matter, and with fewer than five runs a side larger than the spread.

local M = {}

M.least = 3              -- runs a side without which there is no verdict
local MOST = 30          -- runs a side that are used: the last ones
local SMALL_S, SMALL_SHARE = 0.05, 0.02

-- How unlikely order alone must be: what N = 3 and 4 can just reach, then 1 in 100.
local LEVELS = { [3] = 0.05, [4] = 0.0144 }

function M.median(list)
  local sorted = table.move(list, 1, #list, 1, {})
  table.sort(sorted)
  local n = #sorted
  if n == 0 then return nil end
  return n % 2 == 1 and sorted[n // 2 + 1] or (sorted[n // 2] + sorted[n // 2 + 1]) / 2
end

function M.range(list)
  local low, high = math.huge, -math.huge
  for _, value in ipairs(list) do
    low, high = math.min(low, value), math.max(high, value)
  end
  return low, high
end

-- Twice the middle rank of each value, in whole numbers: a's first, then b's.
local function doubled_ranks(a, b)
  local all = {}
  for i, value in ipairs(a) do all[i] = { value, i } end
  for i, value in ipairs(b) do all[#a + i] = { value, #a + i } end
  table.sort(all, function(x, y) return x[1] < y[1] end)
  local ranks, i = {}, 1
  while i <= #all do
    local j = i
    while all[j + 1] and all[j + 1][1] == all[i][1] do j = j + 1 end
    for k = i, j do
      ranks[all[k][2]] = i + j
    end
    i = j + 1
  end
  return ranks
end

-- How many of the ways to choose #a of all ranks have which sum.
local function ways(ranks, n)
  local table_of = {}
  for count = 0, n do table_of[count] = {} end
  table_of[0][0] = 1
  for _, rank in ipairs(ranks) do
    for count = n - 1, 0, -1 do
      for sum, number in pairs(table_of[count]) do
        local into = table_of[count + 1]
        into[sum + rank] = (into[sum + rank] or 0) + number
      end
    end
  end
  return table_of[n]
end

-- The chance that order alone puts b this much above a, and this much below.
function M.chances(a, b)
  local ranks = doubled_ranks(a, b)
  local sum = 0
  for i = 1, #a do sum = sum + ranks[i] end
  local all, above, below = 0, 0, 0
  for other, number in pairs(ways(ranks, #a)) do
    all = all + number
    if other <= sum then above = above + number end
    if other >= sum then below = below + number end
  end
  return above / all, below / all
end

-- The median of all differences b - a (Hodges-Lehmann).
function M.shift(a, b)
  local list = {}
  for _, x in ipairs(a) do
    for _, y in ipairs(b) do list[#list + 1] = y - x end
  end
  return M.median(list)
end

local function last(list)
  return #list > MOST and table.move(list, #list - MOST + 1, #list, 1, {}) or list
end

local function side(list)
  if #list == 0 then return { n = 0 } end
  local low, high = M.range(list)
  return { n = #list, median_s = M.median(list), min_s = low, max_s = high, values_s = list }
end

-- { a, b (each n, median_s, min_s, max_s, values_s), change_s, change, p, verdict, why }
function M.compare(a, b)
  a, b = last(a), last(b)
  local out = { a = side(a), b = side(b), verdict = "unclear" }
  if #a == 0 or #b == 0 then
    out.why = "no figures on one side"
    return out
  end
  out.change_s = out.b.median_s - out.a.median_s
  out.change = out.a.median_s > 0 and out.change_s / out.a.median_s or nil
  local least = math.min(#a, #b)
  if least < M.least then
    out.why = ("fewer than %d runs a side"):format(M.least)
    return out
  end
  local shift = M.shift(a, b)
  local slower, quicker = M.chances(a, b)
  out.p, out.shift_s = math.min(slower, quicker), shift
  local spread = math.max(out.a.max_s - out.a.min_s, out.b.max_s - out.b.min_s)
  if math.abs(shift) < math.max(SMALL_S, SMALL_SHARE * out.a.median_s) then
    out.why = "too small to matter"
  elseif out.p > (LEVELS[least] or 0.01) + 1e-9 then
    out.why = "could be chance"
  elseif least < 5 and math.abs(shift) < spread then
    out.why = "not larger than the spread"
  else
    out.verdict = shift > 0 and "worse" or "better"
  end
  return out
end

return M
