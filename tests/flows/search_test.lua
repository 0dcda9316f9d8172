-- Finding songs by title and artist: a sure list that --songs takes, an unsure one with candidates.

local karun = require "karun"
local stage = require "stage"
local t = require "karun.test"

local NOBODY = { KARUN_USERNAME = false, KARUN_PASSWORD = false }

local function search(site, args, options)
  options = options or {}
  local all = { "flows/search.lua", "--set", "site.base_url=" .. site.url, "--set", "search.pause=0", "--progress=plain" }
  return t.run(table.move(args, 1, #args, #all + 1, all), { cwd = options.cwd, env = options.env or NOBODY, timeout = 120 })
end

local list = [[
Song,Artist,Key
Night Drive,Paper Lanterns,
"hold on",HSBB,+2
uber den flussen,Grusse und Sohne,
Two Chairs,Somebody Else,
No Such Tune At All,Nobody,
Night Drive,,
]]

t.test("sure ones become a list, the others get candidates; abbreviations of one's own", { timeout = 180 }, function()
  local site = stage.site { lang = "de" }
  local folder = t.tmp()
  karun.file.write(folder .. "/list.csv", list)
  karun.file.write(folder .. "/abbreviations.lua", [[return { artists = { HSBB = "Harbour Street Big Band" } }]])
  local got = search(site, { "list.csv" }, { cwd = folder })
  t.equal(got.code, 4, got.err)
  t.equal(got.out, "list.found.lua\n")
  local base = site.url .. "/custombackingtrack/"
  t.same(load(karun.file.read(folder .. "/list.found.lua"), "=list", "t", {})(), {
    { url = base .. "the-paper-lanterns/night-drive.html", name = "The Paper Lanterns - Night Drive" },
    { url = base .. "harbour-street-big-band/hold-on-until-tonight.html",
      name = "Harbour Street Big Band - Hold On (Until Tonight)", key = 2 },
    { url = base .. "grusse-sohne/uber-den-flussen.html", name = "Grüße & Söhne - Über den Flüssen" },
  })
  local unsure = karun.file.read(folder .. "/list.unsure.lua")
  t.match(unsure, "Somebody Else %- Two Chairs %(line 5%)\n  %-%- { url = \"[^\"]*two%-chairs%.html\"")
  t.match(unsure, "Nobody %- No Such Tune At All %(line 6%): nothing like it")
  local _, n = unsure:gsub("night%-drive%.html", "")
  t.equal(n, 2, "one title by two artists, and no artist named: both are candidates")
  t.equal(#site.log:list "login", 0, "nobody has to sign in to search")

  -- each list is one for --songs, once a candidate is chosen
  karun.file.write(folder .. "/list.unsure.lua", (unsure:gsub("\n  %-%- ({ url = [^\n]-two%-chairs)", "\n  %1")))
  for _, name in ipairs { "list.found.lua", "list.unsure.lua" } do
    t.equal(t.run({ "import", name, "--set", "site.base_url=" .. site.url }, { cwd = folder }).code, 0)
  end
  -- again: karun's own lists are replaced, a person's is not
  karun.file.write(folder .. "/list.csv", "Song,Artist\nShort Song,Mara Quill\n")
  karun.file.write(folder .. "/mine.lua", "return { 'mine' }")
  t.equal(search(site, { "list.csv", "--out", "mine.lua" }, { cwd = folder }).code, 2)
  t.equal(karun.file.read(folder .. "/mine.lua"), "return { 'mine' }")
  local again = search(site, { "list.csv", "--json" }, { cwd = folder })
  t.equal(again.code, 0, again.err)
  t.equal(karun.json.decode(again.out).sure[1].url, base .. "mara-quill/short-song.html")
end)

t.test("a dry run asks nothing; problems of a list come before any browser", function()
  local site = stage.site()
  local folder = t.tmp()
  karun.file.write(folder .. "/list.csv", list)
  local got = search(site, { "list.csv", "--dry-run" }, { cwd = folder })
  t.equal(got.code, 0)
  t.match(got.out, "^search: Night Drive Paper Lanterns\n")
  t.same(karun.file.list(folder), { "list.csv" })
  karun.file.write(folder .. "/bad.csv", "Song,Artist,Key\n,Toto,\nAfrica,Toto,high\n")
  local bad = search(site, { "bad.csv" }, { cwd = folder })
  t.equal(bad.code, 3)
  t.match(bad.err, "bad%.csv:2: the song has neither url nor title")
  t.match(bad.err, "bad%.csv:3: key `high`")
  t.equal(#site.log:list "request", 0)
end)

t.test("a pause lies between two searches; a busy site is asked again; a person is asked for", { timeout = 120 }, function()
  local site = stage.site { faults = { unavailable = 1 } }
  local folder = t.tmp()
  karun.file.write(folder .. "/list.csv", "Song,Artist\nShort Song,Mara Quill\nTwo Chairs,The Paper Lanterns\n")
  local got = search(site, { "list.csv", "--set", "search.pause=1", "--set", "pause.jitter=0", "--set", "retry.delay=0.1" }, { cwd = folder })
  t.equal(got.code, 0, got.err)
  local asked = site.log:list "search"
  t.equal(#asked, 2)
  t.ok(asked[2].t - asked[1].t >= 1, "the pause was kept")
  site.faults:set { human_check = true }
  t.equal(search(site, { "list.csv" }, { cwd = folder }).code, 6)
end)
