-- Solos tracks one after the other and tells how long each phase took. Orders nothing.

local karun = require "karun"
local choice = require "steps.choice"
local mixer = require "steps.mixer"
local solo = require "steps.solo"
local song_page = require "steps.song_page"
local songs = require "karun.songs"
local start = require "steps.start"

local options = karun.options {
  about = "Solos tracks in the mixer and proves that exactly that one is lit; orders nothing.",
  arguments = "URL",
  examples = { { 'karun flows/solo.lua URL --tracks "Bass"', "one track" }, { "karun flows/solo.lua URL", "each in turn" } },
  { "tracks", "string", arg = "LIST", help = "names or numbers; all when left out" },
}
if #options ~= 1 then error(karun.error("usage", "name one song: karun flows/solo.lua URL")) end

local url = start.address(options[1])
local run = start.prepare(options, { url })
run.note = karun.log.info

local lock <close> = start.lock(run) -- luacheck: ignore
local browser <close> = start.browser(run)
local page = browser:page()
local song = song_page.open(run, page, url)
mixer.await_ready(run, page)
local wanted = options.tracks and songs.read_tracks(options.tracks)
for _, track in ipairs(choice.tracks(mixer.rows(run, page), wanted, song)) do
  local began = karun.now()
  local lit = solo.track(run, page, track, run.timing.solo.margin)
  print(("%02d %s: lit after %.2f s, safe to order after %.2f s"):format(track.place, track.name, lit.lit_at - began,
    math.max(lit.ready_at, karun.now()) - began))
end
