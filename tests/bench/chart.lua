-- One curve as an SVG text: chart(title, what x counts, { { x, y }, … }).

local W, H, LEFT, BOTTOM, TOP = 640, 300, 70, 40, 36

return function(title, unit, points)
  local max_x, max_y = 0, 0
  for _, point in ipairs(points) do
    max_x, max_y = math.max(max_x, point[1]), math.max(max_y, point[2])
  end
  if max_y == 0 then max_y = 1 end
  local function place(x, y)
    return LEFT + x / max_x * (W - LEFT - 20), H - BOTTOM - y / max_y * (H - BOTTOM - TOP)
  end
  local line, dots = {}, {}
  for i, point in ipairs(points) do
    local x, y = place(point[1], point[2])
    line[i] = ("%.1f,%.1f"):format(x, y)
    dots[i] = ('<circle cx="%.1f" cy="%.1f" r="3"><title>%g: %g</title></circle>'):format(x, y, point[1], point[2])
  end
  return ([[<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">
<rect width="100%%" height="100%%" fill="#fff"/><text x="%d" y="20" font-size="14">%s</text>
<path d="M%d %dV%dH%d" fill="none" stroke="#888"/>
<text x="%d" y="%d" text-anchor="end">%.3g</text><text x="%d" y="%d" text-anchor="end">0</text>
<text x="%d" y="%d" text-anchor="end">%g %s</text>
<polyline points="%s" fill="none" stroke="#1668b8" stroke-width="2"/><g fill="#1668b8">%s</g>
</svg>
]]):format(W, H, LEFT, title, LEFT, TOP, H - BOTTOM, W - 20, LEFT - 6, TOP + 4, max_y, LEFT - 6, H - BOTTOM + 4,
    W - 20, H - 12, max_x, unit, table.concat(line, " "), table.concat(dots))
end
