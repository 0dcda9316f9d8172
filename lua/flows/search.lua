-- Finds the songs of a list (Song,Artist) on the site: the sure ones become a song list for
-- flows/download.lua, the others a list with candidates to choose from.

local karun = require "karun"
local abbreviations = require "karun.abbreviations"
local likeness = require "karun.likeness"
local search = require "steps.search"
local settings = require "karun.settings"
local songs = require "karun.songs"
local songs_text = require "karun.songs_text"
local start = require "steps.start"
local log = karun.log

local options = karun.options {
  about = "Finds songs by title and artist, and writes the song list of those that are sure.",
  arguments = "LIST.csv",
  examples = {
    { "karun flows/search.lua list.csv", "list.found.lua and list.unsure.lua beside it" },
    { "karun flows/search.lua list.csv --out songs.lua", "the sure ones there" },
    { "karun flows/search.lua list.csv --dry-run", "what would be asked" },
  },
  { "out", "path", arg = "FILE", help = "list of the sure songs, .lua or .csv (default: LIST.found.lua)" },
  { "unsure", "path", arg = "FILE", help = "list of the others with their candidates (default: LIST.unsure.lua)" },
  { "dry-run", "boolean", help = "print what would be asked; ask nothing, write nothing" },
  { "force", "boolean", help = "replace lists that karun did not make" },
}
if #options ~= 1 then error(karun.error("usage", "name one list: karun flows/search.lua list.csv")) end

local given = options[1]
local site = karun.site()
local list = songs.read(given, site, { without_url = true })
local like = likeness.new(abbreviations.load())
local stem = given:gsub("%.%w+$", "")
local out, unsure_out = options.out or stem .. ".found.lua", options.unsure or stem .. ".unsure.lua"
local kind = out:match("%.(%w+)$")
if kind ~= "lua" and kind ~= "csv" then error(karun.error("usage", "--out must end in .lua or .csv")) end

-- A list may call the title `name`.
local function wanted_of(song)
  return { title = song.title or song.name, artist = song.artist }
end

local function called(wanted)
  return wanted.artist and ("%s - %s"):format(wanted.artist, wanted.title) or wanted.title
end

if options.dry_run then
  for _, song in ipairs(list) do
    print(song.url or ("search: " .. search.queries(like, wanted_of(song))[1]))
  end
  return 0
end
songs_text.check_free(out, options.force)
songs_text.check_free(unsure_out, options.force)

local run = start.prepare(options, { site.base_url }, { is_public = true })
function run.rest() -- manners between two searches
  karun.sleep(run.timing.search.pause * (1 + run.timing.pause.jitter * (2 * math.random() - 1)))
end
local browser <close> = start.browser(run)
local page = browser:page()

local function as_song(song, found)
  return { url = found.url, name = ("%s - %s"):format(found.artist, found.title), key = song.key, count_in = song.count_in,
    tracks = song.tracks, mixes = song.mixes }
end

local sure, unsure, asked = {}, {}, 0
for i, song in ipairs(list) do
  if song.url then
    sure[#sure + 1] = song
  else
    local wanted = wanted_of(song)
    if asked > 0 then run.rest() end
    asked = asked + 1
    local found, others = search.find(run, page, like, wanted)
    if found then
      sure[#sure + 1] = as_song(song, found)
      log.info(("%d/%d %s: %s - %s (%.2f)"):format(i, #list, called(wanted), found.artist, found.title, found.score))
    else
      unsure[#unsure + 1] = { song = song, wanted = called(wanted), line = song.line, candidates = others }
      log.info(("%d/%d %s: %s"):format(i, #list, called(wanted), #others == 0 and "nothing like it"
        or ("not sure, %d candidates"):format(#others)))
    end
  end
end

-- The unsure ones as a list to edit: uncomment the right line of each, and --songs takes it.
local function unsure_text()
  local lines = { "-- made by karun from " .. given, "-- Uncomment the right line of each song, then: karun flows/download.lua --songs "
    .. unsure_out, "return {" }
  for _, one in ipairs(unsure) do
    lines[#lines + 1] = ("  -- %s (line %d)%s"):format(one.wanted, one.line, #one.candidates == 0 and ": nothing like it was found" or "")
    for _, found in ipairs(one.candidates) do
      lines[#lines + 1] = ("  -- %s, -- %.2f"):format(songs_text.entry(as_song(one.song, found)), found.score)
    end
  end
  lines[#lines + 1] = "}"
  return table.concat(lines, "\n") .. "\n"
end

if #sure > 0 then karun.file.write(out, songs_text[kind](sure, given)) end
if #unsure > 0 then karun.file.write(unsure_out, unsure_text()) end
if settings.flags().json then
  print(karun.json.encode({ schema = 1, sure = karun.json.array(sure), unsure = karun.json.array(unsure) }, { pretty = true }))
elseif #sure > 0 then
  print(out)
end
log.info(("%d found, %d not sure%s"):format(#sure, #unsure, #unsure > 0 and "; choose in " .. unsure_out or ""))
if #sure > 0 then log.info("now: karun flows/download.lua --songs " .. out) end
return #unsure > 0 and 4 or 0
