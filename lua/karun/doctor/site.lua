-- Takes a site table through the live pages its selectors belong to: the login page (signed out), the
-- page that was given (signed in where the site wants it), a search. Presses nothing but the login.

local account_of = require "karun.doctor.account"
local address = require "karun.address"
local fault = require "karun.error"
local json = require "karun.json"
local memory = require "karun.doctor.memory"
local places = require "karun.doctor.places"
local probe = require "karun.doctor.probe"
local settings = require "karun.settings"

local M = {}

local function names_on(site, page_name, signed_in)
  local out = {}
  for _, name in ipairs(places.sorted(site)) do
    local place = places.of(site, name)
    if place.page == page_name and (signed_in == nil or (place.signed_in == true) == signed_in) then
      out[#out + 1] = name
    end
  end
  return out
end

-- Opens and lets the page come to rest; nil and why when it is no page to look at.
local function open(page, url, timing)
  local ok, response = fault.try(page.open, page, url, { wait = "load", timeout = timing.open.timeout })
  if not ok then return nil, response.message end
  if response.status >= 400 then return nil, ("it answers %d"):format(response.status) end
  fault.try(page.wait_quiet, page, { network = timing.mixer.rest, timeout = timing.mixer.ready })
  return response
end

local function asks_for_person(page, site)
  if not (site.challenge and site.challenge.titles and site.challenge.markers) then return nil end
  local sign = page:eval([[(titles, markers) => {
    const title = document.title, html = document.documentElement.outerHTML;
    return titles.find((t) => title.includes(t)) ?? markers.find((m) => html.includes(m)) ?? null;
  }]], site.challenge.titles, site.challenge.markers)
  return sign ~= json.null and sign or nil
end

-- A page could not be looked at: one line for it, and its selectors are skipped.
local function lost(out, names, what, url, why)
  out { name = what, status = "fail", message = ("%s cannot be looked at: %s"):format(url, why) }
  for _, name in ipairs(names) do
    out { name = name, status = "skip", message = "not tried: see " .. what }
  end
end

-- Tries these selectors on the open page.
local function try_all(page, site, names, found, out)
  local url = page:url()
  found.seen = memory.read(site.name, url)
  for _, name in ipairs(names) do
    local verdict = probe.one(page, site, name, found)
    verdict.variant = found.variant and site.variants and probe.as_list(site.variants)[found.variant]
    if name == "row" and verdict.variant then
      verdict.message = ("%s, %s markup"):format(verdict.message, verdict.variant)
    end
    if verdict.status == "ok" then memory.keep(site.name, url, name, probe.facts(page, site, name, found)) end
    out(verdict)
  end
  memory.write(site.name)
end

-- Opens a page of the site and tries what belongs there. false: it was no page to look at.
local function look(page, site, what, url, names, out)
  local timing = settings.timing()
  local response, why = open(page, url, timing)
  local sign = response and asks_for_person(page, site)
  if sign then why = ("the site asks for a person (%q); run again with --visible and pass the check"):format(sign) end
  if not response or sign then
    lost(out, names, what, url, why)
    return false
  end
  out { name = what, status = "ok", message = page:url(), date = response.headers and response.headers.date }
  try_all(page, site, names, {}, out)
  return true
end

local function login_page(browser, site, near, out)
  local names = names_on(site, "login")
  if #names == 0 then return end
  local context <close> = browser:context {}
  look(context:page(), site, "login-page", address.page(site, "login", near), names, out)
end

local function search_page(page, site, near, words, out)
  local names = names_on(site, "search")
  if #names == 0 or not site.paths.search then return end
  look(page, site, "search-page", address.page(site, "search", near, { query = words }), names, function(verdict)
    if verdict.status == "fail" and verdict.page == "search" then
      verdict.status, verdict.proposal = "skip", nil
      verdict.message = ("the search for %q shows none"):format(words)
    end
    out(verdict)
  end)
end

-- "…/artist-name/song-name.html" -> "song name"
local function search_words(site, url)
  local _, path = address.split(url)
  local _, song = (path or ""):match(site.song_pattern or "^$")
  return (song or "love"):gsub("%-", " ")
end

-- A mixer site: signed in where it can be.
local function mixer_site(browser, site, url, out)
  login_page(browser, site, url, out)
  local page = browser:page()
  local signed_in, why = account_of.sign_in(browser, page, site, url)
  if why then out { name = "sign-in", status = signed_in == false and "fail" or "skip", message = why } end
  if not url then
    out { name = "song-page", status = "skip", message = "give the address of a song of yours to try the mixer's selectors" }
    return
  end
  local only_signed_in = names_on(site, "song", true)
  local names = names_on(site, "song", false)
  if signed_in then
    table.move(only_signed_in, 1, #only_signed_in, #names + 1, names)
  else
    for _, name in ipairs(only_signed_in) do
      out { name = name, status = "skip", message = "only to be seen signed in" }
    end
  end
  if look(page, site, "song-page", url, names, out) then search_page(page, site, url, search_words(site, url), out) end
end

-- run(browser, site, url or nil, out): out(verdict) for each line.
function M.run(browser, site, url, out)
  if site.kind == "mixer" then return mixer_site(browser, site, url, out) end
  look(browser:page(), site, "page", url or site.base_url, names_on(site, "song"), out)
end

-- What a person gave, as an address: a path is one on the site. With --set site.base_url all are there.
function M.address(site, given)
  if not given then return nil end
  local origin, path = address.split(given)
  if origin and site.pinned and site.kind == "mixer" then return address.join(site.base_url, path) end
  if origin then return given end
  if site.kind == "mixer" then
    local url, why = address.song(site, given)
    if not url then fault.raise("usage", why, { where = false }) end
    return url
  end
  return address.join(site.base_url, given)
end

return M
