-- Two sides compared: figures for programs, a table for a terminal, a page with the timelines laid over one
-- another. Runs with different numbers of tracks are compared by the track.

local html = require "karun.report.html"
local history = require "karun.report.history"
local judge = require "karun.report.judge"
local markup = require "karun.report.markup"
local timeline = require "karun.report.timeline"
local trace = require "karun.trace"

local M = {}

local function track_counts(sides)
  local first, same = nil, true
  for _, side in ipairs(sides) do
    for _, run in ipairs(side.runs) do
      local n = history.tracks(run)
      first = first or n
      same = same and n == first
    end
  end
  return same
end

local function values(side, pick, by_track)
  local out = {}
  for _, run in ipairs(side.runs) do
    local value, tracks = pick(run), history.tracks(run)
    if value then out[#out + 1] = by_track and value / math.max(1, tracks) or value end
  end
  return out
end

local function ids(side)
  local out = {}
  for i, run in ipairs(side.runs) do
    out[i] = run.id or "?"
  end
  return out
end

-- a, b: sides. fail_on: a share (0.1), or nil.
function M.of(a, b, fail_on)
  local by_track = not track_counts { a, b }
  local out = {
    schema = 1, a = { name = a.name, runs = ids(a), n = #a.runs }, b = { name = b.name, runs = ids(b), n = #b.runs },
    unit = by_track and "seconds a track" or "seconds", phases = {}, failing = {}, fail_on = fail_on,
  }
  local function compare(name, pick)
    local one = judge.compare(values(a, pick, by_track), values(b, pick, by_track))
    one.name = name
    if fail_on and one.verdict == "worse" and one.change and one.change > fail_on then out.failing[#out.failing + 1] = name end
    return one
  end
  for _, name in ipairs(trace.phases) do
    out.phases[name] = compare(name, function(run) return run.phases[name] end)
  end
  out.total = compare("total", function(run) return run.wall_s end)
  out.passed = #out.failing == 0
  return out
end

local function signed(change)
  return change and ("%+.0f %%"):format(change * 100) or "–"
end

local function spread(side)
  if side.n == 0 then return "–" end
  return side.n == 1 and ("%.2f"):format(side.median_s) or ("%.2f (%.2f–%.2f)"):format(side.median_s, side.min_s, side.max_s)
end

local function each_row(result)
  local list = {}
  for _, name in ipairs(trace.phases) do
    local one = result.phases[name]
    if (one.a.median_s or 0) > 0 or (one.b.median_s or 0) > 0 then list[#list + 1] = one end
  end
  list[#list + 1] = result.total
  return list
end

-- For a terminal.
function M.text(result)
  local lines = { ("A: %s (N = %d)   B: %s (N = %d)   %s, median (from–to)"):format(result.a.name, result.a.n, result.b.name,
    result.b.n, result.unit) }
  local function row(...)
    lines[#lines + 1] = (("%-10s %22s %22s %8s  %-8s %s"):format(...):gsub("%s+$", ""))
  end
  row("phase", "A", "B", "change", "verdict", "")
  for _, one in ipairs(each_row(result)) do
    row(one.name, spread(one.a), spread(one.b), signed(one.change), one.verdict, one.why and "(" .. one.why .. ")" or "")
  end
  return table.concat(lines, "\n") .. "\n"
end

local function phase_rows(run, wall, label)
  local out = { ('<div class="row song"><span class="who">%s</span><span class="lane"></span></div>'):format(markup.escape(label)) }
  out[#out + 1] = timeline.rows(run, wall)
  return table.concat(out)
end

-- The page: the table, then one run of each side on one scale.
function M.html(result, a, b)
  local rows = {}
  for _, one in ipairs(each_row(result)) do
    local class = one.verdict == "worse" and "failed" or one.verdict == "better" and "done" or "soft"
    rows[#rows + 1] = { markup.escape(one.name), spread(one.a), spread(one.b), signed(one.change),
      ('<span class="%s">%s</span>'):format(class, one.verdict), markup.escape(one.why or ("p = %.3f"):format(one.p or 1)) }
  end
  local first_a, first_b = a.runs[#a.runs], b.runs[#b.runs]
  local wall = math.max(first_a.wall_s, first_b.wall_s)
  local body = ('<header><p class="soft">compare</p><h1>%s against %s</h1><p>N = %d and %d; %s</p></header>'):format(
    markup.escape(a.name), markup.escape(b.name), #a.runs, #b.runs, result.unit)
    .. markup.section("table", "By phase", nil, markup.table("Median, and in brackets from the least to the most. The verdict is an exact "
      .. "Mann-Whitney test; below N = 3 there is none.", { { "phase" }, { "A: " .. markup.escape(a.name), "num" },
        { "B: " .. markup.escape(b.name), "num" }, { "change", "num" }, { "verdict" }, { "why" } }, rows))
    .. markup.section("timelines", "On one scale", nil, timeline.legend()
      .. '<div class="tools"><button type="button" data-zoom="in">zoom in</button> <button type="button" data-zoom="out">zoom out</button> '
      .. '<button type="button" data-zoom="fit">all</button></div><p id="said" class="said" role="status" aria-live="polite"></p>'
      .. '<div class="timeline" tabindex="0" role="group" aria-label="Timelines of both sides"><div class="wide">'
      .. phase_rows(first_a, wall, "A: " .. a.name .. ", the last run") .. phase_rows(first_b, wall, "B: " .. b.name .. ", the last run")
      .. "</div></div>")
  return html.page(("karun: %s against %s"):format(a.name, b.name), body)
end

return M
