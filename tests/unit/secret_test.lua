-- karun.secret, through a flow of its own each time: where it looks, in which order, and what it shows.

local karun = require "karun"
local t = require "karun.test"

local NONE = { KARUN_USERNAME = false, KARUN_PASSWORD = false, KV_USERNAME = false, KV_PASSWORD = false }

local function flow(text)
  local path = t.tmp() .. "/flow.lua"
  karun.file.write(path, "local karun = require 'karun'\nlocal reveal = require('karun.secret').reveal\n" .. text)
  return path
end

local function run(text, env, argv)
  local all = {}
  for name, value in pairs(NONE) do
    all[name] = value
  end
  for name, value in pairs(env or {}) do
    all[name] = value
  end
  return t.run({ flow(text), table.unpack(argv or {}) }, { env = all, cwd = t.tmp() })
end

t.test("the environment comes first, under both names, and a secret shows as ***", function()
  local text = [[
    local s = karun.secret "password"
    print(tostring(s), #reveal(s), next(s))
    karun.log.info("typed " .. reveal(s) .. " into it")
    print(tostring("Bearer " .. s), #reveal("Bearer " .. s))
  ]]
  for _, variable in ipairs { "KARUN_PASSWORD", "KV_PASSWORD" } do
    local got = run(text, { [variable] = "geheim-77" })
    t.equal(got.out, "***\t9\tnil\n***\t16\n")
    t.match(got.err, "typed %*%*%* into it")
  end
  t.equal(run([[print(reveal(karun.secret "api-key"))]], { KARUN_SECRET_API_KEY = "k-123456" }).out, "k-123456\n")
end)

t.test("an error that holds a secret's text is masked", function()
  local got = run([[error("it was " .. reveal(karun.secret "password"))]], { KARUN_PASSWORD = "geheim-77" })
  t.equal(got.code, 1)
  t.match(got.err, "it was %*%*%*")
  t.ok(not got.err:find("geheim", 1, true))
end)

t.test("credential_command is asked for each by name", function()
  local env = { KARUN_CREDENTIAL_COMMAND = "printf 'username=anna\\npassword=geheim-78\\n'" }
  t.equal(run([[print(reveal(karun.secret "username"), reveal(karun.secret "password"))]], env).out, "anna\tgeheim-78\n")
  env = { KARUN_CREDENTIAL_COMMAND = "echo of-$KARUN_CREDENTIAL" }
  t.equal(run([[print(reveal(karun.secret "token"))]], env).out, "of-token\n")
  local failed = run([[karun.secret "password"]], { KARUN_CREDENTIAL_COMMAND = "echo locked >&2; exit 3" })
  t.equal(failed.code, 5)
  t.match(failed.err, "credential_command failed for password: locked")
end)

t.test("netrc is read for the site's host, and refused when others can read it", function()
  local path = t.tmp() .. "/netrc"
  karun.file.write(path, "machine other.example login x password y\n# a note\nmachine www.karaoke-version.com\n login anna\n password geheim-79\n",
    { mode = "600" })
  local text = [[print(reveal(karun.secret "username"), reveal(karun.secret "password"))]]
  t.equal(run(text, { KARUN_NETRC = path }).out, "anna\tgeheim-79\n")
  karun.file.write(path, "default login x password y\n", { mode = "644" })
  local got = run(text, { KARUN_NETRC = path })
  t.equal(got.code, 3)
  t.match(got.err, "chmod 600")
end)

t.test("nowhere to be had and no terminal: auth, exit 5, and what to set", function()
  local got = run([[karun.secret "password"]])
  t.equal(got.code, 5)
  t.match(got.err, "KARUN_PASSWORD")
  t.equal(run([[karun.secret "password"]], nil, { "--no-input" }).code, 5)
end)

t.test("a name that is none is wrong use", function()
  t.error("usage", karun.secret, 7)
  t.error("usage", karun.secret, "")
end)
