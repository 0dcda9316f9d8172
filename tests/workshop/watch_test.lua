-- karun watch: again at each save, in one browser, errors shown, Ctrl-C ends it.

local karun = require "karun"
local proc = require "karun.native.proc"
local t = require "karun.test"

local flow <const> = [[
local karun = require "karun"
local browser <close> = karun.launch()
local page = browser:page()
page:open(karun.args[1])
local file = assert(io.open("said.txt", "a"))
file:write(browser.pid, " ", page:text("h1"), " ", page:eval "() => document.cookie", "\n")
file:close()
]]

local function start(folder, argv)
  local env = {}
  for _, pair in ipairs(proc.environ()) do
    if not pair:match("^XDG_") and not pair:match("^HOME=") then env[#env + 1] = pair end
  end
  env[#env + 1] = "HOME=" .. folder
  local child = proc.start { argv = { "/proc/self/exe", table.unpack(argv) }, cwd = folder, env = env, capture = true }
  t.after(function()
    child:kill(9)
    child:wait(10)
    child:close()
  end)
  return child
end

local function until_said(child, pattern)
  karun.wait.until_true(function() return child:err():find(pattern) end,
    { timeout = 120, every = 0.02, what = pattern .. " in what watch says" })
end

local function lines(path)
  local out = {}
  for line in karun.file.read(path):gmatch("[^\n]+") do
    out[#out + 1] = line
  end
  return out
end

t.test("each save runs the flow again, with the same browser and cookies", { timeout = 400 }, function()
  local folder = t.tmp()
  local server = t.serve {
    ["GET /"] = function()
      return { status = 200, headers = { ["content-type"] = "text/html", ["set-cookie"] = "who=me" }, body = "<h1>Hello</h1>" }
    end,
  }
  karun.file.mkdir(folder .. "/sub")
  karun.file.write(folder .. "/flow.lua", flow)
  local child = start(folder, { "watch", "flow.lua", server.url })
  until_said(child, "ended after")
  karun.file.write(folder .. "/flow.lua", (flow:gsub("page:text%(", "'again ' .. page:text(")))
  until_said(child, "%-%- flow%.lua was saved.*ended after")
  karun.file.write(folder .. "/flow.lua", (flow:gsub('page:text%("h1"%)', 'page:text("h2", { timeout = 2 })')))
  until_said(child, "flow%.lua:6: text `h2`: not after 2 s.*\n +6 | file:write.*screenshot: (%S+%.png).*failed after")
  local picture = child:err():match("screenshot: (%S+%.png)")
  t.ok(karun.file.stat(picture).size > 0)
  karun.file.write(folder .. "/flow.lua", "local = 3")
  until_said(child, "flow%.lua:1: syntax")
  -- a timing file that comes later is read too, and its mistakes are told
  karun.file.write(folder .. "/timing.lua", "return { solo = { timeot = 3 } }")
  until_said(child, "timing%.lua was saved.*did you mean `solo%.timeout`")
  karun.file.write(folder .. "/timing.lua", "return {}")
  karun.file.write(folder .. "/flow.lua", flow)
  karun.wait.until_true(function() return #lines(folder .. "/said.txt") == 3 end, { timeout = 120, what = "three runs" })
  child:kill(2)
  t.ok(child:wait(20), "Ctrl-C ends it")
  t.equal((child:status()), 130)
  local said = lines(folder .. "/said.txt")
  local pid = said[1]:match("^%d+")
  t.equal(said[1], pid .. " Hello who=me")
  t.equal(said[2], pid .. " again Hello who=me")
  t.equal(said[3], pid .. " Hello who=me")
  t.equal(proc.alive(tonumber(pid)), false, "the browser has gone")
end)

t.test("a flow still running is cancelled by a save, its clean-up done", { timeout = 300 }, function()
  local folder = t.tmp()
  karun.file.write(folder .. "/flow.lua", [[
    local karun = require "karun"
    local _ <close> = setmetatable({}, { __close = function() io.stderr:write("tidied\n") end })
    io.stderr:write("waiting\n")
    karun.sleep(1000)]])
  local child = start(folder, { "watch", "flow.lua" })
  until_said(child, "waiting")
  karun.file.write(folder .. "/flow.lua", 'io.stderr:write("second\\n")')
  until_said(child, "tidied.*second.*ended after")
end)
