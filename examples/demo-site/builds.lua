-- What is being rendered. One build for each account and song: a second order cancels the first,
-- and the file before it stays on offer for a moment. Nothing runs meanwhile: a build knows when it
-- will be ready, and whoever looks after that finds it so.

local karun = require "karun"
local part = ...
local mix = part "mix"
local http = part "http"

local Builds = {}
Builds.__index = Builds
Builds.__name = "demo.builds"

local M = {}

function M.new(site)
  return setmetatable({
    site = site,
    chance = site.chance "builds",
    names = site.chance "addresses",
    latest = {},
    by_hash = {},
    renders = {},
    count = 0,
  }, Builds)
end

-- Spaces and what a file system dislikes become "_"; letters of any script stay.
local function spelled(text)
  return (text:gsub("%s+", "_"):gsub('[/\\:*?"<>|%c]', "_"))
end

-- `Artist_Song(Track_Name_Custom_Backing_Track).mp3`, without the track for a mix.
function M.label(song, solo)
  local track = solo and spelled(song.tracks[solo]) .. "_" or ""
  return ("%s_%s(%sCustom_Backing_Track).mp3"):format(spelled(song.artist), spelled(song.title), track)
end

-- The faults that are decided when the build is ordered; `heard` is what the file will hold.
local function spoil(site, build)
  local faults, song, track = site.faults, build.song, build.solo
  local named = track
  if faults:take("wrong_label", song, track) then named = track and track % #song.tracks + 1 or 1 end
  if faults:take("bare_label", song, track) then named = nil end
  local full = faults:take("full_mix", song, track)
  if full and full.label ~= false then named = nil end
  build.label = M.label(song, named)
  local heard = {
    song = song,
    levels = build.levels,
    pannings = build.pannings,
    pitch = build.pitch,
    count_in = build.precount == 1,
  }
  if full then heard.levels = mix.default(song) end
  local bleed = faults:take("bleed", song, track)
  if bleed then
    heard.levels = table.move(heard.levels, 1, #heard.levels, 1, {})
    heard.levels[(bleed.from or 0) + 1] = bleed.level or 50
  end
  local twin = faults:take("duplicate_track", song, track)
  local silent = faults:take("silent_track", song, track)
  if twin or silent then
    heard.levels = {}
    for i in ipairs(song.tracks) do
      heard.levels[i] = not silent and i == (twin.as or 0) + 1 and 100 or 0
    end
    heard.count_in = heard.count_in and not silent
  end
  if twin and twin.identical then
    build.render = site.builds.renders[song.id .. " " .. (twin.as or 0)] or build.render
  end
  build.heard = heard
  build.fails = faults:take("build_error", song, track) ~= nil
  build.is_endless = faults:take("build_never_ends", song, track) ~= nil
end

-- order: {levels=, pannings=, precount=, pitch=}
function Builds:order(account, song, order)
  local site, key = self.site, account.id .. " " .. song.id
  local before = self:settle(self.latest[key])
  local now = karun.now()
  if before and before.state == "building" then
    before.state = "cancelled"
    site.log:add("build_cancelled", { build = before.id, t = now })
  end
  self.count = self.count + 1
  local build = {
    id = self.count,
    account = account,
    song = song,
    product = self:product(account, song),
    state = "building",
    levels = order.levels,
    pannings = order.pannings,
    precount = order.precount,
    pitch = order.pitch,
    solo = mix.solo(order.levels),
    ordered_at = now,
    folder = self.names:hex(10),
    hash = self.names:hex(32),
  }
  build.render = build.hash
  build.previous = before and (before.state == "ready" and before or before.previous)
  spoil(site, build)
  local slow = site.faults:take("slow_build", song, build.solo)
  local takes = slow and (slow.seconds or 30) or self.chance:of(site.profile.build)
  build.ready_at = build.is_endless and math.huge or now + takes
  local stale = build.previous and site.faults:take("stale_file", song, build.solo)
  build.stale_until = now + (stale and (stale.seconds or 2) or site.profile.stale)
  if build.solo then self.renders[song.id .. " " .. build.solo - 1] = build.render end
  site.audio:prepare(build.heard)
  self.latest[key] = build
  site.log:add("build_start", {
    build = build.id,
    account = account.id,
    song = song.id,
    track = build.solo and build.solo - 1,
    levels = mix.encode(build.levels),
    precount = build.precount,
    pitch = build.pitch,
    label = build.label,
    t = now,
  })
  return build
end

-- Brings a build up to date with the clock.
function Builds:settle(build)
  if not build or build.state ~= "building" or karun.now() < build.ready_at then return build end
  build.state = build.fails and "failed" or "ready"
  if build.state == "ready" then self.by_hash[build.hash] = build end
  self.site.log:add(build.fails and "build_failed" or "build_end", { build = build.id, t = build.ready_at })
  return build
end

-- So that the log is complete when it is read.
function Builds:settle_all()
  for _, build in pairs(self.latest) do
    self:settle(build)
  end
end

-- The number under which an account has bought a song.
function Builds:product(account, song)
  return song.product + (account.id - self.site.sessions.accounts[1].id) * 1000
end

function Builds:of_product(account, product)
  for _, song in ipairs(self.site.songs) do
    if self:product(account, song) == product then
      return self:settle(self.latest[account.id .. " " .. song.id]), song
    end
  end
end

-- The build whose file the site offers now: the one before for a moment, then this one once ready.
function Builds.offered(build)
  if build.previous and karun.now() < build.stale_until then return build.previous end
  return build.state == "ready" and build or nil
end

-- Sleeps until the build is over, or `limit` seconds have passed. Ends known beforehand: no polling.
function Builds:wait(build, limit)
  local until_then = karun.now() + limit
  while build.state == "building" and karun.now() < until_then do
    karun.sleep(math.max(0.001, math.min(build.ready_at, until_then) - karun.now()))
    self:settle(build)
  end
end

function Builds:address(build)
  return ("%s/sl/%s/%s/%s"):format(self.site.files_url, build.folder, build.hash, http.escape(build.label))
end

function Builds:file(build)
  if not build.file then
    local title = build.song.artist .. " - " .. build.song.title
    build.file = self.site.audio:file(build.heard, self.site.profile.song_length, title, build.render)
  end
  return build.file
end

function Builds:reset()
  self.latest, self.by_hash, self.renders = {}, {}, {}
end

return M
