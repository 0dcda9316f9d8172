-- What every page has: head, navigation, footer.

local part = ...
local http = part "http"

local M = {}

local frame <const> = [[
<!doctype html>
<html lang="{code}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="/static/site.css">
<link rel="icon" href="data:,">
{=head}</head>
<body>
<header class="header">
  <a class="header__brand" href="/">{host}</a>
  <form class="header__search" action="/custombackingtrack/search.html" method="get">
    <input type="hidden" name="navcat" value="1">
    <input name="query" placeholder="{search}" aria-label="{search}"><button>{search}</button>
  </form>
  <nav class="navigation">{=navigation}</nav>
</header>
<main class="main">
{=body}
</main>
<footer class="footer"><small>A stand-in for tests, served by karun on this machine.
Nothing here is for sale, and all sounds are made up.</small></footer>
{=picture}{=tail}</body>
</html>
]]

local function navigation(site, request)
  local texts, account = site.texts, request.session.account
  local cart = account and account.cart or 0
  local links = { ('<a href="/cart.html">%s</a>'):format(texts.cart:format(cart)) }
  if not account then
    links[#links + 1] = ('<a href="/my/login.html">%s</a>'):format(texts.log_in)
  else
    links[#links + 1] = ('<span class="navigation__hello">%s</span>'):format(
      http.html(texts.hello:format(account.name))
    )
    links[#links + 1] = ('<a href="/my/index.html">%s</a>'):format(texts.my_account)
    links[#links + 1] = ('<a href="/my/download.html">%s</a>'):format(texts.my_files:format(#site:bought(account)))
    links[#links + 1] = ('<a href="/logout.html?redirect=/">%s</a>'):format(texts.log_out)
  end
  return table.concat(links)
end

-- fields: title, body, and perhaps head, tail, status.
function M.page(site, request, fields)
  local texts = site.texts
  return http.page(
    http.fill(frame, {
      code = texts.code,
      host = texts.host,
      search = texts.search,
      title = fields.title,
      head = fields.head or "",
      tail = fields.tail or "",
      body = fields.body,
      navigation = navigation(site, request),
      -- The slowest thing on a page: it holds the load event back, not the reader. Never the same
      -- address twice, or the browser waits for the last page's.
      picture = ('<img class="footer__picture" src="/picture.gif?%s" alt="">'):format(site.views:hex(8)),
    }),
    fields.status,
    fields.headers
  )
end

function M.song_path(song)
  return ("/custombackingtrack/%s/%s.html"):format(song.artist_slug, song.slug)
end

function M.artist_path(song)
  return ("/custombackingtrack/%s/"):format(song.artist_slug)
end

local song_line <const> = [[
<li class="song"><a class="song__name" href="{path}">{title}</a>
  <a class="song__artist" href="{artist_path}">{artist}</a>
  <span class="song__more">{tracks} tracks, {bpm} BPM</span></li>
]]

-- One line of a list of songs, as on the search page.
function M.song_line(song)
  return http.fill(song_line, {
    path = M.song_path(song),
    title = song.title,
    artist = song.artist,
    artist_path = M.artist_path(song),
    tracks = #song.tracks,
    bpm = song.bpm,
  })
end

return M
