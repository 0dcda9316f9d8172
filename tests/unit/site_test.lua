-- Site tables and the addresses that derive from them.

local address = require "karun.address"
local dirs = require "karun.dirs"
local site_file = require "karun.site_file"
local t = require "karun.test"

local shipped = dirs.shipped .. "/sites"

local function load_site(sets, folders)
  return site_file.load { name = "karaoke_version", folders = folders or { shipped }, sets = sets }
end

local function folder_with(text)
  local folder = t.tmp()
  local file = assert(io.open(folder .. "/karaoke_version.lua", "w"))
  file:write(text)
  file:close()
  return folder
end

t.test("the shipped table holds what flows need, selectors as lists", function()
  local site = load_site()
  for _, name in ipairs { "row", "caption", "solo", "download" } do
    t.ok(#site.selectors[name] >= 1, name)
  end
  t.equal(site.pinned, nil)
end)

t.test("a table of one's own lies over it, key by key", function()
  local site = load_site(nil, { shipped, folder_with "return { selectors = { solo = '.mine' }, key = { high = 6 } }" })
  t.same(site.selectors.solo, { ".mine" })
  t.equal(site.key.high, 6)
  t.equal(site.key.low, -12)
  t.ok(#site.selectors.row >= 2)
end)

t.test("every wrong key is named, with its line and the right one", function()
  local folder = folder_with "return {\n selectors = {\n  sollo = '.x',\n  solo = 3 },\n colour = 'red' }"
  local err = t.error("config", load_site, nil, { shipped, folder })
  t.match(err.message, ":3: there is no `selectors%.sollo` in a site table, did you mean `solo`%?")
  t.match(err.message, ":4: `selectors%.solo` must be a text or a list")
  t.match(err.message, ":5: there is no `colour`")
end)

t.test("a new table must be whole; an unknown name says what there is", function()
  t.match(t.error("config", load_site, nil, { folder_with "return { name = 'x', kind = 'mixer' }" }).message, "`base_url` is missing")
  local err = t.error("config", site_file.load, { name = "karaoke_verson", folders = { shipped } })
  t.match(err.message, "there is no site `karaoke_verson`")
end)

t.test("a site of another kind names what it likes, in the known groups", function()
  local folder = folder_with "return { name = 'x', base_url = 'https://example.org', selectors = { search_box = '#q' } }"
  t.same(load_site(nil, { folder }).selectors.search_box, { "#q" })
  t.equal(load_site({ { "selectors.search_box", ".q" } }, { folder }).selectors.search_box[1], ".q")
  folder = folder_with "return { name = 'x', base_url = 'https://example.org', selektors = {} }"
  t.match(t.error("config", load_site, nil, { folder }).message, "did you mean `selectors`")
end)

t.test("songs: address, bare path, regional host", function()
  local site = load_site()
  local path = "/custombackingtrack/toto/africa.html"
  local com = "https://www.karaoke-version.com"
  t.equal(address.song(site, com .. path), com .. path)
  t.equal(address.song(site, path), com .. path)
  t.equal(address.song(site, "toto/africa.html"), com .. path)
  t.equal(address.song(site, "www.karaoke-version.de" .. path), "https://www.karaoke-version.de" .. path)
  t.equal(address.language(site, "https://www.karaoke-version.de/x"), "de")
  for _, bad in ipairs { "https://example.org" .. path, "ftp://x/y", "https://www.karaoke-version.de/other.html" } do
    t.equal(address.song(site, bad), nil, bad)
  end
end)

t.test("site.base_url points everything at another host", function()
  local site = load_site { { "base_url", "http://127.0.0.1:8123/" } }
  local here = "http://127.0.0.1:8123/custombackingtrack/toto/africa.html"
  t.equal(address.song(site, "https://www.karaoke-version.com/custombackingtrack/toto/africa.html"), here)
  t.equal(address.song(site, "/custombackingtrack/toto/africa.html"), here)
  t.equal(address.song(site, here .. "?levels=1"), here .. "?levels=1")
  t.equal(address.page(site, "login"), "http://127.0.0.1:8123/my/login.html")
  t.equal(address.page(site, "search", nil, { query = "a b&c" }),
    "http://127.0.0.1:8123/custombackingtrack/search.html?query=a%20b%26c")
  t.error("config", load_site, { { "base_url", "127.0.0.1" } })
  t.error("config", load_site, { { "bass_url", "http://x" } })
end)

t.test("the login page is on the song's own host", function()
  local site = load_site()
  t.equal(address.page(site, "login", "https://www.karaoke-version.co.uk/custombackingtrack/a/b.html"),
    "https://www.karaoke-version.co.uk/my/login.html")
end)
