-- File names from templates. Safe names are the file module's business; here they pass unchanged.

local names = require "karun.names"
local t = require "karun.test"

local function as_is(name)
  return (name:gsub("/", "_"))
end

t.test("the usual name", function()
  local item = { artist = "Toto", title = "Africa", nn = 3, track = "Bass", key = 0 }
  t.equal(names.path(names.default, item, as_is), "Toto - Africa/03 Bass.mp3")
  item.key = 2
  t.equal(names.path(names.default, item, as_is), "Toto - Africa/03 Bass (+2).mp3")
  item.key = -3
  t.equal(names.path(names.default, item, as_is), "Toto - Africa/03 Bass (-3).mp3")
end)

t.test("what is not known leaves no marks behind", function()
  t.equal(names.path(names.default, { title = "Africa", nn = 12, track = "Bass" }, as_is), "Africa/12 Bass.mp3")
end)

t.test("a slash in a caption makes no folder, a percent no pattern", function()
  local item = { artist = "AC/DC", title = "100%1 {track}", nn = 1, track = "Keys / Pad" }
  t.equal(names.path(names.default, item, as_is), "AC_DC - 100%1 {track}/01 Keys _ Pad.mp3")
end)

t.test("templates that cannot work are refused", function()
  names.check(names.default)
  t.match(t.error("config", names.check, "{artst}/{track}.mp3").message, "did you mean `artist`")
  t.error("config", names.check, "/abs/{track}.mp3")
  t.error("config", names.check, "../{track}.mp3")
  t.error("config", names.check, "{title}.mp3")
end)

t.test("the artist goes in front of what names the song", function()
  t.equal(names.with_artist("{title}/{nn} {track}{key}.mp3"), "{artist} - {title}/{nn} {track}{key}.mp3")
  t.equal(names.with_artist("mine/{song}/{track}.mp3"), "mine/{artist} - {song}/{track}.mp3")
  t.equal(names.with_artist("{title} {track}.mp3"), "{artist} - {title} {track}.mp3")
  t.equal(names.with_artist("all/{nn} {track}.mp3"), "{artist} - all/{nn} {track}.mp3")
  t.equal(names.with_artist(names.default), names.default)
end)
