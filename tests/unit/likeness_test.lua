-- How like two names are: what people write, and what a site calls it.

local dirs = require "karun.dirs"
local likeness = require "karun.likeness"
local t = require "karun.test"

local words = require("karun.data_file").load(dirs.shipped .. "/abbreviations.lua")
local like = likeness.new(words)

t.test("case, accents, articles, joiners and punctuation make no difference", function()
  for a, b in pairs {
    ["The Beatles"] = "beatles", ["Beyonce"] = "Beyoncé", ["Guns N' Roses"] = "guns and roses", ["AC/DC"] = "ac dc",
    ["Grüße & Söhne"] = "GRUSSE UND SOHNE", ["Don’t Stop"] = "dont stop", ["Die Ärzte"] = "arzte", ["The The"] = "the the",
  } do
    t.equal(like:plain(a), like:plain(b), a)
    t.equal(like:ratio(a, b), 1, a)
  end
  t.equal(like:plain("Гитара"), "гитара")
end)

t.test("abbreviations stand for the whole name", function()
  t.equal(like:artist("rhcp"), "Red Hot Chili Peppers")
  t.equal(like:artist("G.N.R."), "Guns N' Roses")
  t.equal(like:artist("Toto"), "Toto")
  local got = like:score({ title = "Under the Bridge", artist = "RHCP" }, { title = "Under the Bridge", artist = "Red Hot Chili Peppers" })
  t.equal(got.score, 1)
end)

t.test("titles count .6 and artists .4; brackets may be missing", function()
  local got = like:score({ title = "Africa", artist = "Toto" }, { title = "Africa", artist = "Weezer" })
  t.equal(got.title, 1)
  t.ok(got.artist < 0.5)
  t.ok(math.abs(got.score - (0.6 + 0.4 * got.artist)) < 1e-9)
  t.equal(like:ratio("Hold On", "Hold On (Until Tonight)"), 0.97)
  t.ok(like:ratio("Africa", "Rosanna") < 0.5)
  t.equal(likeness.ratio("", ""), 1)
  t.equal(likeness.ratio("", "x"), 0)
  t.ok(likeness.ratio(("a"):rep(5000), ("a"):rep(5000)) == 1)
end)
