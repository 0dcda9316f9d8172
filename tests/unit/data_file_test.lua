-- Data files compute nothing but their own table, and say where they are wrong.

local data_file = require "karun.data_file"
local t = require "karun.test"

local function write(text)
  local path = t.tmp() .. "/data.lua"
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

t.test("a table comes back, with the lines of its keys", function()
  local path = write 'return {\n  solo = {\n    timeout = 12, -- why\n    ["again"] = { 1,\n 2 },\n  },\n}\n'
  local tree, lines = data_file.load(path)
  t.same(tree, { solo = { timeout = 12, again = { 1, 2 } } })
  t.equal(lines["solo"], 2)
  t.equal(lines["solo.timeout"], 3)
  t.equal(lines["solo.again"], 4)
  t.equal(lines["solo.again.2"], 5)
end)

t.test("lists of tables have lines too", function()
  local lines = data_file.lines 'return {\n {url="a",\n key=2},\n\n {url="b"},\n "c" }'
  t.equal(lines["1"], 2)
  t.equal(lines["1.key"], 3)
  t.equal(lines["2.url"], 5)
  t.equal(lines["3"], 6)
end)

t.test("none there is nil", function()
  t.equal(data_file.load "/nowhere/at/all.lua", nil)
end)

t.test("nothing of the outside is to be had", function()
  for _, text in ipairs {
    "return { x = os.getenv('HOME') }", "return { f = function() end }",
    "return { ('x'):rep(10) }", "return 3", "", "return { require 'karun' }",
  } do
    t.error("config", data_file.parse, text, "d.lua")
  end
  t.same(data_file.parse("return { print }", "d.lua"), {}) -- no such name, so no entry
  t.equal(("x"):rep(2), "xx") -- texts have their methods back
end)

t.test("no loop runs for ever, no compiled code runs at all", function()
  local err = t.error("config", data_file.parse, "while true do end", "loop.lua")
  t.match(err.message, "loop%.lua:1: .*too long")
  t.error("config", data_file.parse, string.dump(function() return {} end), "c.lua")
  t.error("config", data_file.parse, "local a = {} a.a = a return a", "cycle.lua")
end)

t.test("a slip in the syntax is told with file and line", function()
  local err = t.error("config", data_file.parse, "return {\n a = = 3 }", "slip.lua")
  t.match(err.message, "^slip%.lua:2: ")
end)

t.test("larger than any data file is refused", function()
  local path = write("return {} --" .. ("x"):rep(data_file.max_bytes))
  t.match(t.error("config", data_file.load, path).message, "larger than")
end)
