-- Timings: shipped < config folder < project < --set, all checked.

local dirs = require "karun.dirs"
local t = require "karun.test"
local timing_file = require "karun.timing_file"

local shipped = dirs.shipped .. "/timing.lua"

local function override(text)
  local path = t.tmp() .. "/timing.lua"
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  return path
end

t.test("every shipped timing has unit, range and reason", function()
  local book = timing_file.load { shipped = shipped }
  t.ok(#book.names > 30)
  for _, name in ipairs(book.names) do
    local entry = book.entries[name]
    t.ok(entry.value >= entry.range[1] and entry.value <= entry.range[2], name)
    t.match(entry.reason, "%a+ %a+", name)
    t.equal(entry.from, shipped)
  end
  t.ok(book.values.pause.songs <= 5, "the pause between songs is at most 5 s")
end)

t.test("the later one wins, and its place is remembered", function()
  local user = override "return { solo = { timeout = 30, quiet = '500ms' }, download = { min_size = '1k' } }"
  local project = override "return { solo = { timeout = { value = 40, unit = 's' } } }"
  local book = timing_file.load { shipped = shipped, files = { user, project } }
  t.equal(book.values.solo.timeout, 40)
  t.equal(book.entries["solo.timeout"].from, project)
  t.equal(book.values.solo.quiet, 0.5)
  t.equal(book.entries["solo.quiet"].from, user)
  t.equal(book.values.download.min_size, 1024)
  book = timing_file.load { shipped = shipped, files = { user, project }, sets = { { "solo.timeout", "50s" } } }
  t.equal(book.values.solo.timeout, 50)
  t.equal(book.entries["solo.timeout"].from, "--set")
end)

t.test("all wrong entries of a file in one go, with their lines", function()
  local path = override [[return {
  solo = {
    timout = 3,
    margin = 9999,
    quiet = 'soon',
  },
  nosuch = { x = 1 },
  retry = { tries = 2.5 },
}]]
  local err = t.error("config", timing_file.load, { shipped = shipped, files = { path } })
  t.match(err.message, "^5 problems")
  t.match(err.message, ":3: there is no timing `solo%.timout`, did you mean `solo%.timeout`%?")
  t.match(err.message, ":4: `solo%.margin` = 9999 is out of range: 0 to 60 s")
  t.match(err.message, ":5: `solo%.quiet` = soon")
  t.match(err.message, ":7: there is no timing `nosuch%.x`")
  t.match(err.message, ":8: `retry%.tries` = 2%.5")
end)

t.test("a whole entry under a new name is a timing of one's own", function()
  local path = override [[return { shop = {
    pause = { value = "2s", unit = "s", range = { 0, 60 }, reason = "manners of my flow" },
  } }]]
  local book = timing_file.load { shipped = shipped, files = { path }, sets = { { "shop.pause", "3" } } }
  t.equal(book.values.shop.pause, 3)
  path = override "return { shop = { pause = { value = 99, unit = 's', range = { 0, 60 }, reason = 'so it is' } } }"
  t.match(t.error("config", timing_file.load, { shipped = shipped, files = { path } }).message, "out of range")
end)

t.test("--set is checked alike", function()
  local sets = { { "solo.timeout", "0" }, { "solo.x", "1" } }
  local err = t.error("config", timing_file.load, { shipped = shipped, sets = sets })
  t.match(err.message, "out of range: 1 to 180")
  t.match(err.message, "no timing `solo%.x`")
end)

t.test("values are read-only and know their names", function()
  local values = timing_file.load({ shipped = shipped }).values
  t.match(t.error("usage", function() return values.solo.timeot end).message, "did you mean `solo%.timeout`")
  t.match(t.error("usage", function() return values.sollo end).message, "did you mean `solo`")
  t.error("usage", function() values.solo.timeout = 3 end)
end)
