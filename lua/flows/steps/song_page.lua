-- A song's page: opens it, and says what it is when it is not a bought song.

local karun = require "karun"
local account = require "steps.account"
local retry = require "steps.retry"
local slug = require "karun.slug"
local telling = require "karun.run"

local M = {}

-- Answers of a server in trouble pass: tried again as it asks.
local function open_patiently(run, page, url)
  local timing = run.timing
  return karun.retry(retry.options(run, { "net", "timeout", "rate_limited" }), function()
    local response = account.open(run, page, url)
    if response.status == 429 or response.status >= 500 then
      local wait = tonumber(response.headers["retry-after"])
      error(karun.error("rate_limited", ("the site answers %d at %s"):format(response.status, url),
        { url = url, status = response.status, retry_after = wait and math.min(wait, timing.retry.max_delay) }))
    end
    return response
  end)
end

local function check_is_song(run, page, response)
  local sel, url = run.site.selectors, page:url()
  if response.status >= 400 then
    error(karun.error("http", ("there is no such song: the site answers %d at %s; check the address"):format(
      response.status, url), { url = url, status = response.status }))
  end
  local download = page:find(sel.download):first()
  if not download:exists() and not page:exists(sel.mixer) then
    karun.try(function()
      page:find(sel.mixer):first():wait { state = "attached", timeout = run.timing.mixer.timeout }
    end)
  end
  if download:exists() and download:has_class(run.site.classes.buy) then
    error(karun.error("not_purchased", ("this song is not bought: %s; buy it on the site, then run again. Nothing was pressed")
      :format(url), { url = url }))
  end
  if not page:exists(sel.mixer) or not download:exists() then
    error(karun.error("not_found", ("this is no song's page (no mixer, or no download link): %s"):format(url), { url = url }))
  end
end

-- Artist and title in the page's own spelling; the address tells where the page does not.
local function spelled(run, page, url)
  local artist_slug, song_slug = (url:match("^https?://[^/]+(/[^?#]*)") or ""):match(run.site.song_pattern)
  local function text(selectors)
    if not selectors then return nil end
    for _, selector in ipairs(type(selectors) == "table" and selectors or { selectors }) do
      local found = page:find(selector):first()
      local words = found:exists() and found:text() or ""
      if words ~= "" then return words end
    end
  end
  local artist
  if artist_slug then
    artist = text("a[href$=" .. karun.dom.quote(run.site.paths.song .. artist_slug .. "/") .. "]")
  end
  artist = artist or text(run.site.selectors.artist) or slug.title_case(artist_slug or "")
  local title = text(run.site.selectors.title) or slug.title_case(song_slug or "")
  return artist, slug.without_artist(title, artist)
end

-- What the page shows as its tempo, or nil.
local function bpm_of(run, page)
  local selectors = run.site.selectors.bpm
  for _, selector in ipairs(type(selectors) == "table" and selectors or { selectors }) do
    local found = page:find(selector):first()
    local number = found:exists() and found:text():match("%d+[.,]?%d*")
    if number then return tonumber((number:gsub(",", "."))) end
  end
end

-- -> { url, artist, title, id, bpm }: the page is open, signed in, bought.
function M.open(run, page, url)
  return telling.phase("open", { url = url }, function()
    local response = open_patiently(run, page, url)
    check_is_song(run, page, response)
    local artist, title = spelled(run, page, page:url())
    return { url = url, artist = artist, title = title, id = url:match("^https?://[^/]+([^?#]*)"),
      bpm = bpm_of(run, page) }
  end)
end

return M
