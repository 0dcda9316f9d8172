-- basket.php, begin_download.html and waitfor_build_multi.php: from the press to the file's address.
-- Also what the mixer itself asks for: multi.json, the preview, and the two-phase model's sync.

local karun = require "karun"
local part = ...
local http = part "http"
local mix = part "mix"
local layout = part "pages/layout"

local M = {}

local family <const> = 5

local function by_id(site, text)
  local id = math.tointeger(text)
  for _, song in ipairs(site.songs) do
    if song.id == id then return song end
  end
end

local function is_ajax(request)
  return request.query.method == "ajax" or request.headers["x-requested-with"] == "XMLHttpRequest"
end

-- GET /multi.json?s=: the mixer starts to listen when this has come.
function M.multi(site, request)
  local song = by_id(site, request.query.s)
  if not song then return http.text("", 404) end
  site:pause "hydrate"
  local tracks = karun.json.array {}
  for place, caption in ipairs(song.tracks) do
    tracks[place] = {
      index = place - 1,
      url = ("/preview/%d/%d.mp3"):format(song.id, place),
      isClick = place == song.click,
      description = caption,
    }
  end
  return http.text(
    karun.json.encode { famid = family, tracks = tracks },
    200,
    { ["content-type"] = "application/json" }
  )
end

-- GET /preview.php?s=&precount=: the count-in box, which is remembered, as the key is
local function count_in(site, request, song)
  local account = request.session.account
  if account then site.sessions.settings(account, song).precount = request.query.precount == "1" and 1 or 0 end
  return http.text ""
end

-- GET /preview.php?s=&pitch=: the reload of the preview after a change of key, which is remembered.
function M.preview(site, request)
  local song, pitch = by_id(site, request.query.s), math.tointeger(request.query.pitch)
  if song and request.query.precount then return count_in(site, request, song) end
  if not song or not pitch or pitch < -12 or pitch > 12 then return http.text("", 400) end
  site:pause "preview"
  if request.session.account then site.sessions.settings(request.session.account, song).pitch = pitch end
  site.log:add("preview", { song = song.id, pitch = pitch })
  return http.text ""
end

-- GET /mixer_sync.php?s=&n=&trackslevels=&pannings=: two_phase only; the server knows the mix once it answers.
function M.sync(site, request)
  local song, session = by_id(site, request.query.s), request.session
  local levels = song and mix.levels(request.query.trackslevels or "", #song.tracks)
  if not levels then return http.text("", 500) end
  site.log:add("sync_start", { song = song.id, levels = request.query.trackslevels })
  karun.sleep(site:lag())
  session.mixes = session.mixes or {}
  local known, number = session.mixes[song.id], math.tointeger(request.query.n) or 0
  -- Answers may overtake one another; what was set last counts.
  if not known or known.page ~= request.query.page or number > known.number then
    session.mixes[song.id] = {
      levels = request.query.trackslevels,
      pannings = request.query.pannings or "",
      number = number,
      page = request.query.page,
    }
  end
  site.log:add("sync_end", { song = song.id, levels = request.query.trackslevels })
  return http.text ""
end

local function add_to_cart(site, account, song)
  if account then account.cart = account.cart + 1 end
  site.log:add("cart_add", { song = song.id })
  return http.text ""
end

-- The mix that counts: what the press sends, or in the two-phase model what the server has heard of.
local function ordered_mix(site, request, song)
  local text, pannings = request.query.trackslevels or "", request.query.pannings or ""
  if site.options.model == "two_phase" and site.options.sync == "request" then
    local known = request.session.mixes and request.session.mixes[song.id]
    text, pannings = known and known.levels or mix.encode(mix.default(song)), known and known.pannings or ""
  end
  return mix.levels(text, #song.tracks), mix.pannings(pannings, #song.tracks)
end

-- The session ends under the page, after the basket calls the fault allows.
local function expires_now(site, request)
  local left = site.faults:value "expire_session"
  if not left then return false end
  if left == true or left <= 1 then
    site.faults:set { expire_session = false }
    site.sessions:sign_out(request.session, "session_expired")
    return true
  end
  site.faults:set { expire_session = left - 1 }
  return false
end

-- GET /basket.php: the order. 200 and empty when all is well.
function M.basket(site, request)
  local query, account = request.query, request.session.account
  local song = by_id(site, query.s)
  if not song then return http.text("", 404) end
  if query.bkac == "add" then return add_to_cart(site, account, song) end
  site.log:add("basket", {
    account = account and account.id,
    song = song.id,
    levels = query.trackslevels,
    precount = query.precount,
    pitch = query.pitch,
  })
  if not account or expires_now(site, request) then return http.redirect "/my/login.html" end
  local limit = site.faults:take("rate_limit", song)
  if limit then return http.text("", limit.status or 429, { ["retry-after"] = tostring(limit.retry_after or 1) }) end
  if song.bought == false or math.tointeger(query.prodid) ~= site.builds:product(account, song) then
    return http.text("", 403)
  end
  site:pause "basket"
  local levels, pannings = ordered_mix(site, request, song)
  local pitch, precount = math.tointeger(query.pitch) or 0, query.precount == "1" and 1 or 0
  if not levels or not pannings then return http.text("", 500) end
  site.sessions.settings(account, song).precount = precount
  site.builds:order(account, song, { levels = levels, pannings = pannings, precount = precount, pitch = pitch })
  return http.text ""
end

local ready <const> = [[
<div class="begin-download {more}">
<h2>{begin}</h2>
<p>{if_not}</p>
<p>{manual}</p>
<p><a class="begin-download__manual-download" href="{href}">{label}</a></p>
</div>
]]

local function ready_markup(site, build, more)
  local texts = site.texts
  return http.fill(ready, {
    more = more,
    begin = texts.begin,
    if_not = texts.if_not,
    manual = texts.manual,
    href = site.builds:address(build),
    label = build.label,
  })
end

-- The page of the older site: it refreshes itself until the file is there, then goes to it.
local function whole_page(site, request, build, offered)
  local texts, profile = site.texts, site.profile
  if offered then
    local head = ('<meta http-equiv="refresh" content="%d;url=%s">'):format(
      math.ceil(profile.start),
      site.builds:address(offered)
    )
    if site.faults:value "no_autostart" then head = "" end
    return layout.page(site, request, { title = texts.download, head = head, body = ready_markup(site, offered, "") })
  end
  if build.state == "failed" then
    return layout.page(
      site,
      request,
      { title = texts.download, status = 500, body = "<p>" .. http.html(texts.failed) .. "</p>" }
    )
  end
  return layout.page(site, request, {
    title = texts.generating,
    head = ('<meta http-equiv="refresh" content="%d">'):format(profile.refresh),
    body = http.fill('<h1>{generating}</h1><p class="generating">{generating_more}</p>', texts),
  })
end

-- GET /my/begin_download.html?id=<product>&famid=5[&produced=1&method=ajax]
function M.begin(site, request)
  local account = request.session.account
  if not account then return http.redirect "/my/login.html" end
  local build = site.builds:of_product(account, math.tointeger(request.query.id))
  if not build then return http.text(site.texts.not_found, 404) end
  local offered = site.builds.offered(build)
  site.log:add("begin", {
    build = build.id,
    offered = offered and offered.id,
    is_stale = offered ~= nil and offered ~= build,
    produced = request.query.produced == "1",
  })
  if not is_ajax(request) then return whole_page(site, request, build, offered) end
  if offered then
    return http.page(
      ready_markup(site, offered, "begin-download--ajax"),
      200,
      { ["X-File-Href"] = site.builds:address(offered) }
    )
  end
  if build.state == "failed" then return http.text(site.texts.failed, 500) end
  -- "Mutli" is the site's own spelling.
  return http.page(
    "",
    200,
    { ["X-Mutli-Building"] = ("/my/waitfor_build_multi.php?id=%s&famid=%d"):format(request.query.id, family) }
  )
end

-- GET /my/waitfor_build_multi.php?id=&famid=: answers when the build is over, or is to be asked again.
function M.wait(site, request)
  local account = request.session.account
  if not account then return http.redirect "/my/login.html" end
  local build = site.builds:of_product(account, math.tointeger(request.query.id))
  if not build then return http.text("", 404) end
  site.builds:wait(build, site.profile.hold)
  return http.text(build.state == "building" and "building" or "done")
end

return M
