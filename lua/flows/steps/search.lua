-- Looks a song up on the site: its own search, and how like each result is to what was meant.

local karun = require "karun"
local address = require "karun.address"
local human = require "steps.human"
local log = karun.log

local M = {}

-- The songs of a page of results: title, artist beside it, address.
local READ = [[(results, artists, most) => {
  const list = (root, selectors) => {
    for (const s of selectors) { const all = root.querySelectorAll(s); if (all.length) return [...all]; }
    return [];
  };
  const clean = (element) => element ? element.textContent.replace(/\s+/g, " ").trim() : "";
  return list(document, results).slice(0, most).map((link) => {
    let around = link.parentElement, artist = null;
    for (let i = 0; i < 3 && around && !artist; i++, around = around.parentElement) {
      artist = list(around, artists).find((other) => other !== link && !other.contains(link)) ?? null;
    }
    return { title: clean(link), artist: clean(artist), url: link.href };
  });
}]]

local function as_list(selectors)
  return karun.json.array(type(selectors) == "table" and selectors or { selectors })
end

-- Opens the page of results for these words.
local function open(run, page, words)
  local url = address.page(run.site, "search", nil, { query = words })
  local retry = run.timing.retry
  return karun.retry({
    tries = run.timing.open.tries, delay = retry.delay, factor = retry.factor, max_delay = retry.max_delay,
    jitter = retry.jitter, on = { "net", "timeout", "navigation", "rate_limited" },
  }, function()
    local response = page:open(url, { wait = "dom", timeout = run.timing.open.timeout })
    if human.check(run, page) then response = page:open(url, { wait = "dom", timeout = run.timing.open.timeout }) end
    if response.status == 429 or response.status >= 500 then
      error(karun.error("rate_limited", ("the site answers %d to the search"):format(response.status),
        { status = response.status, retry_after = tonumber(response.headers["retry-after"] or "") }))
    end
  end)
end

local function results(run, page, words)
  open(run, page, words)
  local sel, out = run.site.selectors, {}
  for _, found in ipairs(page:eval(READ, as_list(sel.result), as_list(sel.result_artist), run.timing.search.results)) do
    local _, path = address.split(found.url)
    if path and path:match(run.site.song_pattern) then out[#out + 1] = found end
  end
  return out
end

-- What is asked for a song, in turn: all that is known, then the title alone.
function M.queries(like, wanted)
  local list = {}
  if wanted.artist then list[1] = wanted.title .. " " .. like:artist(wanted.artist) end
  list[#list + 1] = wanted.title
  return list
end

local function is_sure(bounds, one)
  return one.score >= bounds.sure and one.song_score >= bounds.sure_song and one.artist_score >= bounds.sure_artist
end

-- Songs by how like they are, best first.
local function ranked(like, wanted, found)
  for _, one in ipairs(found) do
    local score = like:score(wanted, one)
    one.score, one.song_score, one.artist_score = score.score, score.title, score.artist
  end
  table.sort(found, function(a, b)
    return a.score > b.score or (a.score == b.score and a.url < b.url)
  end)
  return found
end

local function candidates(bounds, found)
  local out = {}
  for _, one in ipairs(found) do
    if #out < bounds.candidates and (one.score >= bounds.maybe or one.song_score >= bounds.maybe_song) then out[#out + 1] = one end
  end
  return out
end

-- wanted: { title, artist } -> the sure one or nil, and a list of candidates, best first.
function M.find(run, page, like, wanted)
  local bounds, seen, found = run.timing.search, {}, {}
  for i, words in ipairs(M.queries(like, wanted)) do
    if i > 1 then run.rest() end
    for _, one in ipairs(results(run, page, words)) do
      if not seen[one.url] then found[#found + 1] = one end
      seen[one.url] = true
    end
    ranked(like, wanted, found)
    local first, second = found[1], found[2]
    if first and is_sure(bounds, first) then
      -- two that fit equally well are nobody's sure match
      if not (second and second.score == first.score) then return first, found end
      break
    end
    log.debug(("%d results for `%s`, none sure"):format(#found, words))
  end
  return nil, candidates(bounds, found)
end

return M
