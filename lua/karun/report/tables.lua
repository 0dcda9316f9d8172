-- The report's tables: by component, by track, slowest waits, history, what the run went by.

local markup = require "karun.report.markup"
local trace = require "karun.trace"

local M = {}

local e, seconds, percent, pct = markup.escape, markup.seconds, markup.percent, markup.pct

-- A bar of site, working and waiting, as wide as `share` of its cell.
function M.shares(share, of)
  local whole = math.max(of or (share.site_s + share.working_s + share.waiting_s), 1e-9)
  local parts = {}
  for _, name in ipairs { "site", "working", "waiting" } do
    local part = share[name .. "_s"] or 0
    if part > 0 then
      parts[#parts + 1] = ('<i class="s-%s" style="width:%s" title="%s %s"></i>'):format(name, pct(part / whole), name, seconds(part))
    end
  end
  return '<span class="bar" aria-hidden="true">' .. table.concat(parts) .. "</span>"
end

local VERDICT = {
  fine = "fine", ["the site's time"] = "the site's time", ["too much waiting"] = "too much waiting", ["our work"] = "our work",
}

function M.components(model)
  local rows, longest = {}, 1e-9
  for _, one in ipairs(model.components) do
    longest = math.max(longest, one.dur_s)
  end
  for _, one in ipairs(model.components) do
    if one.dur_s > 0 or one.name ~= "between" then
      local class = one.verdict == "too much waiting" and "warn" or "plain"
      rows[#rows + 1] = {
        ('<i class="dot p-%s"></i>%s'):format(one.name, one.name == "between" and "outside of phases" or one.name),
        seconds(one.dur_s), percent(one.share), M.shares(one, longest), seconds(one.site_s), seconds(one.waiting_s),
        seconds(one.gain_s), ('<span class="%s">%s</span>'):format(class, one.dur_s > 0 and VERDICT[one.verdict] or "–"),
      }
    end
  end
  return markup.table("Phases overlap where tracks are worked on side by side, so shares may add up to more than all.", {
    { "component" }, { "time", "num" }, { "share", "num" }, { "", "wide-cell" }, { "site", "num" }, { "waiting", "num" },
    { "not the site", "num" }, { "verdict", "short" },
  }, rows)
end

local function phase_bar(track, longest)
  local parts = {}
  for _, name in ipairs(trace.phases) do
    local part = track.phases[name] or 0
    if part > 0 then
      parts[#parts + 1] = ('<i class="p-%s" style="width:%s" title="%s %s"></i>'):format(name, pct(part / longest), name, seconds(part))
    end
  end
  return '<span class="bar" aria-hidden="true">' .. table.concat(parts) .. "</span>"
end

function M.tracks(model)
  local rows, longest, used = {}, 1e-9, {}
  for _, song in ipairs(model.songs) do
    for _, track in ipairs(song.tracks) do
      local sum = 0
      for name, value in pairs(track.phases) do
        sum = sum + value
        used[name] = used[name] or value > 0
      end
      longest = math.max(longest, sum)
    end
  end
  local heads = { { "track" }, { "result", "short" }, { "time", "num" }, { "", "wide-cell" } }
  for _, name in ipairs(trace.phases) do
    if used[name] then heads[#heads + 1] = { name, "num" } end
  end
  heads[#heads + 1] = { "size", "num" }
  for _, song in ipairs(model.songs) do
    for _, track in ipairs(song.tracks) do
      local name = (#model.songs > 1 and '<span class="soft">' .. e(song.name) .. " </span>" or "") .. e(track.name)
      local result = (track.status or "open") .. (track.attempts and (", %d attempts"):format(track.attempts) or "")
      local row = { name, ('<span class="%s">%s</span>'):format(track.status or "open", result), seconds(track.dur_s),
        phase_bar(track, longest) }
      for _, phase in ipairs(trace.phases) do
        if used[phase] then row[#row + 1] = seconds(track.phases[phase] or 0) end
      end
      row[#row + 1] = track.bytes and markup.size(track.bytes) or "–"
      rows[#rows + 1] = row
    end
  end
  if #rows == 0 then return "" end
  return markup.table("Time is the union of a track's phases.", heads, rows)
end

function M.waits(model)
  local rows = {}
  for _, wait in ipairs(model.slow_waits) do
    rows[#rows + 1] = {
      seconds(wait.dur_s), e(wait.about and wait.what .. ": " .. wait.about or wait.what),
      wait.ended == "cancelled" and "no longer needed" or wait.ended == "came" and (wait.kind == "pause" and "over" or "it came") or '<span class="warn">' .. e(wait.ended) .. "</span>",
      wait.limit_s and seconds(wait.limit_s) .. (wait.timing and "<br><code>" .. e(wait.timing) .. "</code>" or "") or "–",
      wait.site and "the site" or wait.kind == "pause" and "us (pause)" or "the page",
      e(table.concat({ wait.track or wait.song or "", wait.phase or "" }, " ")), "<code>" .. e((wait.line or "–"):gsub("^.*/lua/", "")) .. "</code>",
    }
  end
  if #rows == 0 then return "" end
  return markup.table("The longest first; the line is the flow's.", { { "took", "num" }, { "waited for", "long" }, { "ended", "short" },
    { "limit", "num" }, { "for whom", "short" }, { "where", "place" }, { "line", "line" } }, rows)
end

function M.history(model, history)
  if #history == 0 then return "" end
  local list = { { id = model.id, started = model.started, wall_s = model.wall_s, counts = model.counts, tracks = 0, is_this = true } }
  for _, song in ipairs(model.songs) do
    list[1].tracks = list[1].tracks + #song.tracks
  end
  table.move(history, 1, #history, 2, list)
  local longest = 1e-9
  for _, one in ipairs(list) do
    longest = math.max(longest, one.wall_s)
  end
  local rows = {}
  for _, one in ipairs(list) do
    local counts = one.counts or {}
    rows[#rows + 1] = {
      e(one.started or one.id) .. (one.is_this and " <b>(this run)</b>" or ""), seconds(one.wall_s),
      ('<span class="bar" aria-hidden="true"><i class="s-working" style="width:%s"></i></span>'):format(pct(one.wall_s / longest)),
      tostring(one.tracks), one.tracks > 0 and seconds(one.wall_s / one.tracks) or "–",
      ("%d / %d / %d"):format(counts.done or 0, counts.skipped or 0, counts.failed or 0),
    }
  end
  return markup.table("The last runs of this flow, newest first.", { { "run" }, { "time", "num" }, { "", "wide-cell" },
    { "tracks", "num" }, { "a track", "num" }, { "done / skipped / failed", "num" } }, rows)
end

function M.operations(model)
  local rows = {}
  for i, op in ipairs(model.operations or {}) do
    if i > 15 then break end
    rows[#rows + 1] = { e(op.name), e(op.kind), tostring(op.count), seconds(op.sum_s), seconds(op.max_s) }
  end
  if #rows == 0 then return "" end
  return "<details><summary>What the runtime did, by total time</summary>" .. markup.table(
    ("Operations hold one another (a wait holds its protocol calls). %d did not fit and are only counted."):format(model.dropped or 0),
    { { "operation" }, { "kind" }, { "times", "num" }, { "in all", "num" }, { "longest", "num" } }, rows) .. "</details>"
end

return M
