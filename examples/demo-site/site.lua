-- One running site: its catalogue, accounts, builds, faults and log, and what they all ask of it.

local karun = require "karun"
local part = ...
local Audio = part "audio"
local Builds = part "builds"
local Faults = part "faults"
local Log = part "log"
local Sessions = part "sessions"
local layout = part "pages/layout"
local profiles = part "profiles"
local random = part "random"
local texts = part "texts"

local Site = {}
Site.__index = Site
Site.__name = "demo.site"

local M = {}

local plain_letters <const> =
  { ["ä"] = "a", ["ö"] = "o", ["ü"] = "u", ["ß"] = "ss", ["Ä"] = "a", ["Ö"] = "o", ["Ü"] = "u", ["é"] = "e" }

-- As in the site's addresses: "What's \"Real\"? 50/50" is what-s-real-50-50.
local function slug(text)
  text = text:gsub("[\xC2-\xF4][\x80-\xBF]+", plain_letters):lower()
  return (text:gsub("[^%w]+", "-"):gsub("^%-+", ""):gsub("%-+$", ""))
end

local function catalogue(songs)
  local list = {}
  for i, song in ipairs(songs) do
    list[i] = setmetatable({ artist_slug = slug(song.artist), slug = slug(song.title) }, { __index = song })
  end
  return list
end

local function profile_of(wanted)
  if type(wanted) ~= "table" then return profiles[wanted] end
  for name in pairs(wanted) do
    if profiles.fast[name] == nil then error(karun.error("usage", ("a profile has no %q"):format(tostring(name)))) end
  end
  return setmetatable(wanted, { __index = profiles.fast })
end

-- As a person types it who has no such keys: without accents.
function Site.plain(text)
  return (slug(text):gsub("%-", " "))
end

function M.new(options, folder)
  local site = setmetatable({
    options = options,
    folder = folder,
    profile = profile_of(options.profile),
    texts = texts[options.lang],
    songs = catalogue(options.songs or part "songs"),
    log = Log.new(),
    faults = Faults.new(options.faults),
    song_path = layout.song_path,
  }, Site)
  site.chance = function(purpose)
    return random.stream(options.seed, purpose)
  end
  site.lags, site.views = site.chance "lags", site.chance "views"
  site.audio = Audio.new(karun.file.temp())
  site.sessions = Sessions.new(site)
  site.builds = Builds.new(site)
  return site
end

function Site:bought(account)
  local songs = {}
  for _, song in ipairs(account and self.songs or {}) do
    if song.bought ~= false then songs[#songs + 1] = song end
  end
  return songs
end

function Site:find_song(artist_slug, song_slug)
  for _, song in ipairs(self.songs) do
    if song.artist_slug == artist_slug and song.slug == song_slug then return song end
  end
end

-- Rests for as long as the profile says that this takes.
function Site:pause(what)
  local seconds = self.profile[what]
  if seconds > 0 then karun.sleep(seconds) end
end

-- How long the server takes to learn a mix, in the two-phase model.
function Site:lag()
  return self.lags:of(self.faults:value "sync_lag" or self.profile.sync_lag)
end

function Site:shown_options()
  local shown = {}
  for name, value in pairs(self.options) do
    if type(value) ~= "table" then shown[name] = value end
  end
  return shown
end

function Site:reset()
  self.faults:reset()
  self.builds:reset()
  self.sessions:forget_settings()
  self.log:clear()
end

function Site:close()
  self.server:close()
  self.files_server:close()
end
Site.__close = Site.close

return M
