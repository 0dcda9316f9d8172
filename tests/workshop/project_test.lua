-- karun init and karun eject, as a person uses them.

local karun = require "karun"
local t = require "karun.test"

local function project(name)
  local folder = t.tmp()
  local got = t.run({ "init", name }, { cwd = folder })
  t.equal(got.code, 0, got.err)
  return folder .. "/" .. name, got
end

t.test("init makes a project that checks, tests and runs, also when it was moved", { timeout = 120 }, function()
  local folder, got = project "my-songs"
  for _, file in ipairs { "README.md", "karun.lua", "timing.lua", "sites/my_songs.lua", "flows/first.lua",
    "tests/first_test.lua", ".luarc.json" } do
    t.match(got.out, "my%-songs/" .. file:gsub("%p", "%%%0"))
    t.ok(karun.file.exists(folder .. "/" .. file), file)
  end
  t.equal(karun.json.decode(karun.file.read(folder .. "/.luarc.json"))["workspace.library"][1], ".karun/api")
  t.ok(karun.file.exists(folder .. "/.karun/api/page.lua"))
  local moved = t.tmp() .. "/elsewhere"
  assert(os.rename(folder, moved))
  got = t.run({ "check" }, { cwd = moved })
  t.equal(got.code, 0, got.out)
  got = t.run({ "test" }, { cwd = moved, timeout = 90 })
  t.equal(got.code, 0, got.out .. got.err)
  t.match(got.out, "\n1 passed, 0 failed\n$")
  got = t.run({ "timing", "first", "--json" }, { cwd = moved })
  local entry = karun.json.decode(got.out).entries["first.headline"]
  t.equal(entry.value, 10)
  t.equal(entry.from, "timing.lua")
end)

t.test("init writes over nothing and says what a name is", function()
  local folder = t.tmp()
  karun.file.mkdir(folder .. "/there")
  karun.file.write(folder .. "/there/mine.txt", "mine")
  local got = t.run({ "init", "there" }, { cwd = folder })
  t.equal(got.code, 2)
  t.match(got.err, "there is there already; nothing was written")
  t.equal(#karun.file.list(folder .. "/there"), 1)
  t.equal(t.run({ "init" }, { cwd = folder }).code, 2)
  t.equal(t.run({ "init", "42" }, { cwd = folder }).code, 2)
end)

t.test("eject copies a flow, which wins; doctor says what changed upstream since", function()
  local folder = t.tmp()
  local got = t.run({ "eject", "flows/solo.lua" }, { cwd = folder })
  t.equal(got.code, 0, got.err)
  t.equal(got.out, "flows/solo.lua\n")
  local copy = karun.file.read(folder .. "/flows/solo.lua")
  t.match(copy, "Solos tracks")
  karun.file.write(folder .. "/flows/solo.lua", (copy:gsub("Solos tracks in the mixer", "Mine")))
  t.match(t.run({ "flows/solo.lua", "--help" }, { cwd = folder }).out, "Mine")
  got = t.run({ "eject", "flows/solo.lua" }, { cwd = folder })
  t.equal(got.code, 2)
  t.match(got.err, "there already; nothing was changed")
  t.match(t.run({ "doctor" }, { cwd = folder }).out, "\nok    flows/solo%.lua +your copy of %S+; the shipped one is unchanged\n")
  -- as if the shipped flow had had other lines when it was taken
  local base = folder .. "/.karun/ejected/flows/solo.lua"
  karun.file.write(base, (karun.file.read(base):gsub("local karun", "local old")))
  got = t.run({ "doctor" }, { cwd = folder })
  t.match(got.out, "\nwarn  flows/solo%.lua +%d+ lines of the shipped one changed since you took it")
  t.match(got.out, '\ndiff  flows/solo%.lua +%- local old = require "karun"\n')
  t.match(got.out, '\ndiff  flows/solo%.lua +%+ local karun = require "karun"\n')
end)

t.test("eject lists what there is, and names the nearest", function()
  local got = t.run { "eject" }
  t.match(got.out, "\nflows/download%.lua\n")
  got = t.run { "eject", "flows/sollo.lua" }
  t.equal(got.code, 2)
  t.match(got.err, "did you mean `flows/solo%.lua`%?")
end)
