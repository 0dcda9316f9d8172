-- Memory and processor over time, as small pictures: SVG in the page itself, no script.

local markup = require "karun.report.markup"

local M = {}

local WIDTH, HEIGHT = 600, 120

local function nice_top(value)
  local power = 10 ^ math.floor(math.log(math.max(value, 1e-9), 10))
  for _, step in ipairs { 1, 2, 5, 10 } do
    if step * power >= value then return step * power end
  end
end

local function path(points, wall, top)
  local out = {}
  for i, point in ipairs(points) do
    out[i] = ("%s%.1f %.1f"):format(i == 1 and "M" or "L", point[1] / wall * WIDTH, HEIGHT - point[2] / top * HEIGHT)
  end
  return table.concat(out)
end

-- lines: { { name, class, points } }; show(value) -> text
local function chart(title, lines, wall, show)
  local top, summary = 1e-9, {}
  for _, line in ipairs(lines) do
    local most = 0
    for _, point in ipairs(line.points) do
      most = math.max(most, point[2])
    end
    top = math.max(top, most)
    summary[#summary + 1] = ("%s at most %s"):format(line.name, show(most))
  end
  top = nice_top(top)
  local words = title .. ": " .. table.concat(summary, ", ")
  local out = { ('<figure><svg viewBox="0 0 %d %d" role="img" aria-label="%s" preserveAspectRatio="none">'):format(
    WIDTH, HEIGHT, markup.escape(words)) }
  for i = 1, 3 do
    out[#out + 1] = ('<line class="grid" x1="0" x2="%d" y1="%d" y2="%d"/>'):format(WIDTH, HEIGHT * i // 4, HEIGHT * i // 4)
  end
  for _, line in ipairs(lines) do
    out[#out + 1] = ('<path class="%s" d="%s"/>'):format(line.class, path(line.points, wall, top))
  end
  out[#out + 1] = ('</svg><figcaption><b>%s</b> <span class="soft">top line %s</span><br>'):format(title, show(top))
  for i, line in ipairs(lines) do
    out[#out + 1] = ('<span class="key"><i class="%s"></i>%s</span> '):format(line.class, markup.escape(summary[i]))
  end
  out[#out + 1] = "</figcaption></figure>\n"
  return table.concat(out)
end

local function rate(samples, field)
  local out = {}
  for i = 2, #samples do
    local dt = samples[i].at_s - samples[i - 1].at_s
    -- a browser that ended takes its time with it: no negative rates
    if dt > 0 then out[#out + 1] = { samples[i].at_s, math.max(0, samples[i][field] - samples[i - 1][field]) / dt } end
  end
  return out
end

local function values(samples, field)
  local out = {}
  for i, sample in ipairs(samples) do
    out[i] = { sample.at_s, sample[field] }
  end
  return out
end

function M.html(model)
  local samples = model.samples
  if #samples < 2 then return "" end
  local wall = math.max(model.wall_s, samples[#samples].at_s, 0.001)
  local function cores(value)
    return ("%.0f %% of a core"):format(value * 100)
  end
  return '<div class="charts">' .. chart("Memory", {
    { name = "browser", class = "l-browser", points = values(samples, "browser") },
    { name = "karun", class = "l-karun", points = values(samples, "karun") },
  }, wall, markup.size) .. chart("Processor", {
    { name = "browser", class = "l-browser", points = rate(samples, "browser_cpu") },
    { name = "karun", class = "l-karun", points = rate(samples, "karun_cpu") },
  }, wall, cores) .. "</div>" .. '<p class="soft">The browser\'s memory is the sum over its processes; what they share is '
    .. "counted in each.</p>"
end

-- Which file holds which track: { song = "…", labels = {…}, rows = { { 0…1 } } }, from the proof by sound.
local function sound_matrix(sound)
  local out = { '<div class="scroll"><table class="matrix"><caption>' .. markup.escape(sound.song or "")
    .. ": how much of each track (column) each file (row) holds; the diagonal should be full, the rest empty, "
    .. "a mix holds what it is made of.</caption><thead><tr><td></td>" }
  for _, label in ipairs(sound.labels) do
    out[#out + 1] = ('<th scope="col">%s</th>'):format(markup.escape(label))
  end
  out[#out + 1] = "</tr></thead><tbody>"
  for i, row in ipairs(sound.rows) do
    out[#out + 1] = ('<tr><th scope="row">%s</th>'):format(markup.escape(sound.labels[i] or ""))
    for j, value in ipairs(row) do
      out[#out + 1] = ('<td class="%s" style="--v:%.2f">%.2f</td>'):format(i == j and "own" or "other", math.max(0, math.min(1, value)), value)
    end
    out[#out + 1] = "</tr>"
  end
  out[#out + 1] = "</tbody></table></div>"
  return table.concat(out)
end

function M.sounds(sounds)
  local out = {}
  for i, sound in ipairs(sounds) do
    out[i] = sound_matrix(sound)
  end
  return table.concat(out)
end

return M
