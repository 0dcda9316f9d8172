-- The levers for tests and benches, under /_demo/. They answer JSON and are no part of the site.

local karun = require "karun"
local part = ...
local http = part "http"

local M = {}

local function json(value, status)
  return http.text(karun.json.encode(value) .. "\n", status, { ["content-type"] = "application/json" })
end

local function body_of(request)
  if request.body == nil or request.body == "" then return {} end
  local ok, value = pcall(karun.json.decode, request.body)
  return ok and type(value) == "table" and value or nil
end

function M.faults(site, request)
  if request.method == "POST" then
    local changes = body_of(request)
    if not changes then return json({ error = "the body is no JSON object" }, 400) end
    for name, value in pairs(changes) do
      if value == karun.json.null then changes[name] = false end
    end
    local wrong = site.faults:set(changes)
    if wrong then return json({ error = wrong }, 400) end
  end
  return json(site.faults.values)
end

-- GET /_demo/log[?event=build_end]; `now` is the same clock as each entry's `t`.
function M.log(site, request)
  site.builds:settle_all()
  local event = request.query.event
  return json { now = karun.now(), dropped = site.log.dropped, entries = karun.json.array(site.log:list(event)) }
end

-- Faults as at the start; log, builds, carts and remembered settings gone. Sessions stay.
function M.reset(site)
  site:reset()
  return json { ok = true }
end

-- What a bench needs besides the log.
function M.about(site)
  local songs = karun.json.array {}
  for i, song in ipairs(site.songs) do
    songs[i] = {
      id = song.id,
      artist = song.artist,
      title = song.title,
      path = site.song_path(song),
      tracks = song.tracks,
      bought = song.bought ~= false,
    }
  end
  return json { options = site:shown_options(), profile = site.profile, files_url = site.files_url, songs = songs }
end

return M
