-- Song lists in three shapes; every problem at once, with its line.

local dirs = require "karun.dirs"
local site_file = require "karun.site_file"
local songs = require "karun.songs"
local t = require "karun.test"

local site = site_file.load { name = "karaoke_version", folders = { dirs.shipped .. "/sites" } }
local base = "https://www.karaoke-version.com/custombackingtrack/"

local function list(name, text)
  local path = t.tmp() .. "/" .. name
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

t.test("a Lua table", function()
  local path = list("songs.lua", [[return {
    { url = "/custombackingtrack/toto/africa.html", key = "+2", count_in = true, tracks = { "Bass", 3 } },
    { url = "]] .. base .. [[queen/one.html", name = "One",
      mixes = { { without = "Lead Vocal" }, { only = { "Bass", "Drums" } } } },
    "/custombackingtrack/a/b.html",
  }]])
  local got = songs.read(path, site)
  t.equal(#got, 3)
  t.equal(got[1].url, base .. "toto/africa.html")
  t.equal(got[1].key, 2)
  t.equal(got[1].count_in, true)
  t.same(got[1].tracks, { "Bass", 3 })
  t.equal(got[2].key, 0)
  t.same(got[2].mixes, { { without = { "Lead Vocal" } }, { only = { "Bass", "Drums" } } })
  t.equal(got[3].url, base .. "a/b.html")
end)

t.test("CSV with url and key", function()
  local path = list("songs.csv",
    "\239\187\191url,key,tracks\r\n" .. base
    .. "toto/africa.html,-3,\"Bass, 2\"\r\n# later\r\n\r\n/custombackingtrack/a/b.html,,\r\n")
  local got = songs.read(path, site)
  t.equal(#got, 2)
  t.equal(got[1].key, -3)
  t.same(got[1].tracks, { "Bass", 2 })
  t.equal(got[2].key, 0)
  t.equal(got[2].line, 5)
end)

t.test("CSV with Song and Artist is for the search", function()
  local path = list("songs.csv", "Song;Artist\nAfrica;Toto\n\"Say \"\"Hi\"\"\";Q\n")
  local got = songs.read(path, site, { without_url = true })
  t.equal(got[1].title, "Africa")
  t.equal(got[1].artist, "Toto")
  t.equal(got[2].title, 'Say "Hi"')
  t.match(t.error("config", songs.read, path, site).message, "songs%.csv:2: the song has no url")
end)

t.test("one address a line", function()
  local path = list("songs.txt",
    "# mine\n" .. base .. "toto/africa.html  # the slow one\n\n  /custombackingtrack/a/b.html\n")
  local got = songs.read(path, site)
  t.equal(#got, 2)
  t.equal(got[1].url, base .. "toto/africa.html")
  t.equal(got[2].line, 4)
end)

t.test("all problems in one go, with lines", function()
  local path = list("songs.lua", [[return {
  { url = "/custombackingtrack/toto/africa.html",
    key = 13 },
  { url = "https://example.org/x.html" },
  { name = "nothing" },
  { url = "/custombackingtrack/a/b.html", kee = 2 },
  { url = "/custombackingtrack/a/b.html", key = 2.5 },
  7,
}]])
  local err = t.error("config", songs.read, path, site)
  t.match(err.message, "^6 problems in ")
  t.match(err.message, ":3: key %+13 is out of range: this site goes from %-12 to %+12")
  t.match(err.message, ":4: `https://example%.org/x%.html` is not on www%.karaoke%-version%.com")
  t.match(err.message, ":5: the song has no url")
  t.match(err.message, ":6: a song has no `kee`, did you mean `key`%?")
  t.match(err.message, ":7: key `2%.5` is no whole number")
  t.match(err.message, ":8: entry 6 is no song")
end)

t.test("keys", function()
  for given, want in pairs { ["2"] = 2, ["+2"] = 2, ["-3"] = -3, ["0"] = 0 } do
    t.equal(songs.read_key(given, site.key), want)
  end
  t.equal(songs.read_key(-3, site.key), -3)
  for _, bad in ipairs { "two", "2.5", "13", "-13", "", "+-2", 1.5, true } do
    t.equal(songs.read_key(bad, site.key), nil, tostring(bad))
  end
end)

t.test("lists that are none", function()
  t.match(t.error("config", songs.read, "songs.doc", site).message, "must end in %.lua, %.csv, %.txt or %.yaml")
  t.match(t.error("config", songs.read, "/nowhere/songs.txt", site).message, "there is no song list")
  t.match(t.error("config", songs.read, list("empty.txt", "# none\n"), site).message, "holds no song")
  t.match(t.error("config", songs.read, list("x.csv", "a,b\n1,2\n"), site).message, "must name the columns")
  t.match(t.error("config", songs.read, list("q.csv", "url\n\"open\n"), site).message, ":2: a quote is never closed")
end)

t.test("songs from the command line", function()
  t.equal(songs.from_arguments({ "toto/africa.html" }, site)[1].url, base .. "toto/africa.html")
  t.match(t.error("config", songs.from_arguments, { "https://x.org/", "ftp://y" }, site).message, "^2 problems")
end)
