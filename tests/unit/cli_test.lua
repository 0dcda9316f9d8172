-- The command line with everything outside replaced: no process is started, nothing is printed.

local cli = require "karun.cli"
local commands = require "karun.cli.commands"
local dirs = require "karun.dirs"
local exit = require "karun.cli.exit"
local settings = require "karun.settings"
local t = require "karun.test"

local function sink()
  local out = {}
  return {
    write = function(self, ...)
      for _, piece in ipairs { ... } do
        out[#out + 1] = tostring(piece)
      end
      return self
    end,
    flush = function() end,
    text = function() return table.concat(out) end,
  }
end

-- The command line runs in this very process, so it must leave the settings as they were.
local function karun(argv, env)
  local out, err = sink(), sink()
  local restore = settings.keep()
  local code = cli(argv, {
    stdout = out, stderr = err, version = "9.9", stat = function() end, list = function() return {} end,
    lost = function() return {} end, level = function() end,
    getenv = function(name) return (env or {})[name] end,
    now = os.clock, timeout = function(_, fn) return fn() end,
  })
  restore()
  return code, out.text(), err.text()
end

local function flow(text)
  local path = t.tmp() .. "/flow.lua"
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  return path
end

t.test("no arguments: short help on stderr, exit 2", function()
  local code, out, err = karun {}
  t.equal(code, 2)
  t.equal(out, "")
  t.match(err, "^karun runs flows")
end)

t.test("help begins with examples and knows every command", function()
  local code, out = karun { "--help" }
  t.equal(code, 0)
  t.match(out, "^Examples\n")
  for _, name in ipairs(commands.names()) do
    t.match(out, "\n  " .. name .. " ")
    local code2, text = karun { "help", name }
    t.equal(code2, 0)
    t.match(text, "^karun " .. name .. ": ")
  end
end)

t.test("every listed command is there", function()
  for _, command in ipairs(commands.commands) do
    t.equal(type(require("karun.cli." .. command.name).run), "function", command.name)
  end
end)

t.test("near misses", function()
  local code, _, err = karun { "tset" }
  t.equal(code, 2)
  t.match(err, "did you mean `test`%?")
  code, _, err = karun { "--hepl" }
  t.equal(code, 2)
  t.match(err, "did you mean `%-%-help`%?")
end)

t.test("a flow gets its arguments, karun its flags on both sides", function()
  local path = flow [[
    local args = require("karun.settings").args()
    assert(select("#", ...) == 3 and select(1, ...) == "--own" and args[2] == "x" and args[3] == "-z")
    assert(args[0]:match("flow%.lua$"))
    local settings = require "karun.settings"
    assert(settings.timing().solo.timeout == 12 and settings.get "visible" == true)
    assert(settings.timing().solo.quiet == 0.5)
    return 4]]
  local code, _, err = karun { "--visible", "--set", "solo.timeout=12", path, "--own", "x", "--set=solo.quiet=500ms",
    "-z" }
  t.equal(err, "")
  t.equal(code, 4)
end)

t.test("what follows -- is the flow's", function()
  local path = flow [[
    local options = require "karun.options" { { "name", "string" } }
    assert(options.name == "a" and options[1] == "--visible" and options[2] == "b")]]
  local code, _, err = karun { path, "--name", "a", "--", "--visible", "b" }
  t.equal(err, "")
  t.equal(code, 0)
end)

t.test("options: types, letters, defaults", function()
  local path = flow [[
    local o = require "karun.options" {
      { "out", "path", default = "downloads" }, { "tracks", "list" }, { "dry-run", "boolean" },
      { "wait", "duration", default = "2m" }, { "limit", "size" }, { "count", "integer" }, tries = 3,
    }
    assert(o.out == "downloads" and o.dry_run == true and o.wait == 120 and o.limit == 2048 and o.tries == 5)
    assert(#o.tracks == 3 and o.tracks[2] == "Lead Vocal" and o.count == nil)]]
  local code, _, err = karun { path, "-n", "--tracks", "Bass,Lead Vocal", "--tracks=3", "--limit=2k", "--tries", "5" }
  t.equal(err, "")
  t.equal(code, 0)
end)

t.test("options: what is wrong is usage, with the nearest", function()
  local path = flow [[require "karun.options" { { "count", "integer" }, { "dry-run", "boolean" } }]]
  for _, case in ipairs {
    { { path, "--cuont", "3" }, "did you mean `%-%-count`" }, { { path, "--count", "x" }, "whole number" },
    { { path, "--count" }, "wants a value" }, { { path, "--dry-run=maybe" }, "takes no value" },
    { { path, "--visble" }, "did you mean `%-%-visible`" },
  } do
    local code, _, err = karun(case[1])
    t.equal(code, 2)
    t.match(err, case[2])
  end
  local code, _, err = karun { flow [[require "karun.options" { { "site", "string" } }]] }
  t.equal(code, 2)
  t.match(err, "karun's own")
end)

t.test("a flow's own help, examples first", function()
  local path = flow [[
    require "karun.options" { about = "Does it.", examples = { { "karun x.lua", "one" } },
      { "out", "path", help = "where" } }
    error "never reached"]]
  local code, out = karun { path, "--help" }
  t.equal(code, 0)
  t.match(out, "^Does it%.\n\nExamples\n  karun x%.lua")
  t.match(out, "%-%-out PATH +where")
end)

t.test("exit codes by kind", function()
  for kind, want in pairs { launch = 7, browser_gone = 7, auth = 5, login_needed = 5, human_needed = 6, usage = 2,
    config = 3, disk = 10, locked = 11, profile_locked = 11, internal = 70, timeout = 1, wrong_mix = 1 } do
    local code, _, err = karun { flow(([[error(require "karun.error"(%q, "it broke"))]]):format(kind)) }
    t.equal(code, want, kind)
    t.match(err, "it broke")
  end
end)

t.test("errors of the flow's own, and slips of Lua, are exit 1 with their line", function()
  local code, _, err = karun { flow 'local x\n\nerror "mine"' }
  t.equal(code, 1)
  t.match(err, "flow%.lua:3: mine\n +3 | error \"mine\"")
  t.equal((karun { flow "local x = nil + 1" }), 1)
  code, _, err = karun { flow "x = 3" }
  t.equal(code, 2)
  t.match(err, "write `local x")
end)

t.test("flows that are not there or not Lua are exit 3", function()
  local code, _, err = karun { "flows/none-such.lua" }
  t.equal(code, 3)
  t.match(err, "there is no flow flows/none%-such%.lua")
  code, _, err = karun { flow "local = 3" }
  t.equal(code, 3)
  t.match(err, "flow%.lua:1: syntax: ")
end)

t.test("what a flow returns is its exit code", function()
  t.equal((karun { flow "return 0" }), 0)
  t.equal((karun { flow "return false" }), 1)
  t.equal((karun { flow "return 'done'" }), 2)
end)

t.test("the worst cause wins", function()
  t.equal(exit.worst { 1, 4, 0 }, 1)
  t.equal(exit.worst { 4, 8, 5 }, 5)
  t.equal(exit.worst { 70, 130, 2 }, 130)
  t.equal(exit.worst {}, 0)
end)

t.test("--set: timing, config, site; the rest is refused", function()
  local path = flow [[
    local settings = require "karun.settings"
    assert(settings.site().base_url == "http://127.0.0.1:9" and settings.config().values.out == "there")
    assert(settings.config().from.out == "--set")]]
  local code, _, err = karun { path, "--set", "site.base_url=http://127.0.0.1:9", "--set", "out=there" }
  t.equal(err, "")
  t.equal(code, 0)
  for _, case in ipairs { { "solo.timeout=0", 3 }, { "solo.timout=3", 3 }, { "ouut=3", 3 }, { "solo.timeout", 2 },
    { "site.nothing=1", 3 }, { "site.base_url=nowhere", 3 } } do
    t.equal((karun { path, "--set", case[1] }), case[2], case[1])
  end
end)

t.test("the environment and flags set configuration, flags win", function()
  local path = flow [[
    local c = require("karun.settings").config()
    assert(c.values.visible == false and c.from.visible == "--visible" and c.values.out == "env-out")
    assert(c.from.out == "KARUN_OUT" and c.values.input == false)]]
  local code, _, err = karun({ path, "--no-visible", "--no-input" }, { KARUN_OUT = "env-out", KARUN_VISIBLE = "yes" })
  t.equal(err, "")
  t.equal(code, 0)
  code, _, err = karun({ path }, { KARUN_PROGRESS = "loud" })
  t.equal(code, 3)
  t.match(err, "KARUN_PROGRESS: `progress` = loud: it must be one of auto")
end)

t.test("modules come from the flow's folder", function()
  local folder = t.tmp()
  for name, text in pairs { ["f.lua"] = "assert(require('beside').x == 3)", ["beside.lua"] = "return { x = 3 }" } do
    local file = assert(io.open(folder .. "/" .. name, "w"))
    file:write(text)
    file:close()
  end
  local code, _, err = karun { folder .. "/f.lua" }
  t.equal(err, "")
  t.equal(code, 0)
end)

t.test("--sandbox takes the outside away", function()
  for _, text in ipairs { "io.open('x')", "os.execute('true')", "debug.getinfo(1)", "require 'karun.native.proc'",
    "dofile('x')", "load(string.dump(function() end))()" } do
    local code = karun { "--sandbox", flow(text) }
    t.ok(code ~= 0, text)
  end
  t.equal((karun { "--sandbox", flow "assert(os.time() > 0 and math.pi and require('karun.units'))" }), 0)
end)

t.test("timing lists reasons and where a value was set", function()
  local code, out = karun { "timing", "solo.timeout", "--set", "solo.timeout=12" }
  t.equal(code, 0)
  t.match(out, "^solo%.timeout +12 s +1 to 180  %(set in %-%-set%)\n    phase 1")
  t.equal((karun { "timing", "nothing" }), 2)
  t.match(select(2, karun { "version" }), "^karun 9%.9\n$")
  t.ok(dirs.shipped ~= "")
end)

t.test("completions and manual name every command and flag", function()
  local texts = {}
  for _, shell in ipairs { "bash", "zsh", "fish" } do
    local code, out = karun { "completion", shell }
    t.equal(code, 0)
    texts[shell] = out
  end
  local _, man = karun { "man" }
  texts.man = (man:gsub("\\%-", "-"))
  for kind, text in pairs(texts) do
    for _, name in ipairs(commands.names()) do
      t.ok(text:find(name, 1, true), kind .. " lacks " .. name)
    end
    for _, flag in ipairs(commands.flags) do
      local word = kind == "fish" and "-l " .. flag.name or "--" .. flag.name
      t.ok(text:find(word, 1, true), kind .. " lacks " .. word)
    end
  end
  local code, _, err = karun { "completion", "bsh" }
  t.equal(code, 2)
  t.match(err, "did you mean `bash`")
end)
