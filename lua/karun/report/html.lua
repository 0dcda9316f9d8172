-- report.html: one file without network, made from run.json alone (and its pictures).

local charts = require "karun.report.charts"
local incidents = require "karun.report.incidents"
local markup = require "karun.report.markup"
local tables = require "karun.report.tables"
local timeline = require "karun.report.timeline"

local M = {}

local e, seconds, percent = markup.escape, markup.seconds, markup.percent

local function title_of(model)
  local names = {}
  for i, song in ipairs(model.songs) do
    if i <= 2 and song.name ~= "" then names[#names + 1] = (song.artist and song.artist .. " – " or "") .. song.name end
  end
  if #model.songs > 2 then names[#names + 1] = ("and %d more"):format(#model.songs - 2) end
  local flow = (model.flow or "?"):match("[^/]+$")
  return #names > 0 and table.concat(names, ", ") or flow
end

local function count_tracks(model)
  local n = 0
  for _, song in ipairs(model.songs) do
    n = n + #song.tracks
  end
  return n
end

local function state_of(model)
  local counts = model.counts or {}
  if model.killed then return "failed", "the run was killed" end
  if (counts.failed or 0) > 0 then return "failed", ("%d failed"):format(counts.failed) end
  if model.exit_code and model.exit_code ~= 0 then return "failed", ("ended with exit code %d"):format(model.exit_code) end
  return "done", "all done"
end

local function fact(value, words)
  return ('<div><b>%s</b><span>%s</span></div>'):format(value, words)
end

local function head(model)
  local class, words = state_of(model)
  local counts, tracks = model.counts or {}, count_tracks(model)
  local facts = { fact(seconds(model.wall_s), "in all") }
  if tracks > 0 then facts[#facts + 1] = fact(seconds(model.wall_s / tracks), ("a track (%d)"):format(tracks)) end
  facts[#facts + 1] = fact(percent(model.wall_s > 0 and model.share.site_s / model.wall_s or 0), "the site's time")
  facts[#facts + 1] = fact(seconds(math.max(0, model.wall_s - model.bound_s)), "above the bound")
  return ('<header><p class="soft">%s · %s · run %s</p><h1>%s</h1><p class="state %s">%s</p><p>done %d, skipped %d, failed %d</p>'
    .. '<div class="facts">%s</div></header>\n'):format(e((model.flow or ""):match("[^/]+$") or ""), e(model.started or ""), e(model.id or ""), e(title_of(model)), class, words,
      counts.done or 0, counts.skipped or 0, counts.failed or 0, table.concat(facts))
end

local function whole_bar(model)
  local share, wall = model.share, math.max(model.wall_s, 1e-9)
  local function part(name, words)
    return ('<li><i class="s-%s"></i><b>%s</b> %s <span class="soft">%s</span></li>'):format(name, seconds(share[name .. "_s"]),
      words, percent(share[name .. "_s"] / wall))
  end
  local bound = model.bound_s > 0 and ('<p>Physical bound: <b>%s</b>. No client could have been quicker here: the site\'s builds one '
    .. "after the other, its part of signing in and opening, and the last file's way. This run took %.1f times that.</p>")
    :format(seconds(model.bound_s), model.wall_s / model.bound_s) or ""
  local mark = model.bound_s > 0 and model.bound_s < wall
    and ('<span class="bound" style="left:%s" title="physical bound"></span>'):format(markup.pct(model.bound_s / wall)) or ""
  return '<div class="whole">' .. tables.shares(share, wall) .. mark .. '</div><ul class="split">' .. part("site", "the site")
    .. part("working", "working") .. part("waiting", "waiting") .. "</ul>" .. bound
end

local function environment(model)
  local rows, env = {}, model.environment or {}
  for _, name in ipairs { "karun", "browser", "lua", "kernel" } do
    if env[name] then rows[#rows + 1] = { name, e(env[name]) } end
  end
  local names = {}
  for name in pairs(model.timings or {}) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    rows[#rows + 1] = { "<code>" .. e(name) .. "</code>", e(("%g"):format(model.timings[name])) }
  end
  return "<details><summary>What this run went by: versions and every timing</summary>"
    .. markup.table("", { { "what" }, { "value" } }, rows) .. "</details>"
end

-- The page around any body (the comparison has the same).
function M.page(title, body)
  return '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
    .. '<meta name="color-scheme" content="light dark"><title>' .. e(title) .. "</title><style>\n" .. markup.file("style.css")
    .. "</style></head><body><main>\n" .. body .. "</main><script>\n" .. markup.file("page.js") .. "</script></body></html>\n"
end

-- options: pictures (failure number -> JPEG as base64), history.
function M.text(model, options)
  local section = markup.section
  local body = {
    head(model),
    section("failures", "Failures", nil, incidents.failures(model, options.pictures or {})),
    section("time", "Where the time went", nil, whole_bar(model)),
    section("timeline-section", "Timeline", nil, (#model.songs > 0 or #model.run_spans > 0) and timeline.html(model) or ""),
    section("components", "By component", "Blue is the site, green is work, orange (hatched) is waiting that somebody chose.",
      tables.components(model)),
    section("tracks", "By track", nil, tables.tracks(model)),
    section("presses", "Done again", nil, incidents.presses(model)),
    section("drifts", "Selectors that drifted", nil, incidents.drifts(model)),
    section("waits", "Slowest waits", nil, tables.waits(model) .. tables.operations(model)),
    section("machine", "Memory and processor", nil, charts.html(model)),
    section("sound", "Which file is which track", nil, charts.sounds(model.sounds or {})),
    section("notes", "Notes", nil, incidents.notes(model)),
    section("history", "Earlier runs", nil, tables.history(model, options.history or {})),
    section("environment", "Environment", nil, environment(model)),
  }
  return M.page("karun: " .. title_of(model), table.concat(body))
end

return M
