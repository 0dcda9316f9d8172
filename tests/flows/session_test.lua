-- Signing in: saved, restored, proven, forgotten; where credentials come from; a session that ends.

local karun = require "karun"
local pty = require "pty"
local stage = require "stage"
local t = require "karun.test"

local NOBODY = { KARUN_USERNAME = false, KARUN_PASSWORD = false, KV_USERNAME = false, KV_PASSWORD = false }

local function logins(site)
  return #site.log:list "login"
end

-- karun auth against the site.
local function auth(site, more, env, cwd)
  local args = { "auth", "--set", "site.base_url=" .. site.url, "--progress=plain" }
  table.move(more or {}, 1, #(more or {}), #args + 1, args)
  local all = { KARUN_USERNAME = stage.demo.user, KARUN_PASSWORD = stage.demo.password, KV_USERNAME = false, KV_PASSWORD = false }
  for name, value in pairs(env or {}) do
    all[name] = value
  end
  return t.run(args, { env = all, timeout = 120, cwd = cwd })
end

t.test("karun auth: signs in once, restores, proves, shows, forces, forgets", { timeout = 240 }, function()
  local site = stage.site { markup = "newer", lang = "fr" }
  t.equal(auth(site, { "--test" }, NOBODY).code, 5, "nothing is saved yet")
  t.equal(logins(site), 0)
  t.equal(auth(site).code, 0)
  t.equal(logins(site), 1)

  local shown = auth(site, { "--show", "--json" }, NOBODY)
  local saved = karun.json.decode(shown.out).sessions
  t.equal(#saved, 1, shown.out)
  t.equal(saved[1].host, (site.url:gsub("^http://", "")))
  t.equal(saved[1].is_fresh, true)
  t.equal(karun.file.stat(saved[1].path).mode & 511, 384, "0600")
  t.equal(karun.file.stat((karun.file.split(saved[1].path))).mode & 511, 448, "0700")
  t.ok(not saved[1].path:find("demo@", 1, true), "nobody's name in a file's name")
  t.ok(not karun.file.read(saved[1].path):find('"demo"', 1, true), "no password in it")

  t.equal(auth(site, { "--test" }, NOBODY).code, 0)
  local again = auth(site, {}, NOBODY)
  t.equal(again.code, 0, "another process needs no password: " .. again.err)
  t.match(again.err, "signed in by the saved session")
  t.equal(logins(site), 1)

  t.equal(auth(site, { "--set", "auth.session_age=0" }).code, 0)
  t.equal(logins(site), 2, "too old is not tried")
  t.equal(auth(site, { "--force" }).code, 0)
  t.equal(logins(site), 3)

  site.faults:set { expire_session = "now" }
  local dead = auth(site, { "--test" }, NOBODY)
  t.equal(dead.code, 5, dead.err)
  t.match(dead.err, "does not hold any more")

  t.match(auth(site, { "--clear" }, NOBODY).err, "forgotten: the sign%-in at 127%.0%.0%.1")
  t.equal(karun.file.exists(saved[1].path), false)
  t.match(auth(site, { "--show" }, NOBODY).err, "no sign%-in is saved")
  t.equal(logins(site), 3)
end)

t.test("credentials: environment, then credential_command, then netrc, then a prompt without echo", { timeout = 240 }, function()
  local site = stage.site()
  local function who()
    local entries = site.log:list "login"
    return entries[#entries].account
  end
  local home = t.tmp()
  karun.file.write(home .. "/karun.lua", [[return {
    netrc = "netrc",
    credential_command = "printf 'username=other@example.com\npassword=demo\n'",
  }]])
  karun.file.write(home .. "/netrc", "machine 127.0.0.1 login demo@example.com password demo\n", { mode = "600" })
  t.equal(auth(site, {}, nil, home).code, 0)
  t.equal(who(), 90001, "the environment's, not the command's")
  t.equal(auth(site, { "--force" }, NOBODY, home).code, 0)
  t.equal(who(), 90002, "the command's, not netrc's")
  karun.file.write(home .. "/karun.lua", [[return { netrc = "netrc" }]])
  t.equal(auth(site, { "--force" }, NOBODY, home).code, 0)
  t.equal(who(), 90001, "netrc's")
  t.equal(logins(site), 3)

  local got = pty.run({ "auth", "--set", "site.base_url=" .. site.url }, NOBODY,
    { { "username for", "other@example.com" }, { "password for", "demo" } })
  t.equal(got.code, 0, got.screen)
  t.equal(who(), 90002, "what was typed")
  local _, shown = got.screen:gsub("demo", "")
  t.equal(shown, 0, "the password is not on the screen: " .. got.screen)
  t.match(got.screen, "other@example%.com", "the name is")
end)

t.test("a session that ends in the middle is one new sign-in, and the same track goes on", { timeout = 120 }, function()
  local site = stage.site { faults = { expire_session = 2 } }
  local result, out = stage.download(site, { stage.song.three }, { "--set", "retry.delay=0.1" })
  t.equal(result.code, 0, result.err)
  t.equal(logins(site), 2)
  t.equal(stage.builds(site), 3, "no track was built twice")
  t.equal(#stage.files(out), 3)
  -- the new session was saved too
  t.equal(stage.download(site, { stage.song.two }, {}, { out = out, env = NOBODY }).code, 0)
  t.equal(logins(site), 2)
end)

t.test("each host has a sign-in of its own, where its song is", { timeout = 120 }, function()
  local english, german = stage.site(), stage.site { lang = "de", markup = "newer" }
  local home = t.tmp()
  karun.file.mkdir(home .. "/sites")
  karun.file.write(home .. "/sites/karaoke_version.lua", ([[return { base_url = "%s", hosts = { ["localhost:%d"] = "de" } }]])
    :format(english.url, german.port))
  local other = "http://localhost:" .. german.port
  local function download()
    return t.run({ "flows/download.lua", "--progress=plain", "--out", home .. "/songs", "--set", "pause.songs=0", "--tracks", "2",
      other .. stage.song.unicode, english.url .. stage.song.three },
      { cwd = home, timeout = 120, env = { KARUN_USERNAME = stage.demo.user, KARUN_PASSWORD = stage.demo.password } })
  end
  local got = download()
  t.equal(got.code, 0, got.err)
  t.same({ logins(german), logins(english) }, { 1, 1 })
  t.same(stage.files(home .. "/songs"), { "Grüße & Söhne - Über den Flüssen/02 Schlagzeug.mp3", "Mara Quill - Short Song/02 Ukulele.mp3" })
  t.match(download().err, "skipped 2")
  t.same({ logins(german), logins(english) }, { 1, 1 }, "both were saved")
  t.match(t.run({ "auth", "--show" }, { cwd = home }).out, "localhost:%d+  0%.0 h old")
end)
