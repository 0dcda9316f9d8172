-- Every address of both hosts, and what stands before each page: faults of the whole site, the
-- visitor's session, the log.

local karun = require "karun"
local part = ...
local http = part "http"
local account = part "pages/account"
local catalogue = part "pages/catalogue"
local control = part "control"
local download = part "download"
local files = part "files"
local song_page = part "pages/song"

local M = {}

local function song_or_404(site, request, artist_slug, song_slug)
  local song = site:find_song(artist_slug, song_slug)
  if not song then return catalogue.not_found(site, request) end
  return song_page.show(site, request, song)
end

local function human(site, request)
  site.faults:set { human_check = false }
  site.sessions:approve()
  site.log:add "human"
  return http.redirect(request.headers.referer or "/")
end

-- In order; captures of the pattern follow the request. `page`: a document, which faults can hit
-- and which takes the profile's time, unless `at_once`.
local pages <const> = {
  { "GET", "^/$", catalogue.home, page = true },
  { "GET", "^/custombackingtrack/search%.html$", catalogue.search, page = true },
  { "GET", "^/custombackingtrack/([^/]+)/$", catalogue.artist, page = true },
  { "GET", "^/custombackingtrack/([^/]+)/([^/]+)%.html$", song_or_404, page = true },
  { "GET", "^/my/login%.html$", account.login, page = true },
  { "POST", "^/my/login%.html$", account.sign_in, page = true, at_once = true },
  { "GET", "^/my/second_step%.html$", account.second_step_elsewhere },
  { "POST", "^/my/second_step%.html$", account.second_step, page = true, at_once = true },
  { "GET", "^/my/index%.html$", account.index, page = true },
  { "GET", "^/my/download%.html$", account.files, page = true },
  { "GET", "^/cart%.html$", account.cart, page = true },
  { "GET", "^/logout%.html$", account.sign_out },
  { "GET", "^/multi%.json$", download.multi },
  { "GET", "^/preview%.php$", download.preview },
  { "GET", "^/mixer_sync%.php$", download.sync },
  { "GET", "^/basket%.php$", download.basket },
  { "GET", "^/my/begin_download%.html$", download.begin },
  { "GET", "^/my/waitfor_build_multi%.php$", download.wait },
  { "POST", "^/human%.html$", human },
}

local levers <const> = {
  ["/_demo/faults"] = control.faults,
  ["/_demo/log"] = control.log,
  ["/_demo/reset"] = control.reset,
  ["/_demo/about"] = control.about,
}

local kinds <const> = { css = "text/css; charset=utf-8", js = "text/javascript; charset=utf-8" }

local function static(site, name)
  local ok, bytes = pcall(karun.file.read, site.folder .. "static/" .. name)
  if not ok then return http.text("", 404) end
  return http.text(bytes, 200, { ["content-type"] = kinds[name:match "%w+$"] })
end

local pixel <const> = "GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\4\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"

local function picture(site)
  site:pause "picture"
  return http.text(pixel, 200, { ["content-type"] = "image/gif" })
end

-- Faults of the whole site come first, as they do in front of a real one.
local function guarded(site, request, at_once, handle, ...)
  local check = site.faults:value "human_check"
  if check then return catalogue.human_check(check) end
  local down = site.faults:take "unavailable"
  if down then return http.text(site.texts.unavailable, 503, { ["retry-after"] = tostring(down.retry_after or 1) }) end
  if not at_once then site:pause "page" end
  local slow = site.faults:value "slow_page"
  if slow then karun.sleep(slow) end
  return handle(site, request, ...)
end

local function answer(site, request)
  for _, page in ipairs(pages) do
    if page[1] == request.method then
      local captures = table.pack(request.path:match(page[2]))
      if captures[1] then
        if captures[1] == request.path then captures.n = 0 end
        local handle = page[3]
        if page.page then return guarded(site, request, page.at_once, handle, table.unpack(captures, 1, captures.n)) end
        return handle(site, request, table.unpack(captures, 1, captures.n))
      end
    end
  end
  return guarded(site, request, false, catalogue.not_found)
end

local function form_of(request)
  local kind = request.headers["content-type"] or ""
  return kind:find("application/x-www-form-urlencoded", 1, true) and http.pairs_of(request.body) or {}
end

local function visit(site, request)
  local file = request.path:match "^/static/([%w_]+%.%w+)$"
  if file then return static(site, file) end
  if request.path == "/picture.gif" then return picture(site) end
  if levers[request.path] then return levers[request.path](site, request) end
  request.session, request.form = site.sessions:of(request), form_of(request)
  local reply = answer(site, request)
  if request.session.is_new then
    request.session.is_new = nil
    reply.headers["set-cookie"] = reply.headers["set-cookie"] or site.sessions.cookie(request.session)
  end
  site.log:add("request", { method = request.method, path = request.path, status = reply.status })
  return reply
end

function M.pages(site)
  local function handle(request)
    return visit(site, request)
  end
  return { ["GET /*"] = handle, ["POST /*"] = handle }
end

function M.files(site)
  return {
    ["GET /sl/*"] = function(request)
      return files.serve(site, request)
    end,
  }
end

return M
