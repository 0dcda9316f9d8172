-- karun import, through its door: other lists become song lists; every problem in one go, with its line.

local karun = require "karun"
local t = require "karun.test"

local base = "https://www.karaoke-version.com/custombackingtrack/"

local function folder_with(name, text)
  local folder = t.tmp()
  karun.file.write(folder .. "/" .. name, text)
  return folder
end

local yaml = [[
# mine
songs:
  - url: ]] .. base .. [[toto/africa.html
    name: "Africa"
    description: The one with the "synth"
    key: +2
  - url: "https://www.karaoke-version.de/custombackingtrack/ärzte/x.html"
    name: 1999
    key: "-3"
  - { url: /custombackingtrack/a/b.html, key: 0 }
]]

t.test("a songs.yaml is printed as a list, and written beside it as .lua or .csv", function()
  local folder = folder_with("songs.yaml", yaml)
  local got = t.run({ "import", "songs.yaml" }, { cwd = folder })
  t.equal(got.code, 0, got.err)
  t.equal(got.err, "")
  local list = load(got.out, "=list", "t", {})()
  t.same(list, {
    { url = base .. "toto/africa.html", name = "Africa", key = 2 },
    { url = "https://www.karaoke-version.de/custombackingtrack/ärzte/x.html", name = "1999", key = -3 },
    { url = base .. "a/b.html" },
  })
  t.match(got.out, '%-%- The one with the "synth"')
  t.equal(#karun.file.list(folder), 1)
  t.equal(t.run({ "import", "songs.yaml", "--write" }, { cwd = folder }).out, "songs.lua\n")
  t.equal(karun.file.read(folder .. "/songs.lua"), got.out)
  t.equal(t.run({ "import", "songs.yaml", "--write", "--as", "csv" }, { cwd = folder }).out, "songs.csv\n")
  t.match(karun.file.read(folder .. "/songs.csv"), "^url,name,key\n.-africa%.html,Africa,2\n")
  -- and each reads as the others do
  local again = t.run({ "import", "songs.csv" }, { cwd = folder })
  t.same(load(again.out, "=list", "t", {})()[2], list[2])
end)

t.test("a list of one's own is not written over; karun's own is", function()
  local folder = folder_with("songs.yaml", yaml)
  karun.file.write(folder .. "/songs.lua", "return { '/custombackingtrack/my/own.html' }\n")
  local got = t.run({ "import", "songs.yaml", "--write" }, { cwd = folder })
  t.equal(got.code, 2)
  t.match(got.err, "songs%.lua is there already")
  t.match(karun.file.read(folder .. "/songs.lua"), "my/own")
  t.equal(t.run({ "import", "songs.yaml", "--write", "--force" }, { cwd = folder }).code, 0)
  t.equal(t.run({ "import", "songs.yaml", "--write" }, { cwd = folder }).code, 0)
end)

t.test("all problems of a list in one go, with lines; exit 3", function()
  local got = t.run({ "import", "bad.yaml" }, { cwd = folder_with("bad.yaml", [[
songs:
  - url: https://elsewhere.example/x.html
    key: 13
  - name: no address
    kye: 2
  - url: /custombackingtrack/a/b.html
    key: 2.5
  - url: /custombackingtrack/a/c.html
    key: high
    key: 2
]]) })
  t.equal(got.code, 3)
  for _, line in ipairs {
    "6 problems in bad%.yaml", "bad%.yaml:2: .-is not on", "bad%.yaml:3: key %+13 is out of range",
    "bad%.yaml:4: the song has no url", "bad%.yaml:5: .-did you mean `key`", "bad%.yaml:7: key `2%.5` is no whole number",
    "bad%.yaml:10: `key` stands twice",
  } do
    t.match(got.err, line)
  end
end)

t.test("broken YAML, loops of aliases and depths end plainly", function()
  local deep = ("["):rep(500) .. ("]"):rep(500)
  local bomb = { "a: &a [x, x]" }
  for i = 1, 40 do
    bomb[#bomb + 1] = ("b%d: &b%d [*%s, *%s]"):format(i, i, i == 1 and "a" or "b" .. i - 1, i == 1 and "a" or "b" .. i - 1)
  end
  for text, wanted in pairs {
    ["songs:\n  - url: [a\n  key: 1\n"] = "list%.yaml:3: ",
    ["songs: &a\n  - *a\n"] = "this is no song",
    [deep] = "nested deeper",
    [table.concat(bomb, "\n") .. "\n"] = "no list `songs:`",
    ["- \255\n"] = "list%.yaml:",
    [""] = "holds no song",
  } do
    local got = t.run({ "import", "list.yaml" }, { cwd = folder_with("list.yaml", text) })
    t.equal(got.code, 3, got.err)
    t.match(got.err, wanted)
  end
end)
