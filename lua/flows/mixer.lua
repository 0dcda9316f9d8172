-- Lists a song's tracks and settings as the mixer shows them. Presses nothing.

local karun = require "karun"
local mixer = require "steps.mixer"
local song_page = require "steps.song_page"
local start = require "steps.start"
local settings = require "karun.settings"

local options = karun.options {
  about = "Lists the tracks of a song, its key and its count-in.",
  arguments = "URL",
  examples = {
    { "karun flows/mixer.lua URL", "number and name of each track" },
    { "karun flows/mixer.lua URL --json", "for programs" },
  },
}
if #options ~= 1 then error(karun.error("usage", "name one song: karun flows/mixer.lua URL")) end

local url = start.address(options[1])
local run = start.prepare(options, { url })

local lock <close> = start.lock(run) -- luacheck: ignore
local browser <close> = start.browser(run)
local page = browser:page()
local song = song_page.open(run, page, url)
mixer.await_ready(run, page)
local rows, now = mixer.rows(run, page), mixer.settings(run, page)

if settings.flags().json then
  print(karun.json.encode({ schema = 1, song = song, settings = now, tracks = rows }, { pretty = true }))
  return
end
print(("%s - %s"):format(song.artist, song.title))
for _, row in ipairs(rows) do
  print(("  %02d %s%s"):format(row.place, row.name, row.is_soloed and " (solo)" or ""))
end
local count_in = now.count_in == nil and "none" or now.count_in and "on" or "off"
print(("key %+d, count-in %s"):format(now.key, count_in))
