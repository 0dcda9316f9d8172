-- karun itself as a child process: what a terminal sees.

local t = require "karun.test"

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  return path
end

t.test("version and help come on stdout, complaints on stderr", function()
  local got = t.run { "version" }
  t.equal(got.code, 0)
  t.match(got.out, "^karun %S+\n$")
  t.equal(got.err, "")
  got = t.run {}
  t.equal(got.code, 2)
  t.equal(got.out, "")
  got = t.run { "docter" }
  t.equal(got.code, 2)
  t.match(got.err, "there is no command `docter`")
end)

t.test("a flow runs where it is called, and a project's files lie over the shipped ones", function()
  local folder = t.tmp()
  write(folder .. "/flow.lua", [[
    local settings = require "karun.settings"
    local timing, config = settings.timing_book(), settings.config()
    io.write(timing.values.solo.timeout, " ", timing.entries["solo.timeout"].from, " ")
    io.write(config.values.out, " ", config.from.out, "\n")]])
  write(folder .. "/timing.lua", "return { solo = { timeout = '33s' } }")
  write(folder .. "/karun.lua", "return {\n  out = 'songs',\n}")
  local got = t.run({ "flow.lua" }, { cwd = folder })
  t.equal(got.err, "")
  t.equal(got.out, "33 timing.lua songs karun.lua:2\n")
  write(folder .. "/karun.lua", "return {\n  ouut = 'songs',\n  visible = 'maybe' }")
  got = t.run({ "flow.lua" }, { cwd = folder })
  t.equal(got.code, 3)
  t.match(got.err, "karun%.lua:2: there is no config key `ouut`, did you mean `out`%?")
  t.match(got.err, "karun%.lua:3: `visible` = maybe")
end)

t.test("a shadowed newer shipped file is warned of", function()
  local folder = t.tmp()
  write(folder .. "/flow.lua", "return 0")
  write(folder .. "/timing.lua", "return {}")
  t.equal(t.run({ "flow.lua" }, { cwd = folder }).err, "")
  assert(os.execute(("touch -d 2001-01-01 '%s/timing.lua'"):format(folder)))
  local got = t.run({ "flow.lua" }, { cwd = folder })
  t.equal(got.code, 0)
  t.match(got.err, "^warning: timing%.lua lies over a newer shipped file")
end)

t.test("karun test: what fails, what is skipped, what is left behind", function()
  local folder = t.tmp()
  write(folder .. "/a_test.lua", [[
    local t = require "karun.test"
    t.test("good", function() t.equal(1, 1) end)
    t.test("bad <&", function()
      t.equal({ 1 }, "x", "the thing")
    end)
    t.test("later", function() t.skip("no reason") end)
    local tries = 0
    t.test("flaky", function() tries = tries + 1; t.ok(tries > 1) end)
    t.test("raises", function() local x = nil; return x.y end)
    t.test("after", function() t.after(function() error "late" end) end)
    t.test("slow", { timeout = 0.2 }, function()
      require("karun").sleep(30)
    end)
    t.test("leaks", function() require("karun").spawn(function() require("karun").sleep(30) end) end)]])
  write(folder .. "/b_test.lua", "local = 3")
  local got = t.run({ "test", "--junit", "out.xml", "--retries", "1" }, { cwd = folder })
  t.equal(got.code, 1)
  t.match(got.out, "^TAP version 13\nok 1 %- a_test%.lua: good\nnot ok 2 %- a_test%.lua: bad <&\n")
  t.match(got.out, "a_test%.lua:4: the thing: got {1}, want \"x\"")
  t.match(got.out, "\nok 3 %- a_test%.lua: later # SKIP no reason\n")
  t.match(got.out, "\nok 4 %- a_test%.lua: flaky # flaky: passed at try 2\n")
  t.match(got.out, "\nnot ok 5 %- a_test%.lua: raises\n.-a_test%.lua:9: attempt to index a nil value")
  t.match(got.out, "\nnot ok 6 %- a_test%.lua: after\n")
  t.match(got.out, "\nnot ok 7 %- a_test%.lua: slow\n.-longer than 200ms\n.-a_test%.lua:12:")
  t.match(got.out, "\nnot ok 8 %- a_test%.lua: leaks\n.-left behind: 1 tasks, 1 timers, 1 waits")
  t.match(got.out, "\nnot ok 9 %- b_test%.lua: the file loads\n.-syntax")
  t.match(got.out, "\n1%.%.9\n# 1 skipped\n2 passed, 6 failed\n$")
  local file = assert(io.open(folder .. "/out.xml"))
  local xml = file:read("a")
  file:close()
  t.match(xml, '<testsuite name="karun" tests="9" failures="6">')
  t.match(xml, 'name="bad &lt;&amp;"')
  got = t.run({ "test", "--filter", "GOOD" }, { cwd = folder })
  t.match(got.out, "\n1 passed, 0 failed\n$")
  t.equal(t.run({ "test", "nowhere" }, { cwd = folder }).code, 2)
end)
