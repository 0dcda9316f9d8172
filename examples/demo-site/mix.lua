-- The site's mix strings: `1,0.2,100.3,100`, pairs of track number and level joined by dots, one for
-- each row. Pannings are written alike, but only those that are not in the middle.

local M = {}

function M.encode(levels)
  local pairs_of = {}
  for i, level in ipairs(levels) do
    pairs_of[i] = ("%d,%d"):format(i, level)
  end
  return table.concat(pairs_of, ".")
end

-- nil for what the site would answer 500 to.
local function read(text, count, lowest)
  local levels, seen = {}, 0
  for pair in text:gmatch "[^.]+" do
    local number, level = pair:match "^(%d+),(%-?%d+)$"
    number, level = math.tointeger(number), math.tointeger(level)
    if not level or number < 1 or number > count or level < lowest or level > 100 then return nil end
    levels[number], seen = level, seen + 1
  end
  return levels, seen
end

function M.levels(text, count)
  local levels, seen = read(text, count, 0)
  if not levels or seen ~= count or #levels ~= count then return nil end
  return levels
end

function M.pannings(text, count)
  return read(text, count, -100)
end

function M.default(song)
  local levels = {}
  for i in ipairs(song.tracks) do
    levels[i] = i == song.click and 0 or 100
  end
  return levels
end

-- The place of the only audible track; nil when several or none sound.
function M.solo(levels)
  local only
  for i, level in ipairs(levels) do
    if level > 0 then
      if only then return nil end
      only = i
    end
  end
  return only
end

-- The ready-made mixes under "Presets". One named after a voice means: all but that.
function M.presets(song, texts)
  local presets = { { name = texts.original, mix = M.encode(M.default(song)) } }
  local known = {}
  for _, caption in ipairs(song.tracks) do
    if caption:find "Vocal" and not known[caption] then
      known[caption] = true
      local levels = M.default(song)
      for k, other in ipairs(song.tracks) do
        if other == caption then levels[k] = 0 end
      end
      presets[#presets + 1] = { name = caption, mix = M.encode(levels) }
    end
  end
  return presets
end

return M
