-- The report's timeline: a row for the run itself and one for each track, a bar for each phase. Plain
-- elements placed in percent, so that it shows and prints without any script; the script adds zoom,
-- keys and the line that says what a bar is.

local markup = require "karun.report.markup"
local trace = require "karun.trace"

local M = {}

local e, seconds = markup.escape, markup.seconds

local function bar(span, wall, whose)
  local words = ("%s, %s: %s from %s%s%s"):format(whose, span.name, seconds(span.dur_s), seconds(span.start_s),
    (span.attempt or 1) ~= 1 and (", attempt %s"):format(span.attempt) or "",
    span.outcome and ", ended as " .. span.outcome or "")
  return ('<i class="p-%s%s" style="left:%s;width:%s" title="%s"></i>'):format(span.name, span.outcome and " bad" or "",
    markup.pct(span.start_s / wall), markup.pct(span.dur_s / wall), e(words))
end

local MARK = { done = "✓", failed = "✗", skipped = "–" }

local function row(name, spans, wall, whose, status)
  local bars = {}
  for _, span in ipairs(spans) do
    bars[#bars + 1] = bar(span, wall, whose)
  end
  return ('<div class="row%s"><span class="who" title="%s">%s%s</span><span class="lane">%s</span></div>\n'):format(
    status and " " .. status or "", e(whose), status and ('<b aria-label="%s">%s</b> '):format(status, MARK[status] or "") or "",
    e(name), table.concat(bars))
end

-- Round steps that leave about six marks.
local function step_of(wall)
  for _, step in ipairs { 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200 } do
    if wall / step <= 7 then return step end
  end
  return wall / 6
end

local function ruler(wall)
  local out, step = {}, step_of(wall)
  local at = 0
  while at <= wall * 0.92 do
    out[#out + 1] = ('<span style="left:%s">%s</span>'):format(markup.pct(at / wall), at == 0 and "0" or seconds(at))
    at = at + step
  end
  return '<div class="row ruler" aria-hidden="true"><span class="who"></span><span class="lane">'
    .. table.concat(out) .. "</span></div>\n"
end

function M.legend()
  local out = {}
  for _, name in ipairs(trace.phases) do
    out[#out + 1] = ('<span><i class="p-%s"></i>%s</span>'):format(name, name)
  end
  return '<p class="legend">' .. table.concat(out, " ") .. "</p>\n"
end

-- wall: what the whole width is, when several runs share one scale.
function M.rows(model, wall)
  wall = math.max(wall or model.wall_s, 0.001)
  local out = { ruler(wall) }
  if #model.run_spans > 0 then out[#out + 1] = row("run", model.run_spans, wall, "run") end
  for _, song in ipairs(model.songs) do
    if #model.songs > 1 then
      out[#out + 1] = ('<div class="row song"><span class="who">%s</span><span class="lane"></span></div>\n'):format(e(song.name))
    end
    for _, track in ipairs(song.tracks) do
      out[#out + 1] = row(track.name, track.spans, wall, track.name, track.status)
    end
  end
  return table.concat(out)
end

function M.html(model)
  local tools = '<div class="tools"><button type="button" data-zoom="in">zoom in</button> '
    .. '<button type="button" data-zoom="out">zoom out</button> <button type="button" data-zoom="fit">all</button> '
    .. '<span class="hint">or keys: + − 0, arrows go from bar to bar</span></div>'
  return M.legend() .. tools .. '<p id="said" class="said" role="status" aria-live="polite">Point at a bar, or press an arrow key.</p>'
    .. '<div class="timeline" id="timeline" tabindex="0" role="group" aria-label="Timeline of phases"><div class="wide">\n'
    .. M.rows(model) .. "</div></div>\n"
end

return M
