-- Two-phase solo. Phase 1, in the page: press, and wait until this button is lit and no other. Phase 2,
-- on the server: it must have the mix before a download is ordered. Where the mixer sends a request,
-- its end is the evidence; where it sends none, quiet is; then a named margin.

local karun = require "karun"
local mixer = require "steps.mixer"
local phase = require "steps.phase"
local log = karun.log

local M = {}

local function lit(rows)
  local names = {}
  for _, row in ipairs(rows) do
    if row.is_soloed then names[#names + 1] = ("%d %s"):format(row.place, row.name) end
  end
  return names
end

-- Exactly this row's button is lit. Another that stays lit is switched off, never the wanted one.
local function only_this(run, page, track)
  local timing, active = run.timing.solo, run.site.classes.solo_active
  local rows = mixer.rows(run, page)
  for _, row in ipairs(rows) do
    if row.is_soloed and row.index ~= track.index then
      mixer.row(run, page, row.index):find(run.site.selectors.solo):click {
        becomes = { no_class = active }, again = timing.again, timeout = timing.timeout,
      }
    end
  end
  rows = mixer.rows(run, page)
  local names = lit(rows)
  if #names ~= 1 or not rows[track.place] or not rows[track.place].is_soloed then
    error(karun.error("not_applied", ("soloing %s: lit are %s"):format(track.name,
      #names > 0 and table.concat(names, ", ") or "none")))
  end
end

-- Follows the mixer's own requests from now on; those of a download under way do not count.
function M.watch(run, page)
  local paths = run.site.paths
  local watch = { open = 0, sent = 0, ended_at = karun.now(), changes = karun.queue() }
  local mine = {}
  local function is_mixers(request)
    for _, name in ipairs { "basket", "begin", "waitfor" } do
      if paths[name] and request.url:find(paths[name], 1, true) then return false end
    end
    return request.url:find(page:url():match("^https?://[^/]+") or "", 1, true) ~= nil
  end
  local function ended(request)
    if not mine[request] then return end
    mine[request] = nil
    watch.open, watch.ended_at = watch.open - 1, karun.now()
    watch.changes:put(true)
  end
  local offs = {
    page:on("request", function(request)
      if not is_mixers(request) then return end
      mine[request] = true
      watch.open, watch.sent = watch.open + 1, watch.sent + 1
      watch.changes:put(true)
    end),
    page:on("response", function(response)
      if response.request then ended(response.request) end
    end),
  }
  watch.stop = function()
    for _, off in ipairs(offs) do
      off()
    end
  end
  return watch
end

-- Phase 1. Pressed again only while the button is known to be off: a second press switches it off.
local function light(run, page, track)
  local timing = run.timing.solo
  mixer.reset_after_mix(run, page)
  local button = mixer.row(run, page, track.index):find(run.site.selectors.solo)
  local options = {
    becomes = { class = run.site.classes.solo_active }, again = timing.again, timeout = timing.timeout,
  }
  mixer.press(run, page, button, options)
  only_this(run, page, track)
end

-- No request of the mixer's under way, and none begun for the time of `quiet`. false: it did not end.
local function await_quiet(run, watch, lit_at)
  local timing = run.timing.solo
  local deadline = karun.now() + timing.settle
  while karun.now() < deadline do
    local due = watch.open > 0 and deadline or math.max(lit_at, watch.ended_at) + timing.quiet
    if due <= karun.now() then return true end
    karun.try(watch.changes.get, watch.changes, { timeout = math.min(due, deadline) - karun.now() })
  end
  return watch.open == 0
end

-- Phase 2 -> the moment (karun.now()) from which it may be ordered: the evidence, then the margin.
local function settle(run, watch, lit_at, margin)
  if not await_quiet(run, watch, lit_at) then
    log.warn("the mixer's own request has not ended; going on after the margin")
  end
  return (watch.sent > 0 and watch.ended_at or lit_at) + margin
end

-- Changes the mixer by change(run, page, track), then follows it to the server -> { ready_at, lit_at }: from
-- ready_at on the server has it, as far as can be known.
function M.in_two_phases(run, page, track, margin, change)
  local watch = M.watch(run, page)
  local stop <close> = setmetatable({}, { __close = watch.stop }) -- luacheck: ignore
  phase(track, "solo", change, run, page, track)
  local lit_at = karun.now()
  local ready_at = phase(track, "sync", settle, run, watch, lit_at, margin)
  return { ready_at = ready_at, lit_at = lit_at }
end

-- Solos the track.
function M.track(run, page, track, margin)
  return M.in_two_phases(run, page, track, margin, light)
end

return M
