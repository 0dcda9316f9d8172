-- Saved sign-ins: one file a host and person, in the state folder, only its owner may read it.

local address = require "karun.address"
local file = require "karun.file"
local settings = require "karun.settings"

local M = {}

-- FNV-1a: a person's name is not written into a file's name.
local function short_hash(text)
  local hash = 2166136261
  for i = 1, #text do
    hash = ((hash ~ text:byte(i)) * 16777619) & 0xffffffff
  end
  return ("%08x"):format(hash)
end

local function folder()
  return settings.dirs().state .. "/sessions"
end

local function host_part(url)
  local host = (address.host(url) or "site"):gsub(":", "_")
  return file.safe_name(host)
end

-- The file of a person on the host of `url`; without a name the newest one of that host.
function M.path(url, user)
  local host = host_part(url)
  if user then return ("%s/%s-%s.json"):format(folder(), host, short_hash(user)) end
  local newest, at = nil, -1
  for _, name in ipairs(file.exists(folder()) and file.list(folder()) or {}) do
    local stat = name:sub(1, #host + 1) == host .. "-" and name:match("%.json$") and file.stat(folder() .. "/" .. name)
    if stat and stat.mtime > at then newest, at = folder() .. "/" .. name, stat.mtime end
  end
  return newest or ("%s/%s-%s.json"):format(folder(), host, short_hash(""))
end

-- The saved sign-ins of a site, newest first: { host, path, age_s }; of one host when `url` is given.
function M.list(site, url)
  local hosts, out = {}, {}
  if url then
    hosts[address.host(url)] = true
  else
    hosts[address.host(site.base_url)] = true
    for host in pairs(site.hosts or {}) do
      hosts[host] = true
    end
  end
  local names = file.exists(folder()) and file.list(folder()) or {}
  for host in pairs(hosts) do
    local prefix = host_part("https://" .. host) .. "-"
    for _, name in ipairs(names) do
      if name:sub(1, #prefix) == prefix and name:sub(#prefix + 1):match("^%x+%.json$") then
        local path = folder() .. "/" .. name
        out[#out + 1] = { host = host, path = path, age_s = math.max(0, os.time() - file.stat(path).mtime) }
      end
    end
  end
  table.sort(out, function(a, b)
    return a.age_s < b.age_s or (a.age_s == b.age_s and a.path < b.path)
  end)
  return out
end

-- Young enough to be tried? Age in seconds.
function M.is_fresh(path, age)
  local stat = file.stat(path)
  return stat ~= nil and stat.type == "file" and os.time() - stat.mtime < age
end

function M.save(path, browser)
  file.mkdir(folder(), { mode = "700" })
  browser:save_session(path)
end

function M.forget(path)
  file.remove(path, { missing_ok = true })
end

return M
