-- Orders what the mixer plays now, watches build and transfer byte by byte, and checks the file.

local karun = require "karun"
local audio = require "karun.audio"
local landing = require "karun.landing"
local mixer = require "steps.mixer"
local order = require "steps.order"
local song_page = require "steps.song_page"
local start = require "steps.start"
local transfer = require "steps.transfer"

local options = karun.options {
  about = "Orders the song's mix as the mixer stands, and watches it all the way to a checked file.",
  arguments = "URL",
  examples = { { "karun flows/monitor.lua URL --out mixes", "the mix as it is set, into mixes/" } },
  { "out", "path", default = "downloads", arg = "DIR", help = "folder for the file" },
  { "transfer", "string", default = "direct", choices = { "direct", "browser" }, help = "who fetches the file" },
}
if #options ~= 1 then error(karun.error("usage", "name one song: karun flows/monitor.lua URL")) end

local url = start.address(options[1])
local run = start.prepare(options, { url })
run.note = karun.log.info

local lock <close> = start.lock(run) -- luacheck: ignore
karun.file.mkdir(options.out)
local staging, hold <close> = karun.file.temp { folder = options.out } -- luacheck: ignore
local browser <close> = start.browser(run)
local page = browser:page()
local song = song_page.open(run, page, url)
mixer.await_ready(run, page)
transfer.guard(run, page)

local placed <close> = order.new(run, page)
placed:press()
local address = placed:ready()
placed:dismiss()
local file = transfer.fetch(run, page, { name = song.title }, address, staging .. "/mix.mp3")
local sound = audio.probe(file.path)
local path = landing.place(file.path, options.out .. "/" .. karun.file.safe_name(file.label))
print(("%s (%d bytes, %.1f s)"):format(path, file.size, sound.duration_s))
