-- Installed under a prefix, karun works from any folder, with a person's own data over the shipped.

local karun = require "karun"
local proc = require "karun.native.proc"
local stage = require "stage"
local t = require "karun.test"

local function make(...)
  local child = proc.start { argv = { "make", "-s", ... }, capture = true }
  t.ok(child:wait(300), "make ends")
  t.equal(child:status(), 0, child:out() .. child:err())
  child:close()
end

t.test("make install: program, flows, man page, completions; uninstall takes them away", { timeout = 400 }, function()
  local prefix, away = t.tmp() .. "/p", t.tmp()
  make("PREFIX=" .. prefix, "install")
  for _, path in ipairs {
    "bin/karun", "share/karun/lua/flows/download.lua", "share/man/man1/karun.1",
    "share/bash-completion/completions/karun", "share/zsh/site-functions/_karun", "share/fish/vendor_completions.d/karun.fish",
  } do
    t.ok(karun.file.exists(prefix .. "/" .. path), path)
  end
  local site = stage.site()
  local config = t.tmp()
  karun.file.mkdir(config .. "/karun")
  karun.file.write(config .. "/karun/timing.lua", "return { solo = { timeout = 17 } }\n")
  local options = {
    program = prefix .. "/bin/karun", cwd = away,
    env = { KARUN_USERNAME = stage.demo.user, KARUN_PASSWORD = stage.demo.password, XDG_CONFIG_HOME = config },
  }
  local timing = t.run({ "timing", "solo.timeout", "--json" }, options)
  t.equal(karun.json.decode(timing.out).entries["solo.timeout"].value, 17)
  local done = t.run({ "flows/download.lua", "--set", "site.base_url=" .. site.url, "--out", "songs", stage.song.two }, options)
  t.equal(done.code, 0, done.err)
  t.equal(#stage.files(away .. "/songs"), 2)
  make("PREFIX=" .. prefix, "uninstall")
  t.ok(not karun.file.exists(prefix .. "/bin/karun"))
  t.ok(not karun.file.exists(prefix .. "/share/karun"))
end)

t.test("DESTDIR puts it beside", { timeout = 300 }, function()
  local root = t.tmp()
  make("DESTDIR=" .. root, "PREFIX=/usr", "install")
  local version = t.run({ "version" }, { program = root .. "/usr/bin/karun" })
  t.equal(version.code, 0, version.err)
end)
