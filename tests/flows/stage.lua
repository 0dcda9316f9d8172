-- The stage for the main job: the demo site in this process, karun as a child, a folder for the songs.

local karun = require "karun"
local proc = require "karun.native.proc"
local t = require "karun.test"

local M = {}

local entry <const> = "examples/demo-site/init.lua"
local demo = assert(loadfile(entry, "t", _ENV))("demo_site", entry)

M.song = {
  six = "/custombackingtrack/the-paper-lanterns/night-drive.html",
  three = "/custombackingtrack/mara-quill/short-song.html",
  two = "/custombackingtrack/the-paper-lanterns/two-chairs.html",
  fifteen = "/custombackingtrack/harbour-street-big-band/hold-on-until-tonight.html",
  odd = "/custombackingtrack/ab-cd/what-s-real-50-50.html",
  unicode = "/custombackingtrack/grusse-sohne/uber-den-flussen.html",
  not_bought = "/custombackingtrack/mara-quill/out-of-reach.html",
}

-- A demo site that is closed with the test.
function M.site(options)
  local site = demo.start(options)
  t.after(function()
    site:close()
  end)
  return site
end

local function joined(...)
  local out = {}
  for _, list in ipairs { ... } do
    table.move(list, 1, #list, #out + 1, out)
  end
  return out
end

local function environment(more)
  local env = { KARUN_USERNAME = demo.user, KARUN_PASSWORD = demo.password, KV_USERNAME = false, KV_PASSWORD = false }
  for name, value in pairs(more or {}) do
    env[name] = value
  end
  return env
end

-- Runs a flow against the site as a person would -> { code, out, err }.
function M.run(site, flow, args, options)
  options = options or {}
  return t.run(joined({ "flows/" .. flow .. ".lua", "--set", "site.base_url=" .. site.url, "--progress=plain" }, args),
    { env = environment(options.env), timeout = options.timeout or 120, cwd = options.cwd, input = options.input })
end

-- A flow that goes on beside the test -> child (karun.native.proc); killed with the test.
function M.start(site, flow, args, env)
  local list = environment(env)
  for _, name in ipairs { "HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME" } do
    list[name] = list[name] or (env and env.home or t.tmp()) .. "/" .. name
  end
  local pairs_ = {}
  for _, pair in ipairs(proc.environ()) do
    if list[pair:match("^[^=]*")] == nil then pairs_[#pairs_ + 1] = pair end
  end
  for name, value in pairs(list) do
    if value and name ~= "home" then pairs_[#pairs_ + 1] = name .. "=" .. value end
  end
  local child = proc.start {
    argv = joined({ "/proc/self/exe", "flows/" .. flow .. ".lua", "--set", "site.base_url=" .. site.url, "--progress=plain" }, args),
    env = pairs_, capture = true,
  }
  t.after(function()
    child:close()
  end)
  return child
end

-- Waits until the child has said this.
function M.await_words(child, words, timeout)
  karun.wait.until_true(function()
    if child:err():find(words, 1, true) then return true end
    if child:status() then error("it ended before it said " .. words .. ":\n" .. child:err(), 0) end
  end, { timeout = timeout or 60, every = 0.02, what = words })
end

-- Processes alive (no zombies) whose command line holds this text.
function M.processes(text)
  local found = {}
  for _, path in ipairs(karun.file.glob("/proc/[0-9]*/cmdline")) do
    local ok, line = pcall(karun.file.read, path)
    local alive, status = pcall(karun.file.read, (path:gsub("cmdline$", "stat")))
    if ok and alive and line:find(text, 1, true) and not status:find("%) Z ") then
      found[#found + 1] = path:match("%d+") .. " " .. line:sub(1, 60):gsub("%z", " ")
    end
  end
  return found
end

-- The main job for these songs into a fresh folder -> result, the folder.
function M.download(site, songs, more, options)
  local out = (options or {}).out or t.tmp() .. "/songs"
  local args = joined({ "--out", out, "--set", "pause.songs=0" }, more or {}, songs)
  return M.run(site, "download", args, options), out
end

-- Paths under the folder, relative, sorted; what karun keeps for itself is not among them.
function M.files(out)
  local list = {}
  for _, path in ipairs(karun.file.exists(out) and karun.file.glob(out .. "/**/*.mp3") or {}) do
    list[#list + 1] = path:sub(#out + 2)
  end
  return list
end

-- How many files the site was asked to build.
function M.builds(site)
  return #site.log:list "build_start"
end

M.demo = demo

return M
