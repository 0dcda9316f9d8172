-- Every track of your songs as a file of its own, and mixes of them: sign in, set the mixer, order,
-- download, prove, file.

local karun = require "karun"
local archive = require "karun.archive"
local mix = require "steps.mix"
local names = require "karun.names"
local rounds = require "steps.rounds"
local songs = require "karun.songs"
local session = require "steps.session"
local filing = require "steps.filing"
local start = require "steps.start"

local options = karun.options {
  about = "Downloads every track of your songs as a file of its own, proven to be that track.",
  arguments = "URL…",
  examples = {
    { "karun flows/download.lua URL", "every track of one song" },
    { "karun flows/download.lua --songs songs.lua --out ~/Music", "all songs of a list" },
    { 'karun flows/download.lua URL --tracks "Bass,Drums"', "only these; numbers do too" },
    { 'karun flows/download.lua URL --mix "without Lead Vocal"', "its tracks, and the song without that one" },
    { "karun flows/download.lua --songs songs.lua --mixes", "only the mixes that the list names" },
    { "karun flows/download.lua URL --dry-run", "what would be ordered" },
  },
  { "songs", "path", arg = "FILE", help = "song list: .lua, .csv, .yaml or .txt (one address a line)" },
  { "out", "path", default = "downloads", arg = "DIR", help = "folder for the songs" },
  { "tracks", "string", arg = "LIST", help = 'only these tracks: "Bass,Drums", "1,3", "-Click"' },
  { "key", "string", arg = "N", help = "key for all songs, in semitones: +2, -3 (else the list's; a song without one: 0)" },
  { "count-in", "boolean", help = "with the count-in, for all songs" },
  { "restore", "boolean", help = "put key and count-in back as the account had them" },
  { "mix", "string", arg = "LIST", help = 'mixes for every song: "without Lead Vocal; only Bass, Drums"' },
  { "stems", "boolean", help = "file the tracks, no mixes; with --mixes both, as when neither is given" },
  { "mixes", "boolean", help = "file the mixes, no single tracks" },
  { "prepare", "boolean", help = "build mixes you download often into the cache; files nothing by itself" },
  { "wav", "boolean", help = "also a WAV of each file, all of a song equally long" },
  { "tags", "boolean", help = "write title, artist, album and number into new MP3 files" },
  { "jobs", "integer", default = 0, arg = "N", help = "so many songs at once (limits.songs_at_once: 1)" },
  { "adopt", "path", arg = "DIR", help = "take over files of the Python program that are proven; nothing in DIR is changed" },
  { "dry-run", "boolean", help = "print what would be ordered; press nothing" },
  { "last-failed", "boolean", help = "only what failed last time" },
  { "transfer", "string", default = "direct", choices = { "direct", "browser" }, help = "who fetches the file" },
  { "template", "string", default = names.default, help = "name of a file under --out" },
}
names.check(options.template)
if options.adopt and not karun.file.exists(options.adopt) then
  error(karun.error("usage", ("--adopt: there is no folder %s"):format(options.adopt)))
end

local site = karun.site()
local list = options.songs and songs.read(options.songs, site) or {}
table.move(songs.from_arguments(options, site), 1, #options, #list + 1, list)
local tracks, key, why = options.tracks and songs.read_tracks(options.tracks), nil, nil
if options.key then key, why = songs.read_key(options.key, site.key) end
if why then error(karun.error("usage", "--key: " .. why)) end
local mixes = options.mix and mix.read(options.mix)
for _, one in ipairs(list) do
  one.tracks, one.mixes, one.key = tracks or one.tracks, mixes or one.mixes, key or one.key
  one.count_in = one.count_in or options.count_in
end

local record <close> = archive.open()
if options.last_failed then list = session.last_failed(record, site, list) end
if #list == 0 then
  if options.last_failed then
    karun.log.info("nothing failed last time")
    return 0
  end
  error(karun.error("usage", "name a song: karun flows/download.lua URL, or --songs FILE"))
end

-- Neither --stems nor --mixes: all that is named. --prepare alone asks for nothing.
local all = not options.stems and not options.mixes and not options.prepare
for _, one in ipairs(list) do
  if not options.last_failed then one.stems = all or options.stems end
  if not (all or options.mixes) then one.mixes = nil end
end
if options.jobs == 0 then options.jobs = karun.timing.limits.songs_at_once end
if options.jobs < 1 or options.jobs > 4 then
  error(karun.error("usage", "--jobs is from 1 to 4: the site asks for no bulk use"))
end

local addresses = {}
for i, one in ipairs(list) do
  addresses[i] = one.url
end
local run = start.prepare(options, addresses)
run.namesakes = filing.namesakes(site, list)
local account_lock <close> = start.lock(run)                 -- luacheck: ignore
local run_session <close> = session.open(run, record)        -- luacheck: ignore

if options.dry_run then
  rounds.plan(run, list)
else
  rounds.download(run, list)
end
return session.finish(run)
