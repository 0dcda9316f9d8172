-- Memory and processor time of karun and of its browsers, once a second or so, read from /proc. At most
-- KEPT samples: when they are full every second one goes and the pace halves. Elsewhere than on Linux
-- there is nothing to read and so nothing is sampled.

local trace = require "karun.trace"

local M = {}

local KEPT = 600
local PAGE = 4096
local TICKS = 100 -- of /proc/*/stat, a second

local function read(path)
  local file = io.open(path, "rb")
  local text = file and file:read("a")
  if file then file:close() end
  return text
end

-- Children and their children, of the program's main thread; zombies have no memory.
local function family(pid, list)
  for child in (read(("/proc/%s/task/%s/children"):format(pid, pid)) or ""):gmatch("%d+") do
    if #list < 200 then
      list[#list + 1] = child
      family(child, list)
    end
  end
  return list
end

local function memory(pid)
  local pages = (read("/proc/" .. pid .. "/statm") or ""):match("^%d+ (%d+)")
  return pages and tonumber(pages) * PAGE or 0
end

-- utime and stime stand behind the name, which may hold anything but its last bracket.
local function cpu(pid)
  local rest = (read("/proc/" .. pid .. "/stat") or ""):match("^.*%) (.*)$")
  if not rest then return 0 end
  local user, system = rest:match("^%S+" .. (" %S+"):rep(10) .. " (%d+) (%d+)")
  return user and (tonumber(user) + tonumber(system)) / TICKS or 0
end

local state

function M.start()
  state = { list = {}, every = 1, skip = 0, self = (read("/proc/self/stat") or ""):match("^(%d+)") }
  return state.list
end

-- One sample: { at, karun (bytes), browser (bytes), processes, karun_cpu, browser_cpu (seconds so far) }.
function M.take(now)
  local record = trace.recording()
  if not state or not state.self or not record then return end
  if state.skip > 0 then
    state.skip = state.skip - 1
    return
  end
  state.skip = state.every - 1
  local sample = { at_s = now - record.started, karun = memory(state.self), karun_cpu = cpu(state.self),
    browser = 0, browser_cpu = 0, processes = 0 }
  for _, pid in ipairs(family(state.self, {})) do
    sample.browser = sample.browser + memory(pid)
    sample.browser_cpu = sample.browser_cpu + cpu(pid)
    sample.processes = sample.processes + 1
  end
  local list = state.list
  list[#list + 1] = sample
  if #list < KEPT then return end
  for i = 1, KEPT // 2 do
    list[i] = list[2 * i]
  end
  for i = KEPT // 2 + 1, #list do
    list[i] = nil
  end
  state.every = state.every * 2
end

return M
