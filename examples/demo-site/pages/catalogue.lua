-- Home, search and artist pages.

local part = ...
local http = part "http"
local layout = part "pages/layout"

local M = {}

local function list_page(site, request, title, songs)
  local lines = {}
  for i, song in ipairs(songs) do
    lines[i] = layout.song_line(song)
  end
  local list = #lines > 0 and '<ul class="songs">' .. table.concat(lines) .. "</ul>"
    or '<p class="nothing">' .. http.html(site.texts.nothing) .. "</p>"
  return layout.page(site, request, { title = title, body = "<h1>" .. http.html(title) .. "</h1>" .. list })
end

function M.home(site, request)
  return list_page(site, request, site.texts.custom, site.songs)
end

-- All words must occur in artist and title, with or without their accents.
function M.search(site, request)
  local query, found = request.query.query or "", {}
  for _, song in ipairs(site.songs) do
    local text, all = (song.artist .. " " .. song.title):lower(), query:find "%S" ~= nil
    local bare = site.plain(text)
    for word in query:lower():gmatch "%S+" do
      local plain = site.plain(word)
      local hit = text:find(word, 1, true) or (plain ~= "" and bare:find(plain, 1, true))
      all = all and hit ~= nil and hit ~= false
    end
    if all then found[#found + 1] = song end
  end
  site.log:add("search", { query = query, found = #found })
  return list_page(site, request, site.texts.results:format(query), found)
end

function M.artist(site, request, slug)
  local songs = {}
  for _, song in ipairs(site.songs) do
    if song.artist_slug == slug then songs[#songs + 1] = song end
  end
  if #songs == 0 then return M.not_found(site, request) end
  return list_page(site, request, site.texts.songs_by:format(songs[1].artist), songs)
end

function M.not_found(site, request)
  local title = site.texts.not_found
  return layout.page(
    site,
    request,
    { title = title, status = 404, body = "<h1>404</h1><p>" .. http.html(title) .. "</p>" }
  )
end

local check <const> = [[
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta http-equiv="refresh" content="1"><link rel="stylesheet" href="/static/site.css"></head>
<body class="check"{=mark}><h1>{title}</h1>
<p>Please confirm that you are a human.</p>
<form method="post" action="/human.html"><button id="human">I am a human</button></form></body></html>
]]

-- The title of the site's own check, or of the one in front of it; here both look every second
-- whether a person has passed them.
function M.human_check(kind)
  local is_front = kind == "challenge"
  return http.page(http.fill(check, {
    title = is_front and "Just a moment..." or "Suspicious activity has been detected",
    mark = is_front and ' data-source="/cdn-cgi/challenge-platform/"' or "",
  }), is_front and 403 or 200)
end

return M
