-- Mix strings, `1,0.2,100.3,100`: pairs of track number (from 1) and level joined by dots. What an order
-- carries is the mix that the site will render: the first proof, before anything is built.

local karun = require "karun"

local M = {}

-- The levels in an order's address -> { place -> level }, or nil where it carries none.
function M.of_request(run, url)
  local name = run.site.query and run.site.query.levels
  local text = name and url:match("[?&]" .. name .. "=([^&#]*)")
  if not text then return nil end
  text = text:gsub("%%(%x%x)", function(hex)
    return string.char(tonumber(hex, 16))
  end)
  local levels = {}
  for pair in text:gmatch("[^.]+") do
    local place, level = pair:match("^(%d+),(%d+)$")
    if not place then return nil end
    levels[math.tointeger(tonumber(place))] = math.tointeger(tonumber(level))
  end
  return next(levels) and levels or nil
end

function M.show(levels)
  local out = {}
  for place, level in ipairs(levels) do
    out[place] = ("%d,%d"):format(place, level)
  end
  return table.concat(out, ".")
end

-- Raises `wrong_mix` when the order is not for this track alone, or not for this mix.
function M.check(track, levels)
  local own = track.index and track.index + 1
  for place, level in pairs(levels) do
    local wanted = track.levels and track.levels[place] or nil
    if not track.levels then wanted = place == own and math.max(level, 1) or 0 end
    if level ~= wanted then
      error(karun.error("wrong_mix", ("the order was for another mix than %s: track %d at %d (sent: %s)"):format(track.name,
        place, level, M.show(levels)), { is_order = true }))
    end
  end
end

return M
