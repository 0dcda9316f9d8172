-- The difference of two texts by lines, as a person reads it: { { "-", line }, { "+", line }, { " ", line } }.

local M = {}

local function lines_of(text)
  local out = {}
  for line in (text:sub(-1) == "\n" and text or text .. "\n"):gmatch("(.-)\n") do
    out[#out + 1] = line
  end
  return out
end

-- lengths[i][j]: how many lines a[i…] and b[j…] have in common, in order.
local function common(a, b)
  local lengths = {}
  for i = #a + 1, 1, -1 do
    lengths[i] = {}
    for j = #b + 1, 1, -1 do
      if i > #a or j > #b then
        lengths[i][j] = 0
      elseif a[i] == b[j] then
        lengths[i][j] = lengths[i + 1][j + 1] + 1
      else
        lengths[i][j] = math.max(lengths[i + 1][j], lengths[i][j + 1])
      end
    end
  end
  return lengths
end

-- All lines, each with its sign.
function M.lines(before, after)
  local a, b = lines_of(before), lines_of(after)
  local lengths, out, i, j = common(a, b), {}, 1, 1
  while i <= #a or j <= #b do
    if i <= #a and j <= #b and a[i] == b[j] then
      out[#out + 1] = { " ", a[i] }
      i, j = i + 1, j + 1
    elseif j > #b or i <= #a and lengths[i + 1][j] >= lengths[i][j + 1] then
      out[#out + 1] = { "-", a[i] }
      i = i + 1
    else
      out[#out + 1] = { "+", b[j] }
      j = j + 1
    end
  end
  return out
end

-- Only what changed, as text lines "- …" and "+ …".
function M.changes(before, after)
  local out = {}
  for _, one in ipairs(M.lines(before, after)) do
    if one[1] ~= " " then out[#out + 1] = one[1] .. " " .. one[2] end
  end
  return out
end

return M
