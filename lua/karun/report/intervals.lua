-- Lists of { from, to }: their union, length and overlap. What the figures of a report are made of.

local M = {}

-- Sorted, without overlaps.
function M.union(list)
  local sorted = table.move(list, 1, #list, 1, {})
  table.sort(sorted, function(a, b) return a[1] < b[1] end)
  local out = {}
  for _, piece in ipairs(sorted) do
    local last = out[#out]
    if last and piece[1] <= last[2] then
      if piece[2] > last[2] then last[2] = piece[2] end
    elseif piece[2] > piece[1] then
      out[#out + 1] = { piece[1], piece[2] }
    end
  end
  return out
end

function M.length(union)
  local sum = 0
  for _, piece in ipairs(union) do
    sum = sum + piece[2] - piece[1]
  end
  return sum
end

-- What two unions share.
function M.both(a, b)
  local out, i, j = {}, 1, 1
  while a[i] and b[j] do
    local from, to = math.max(a[i][1], b[j][1]), math.min(a[i][2], b[j][2])
    if to > from then out[#out + 1] = { from, to } end
    if a[i][2] < b[j][2] then i = i + 1 else j = j + 1 end
  end
  return out
end

-- What of union a is not in b.
function M.without(a, b)
  local out, j = {}, 1
  for _, piece in ipairs(a) do
    local from = piece[1]
    while b[j] and b[j][2] <= from do j = j + 1 end
    local k = j
    while b[k] and b[k][1] < piece[2] do
      if b[k][1] > from then out[#out + 1] = { from, b[k][1] } end
      from = math.max(from, b[k][2])
      k = k + 1
    end
    if from < piece[2] then out[#out + 1] = { from, piece[2] } end
  end
  return out
end

return M
