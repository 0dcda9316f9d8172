-- What each element was like when its selector last matched, kept per site and host in the state folder:
-- so that it is known again when all its classes have changed.

local address = require "karun.address"
local fault = require "karun.error"
local file = require "karun.file"
local json = require "karun.json"
local settings = require "karun.settings"

local M = {}

local books = {} -- site name -> { host -> { selector name -> facts } }

local function path(name)
  return ("%s/doctor/%s.json"):format(settings.dirs().state, file.safe_name(name))
end

local function book(name)
  if not books[name] then
    local ok, found = fault.try(function() return json.decode(file.read(path(name), { limit = 1 << 22 })) end)
    books[name] = ok and type(found) == "table" and found or {}
  end
  return books[name]
end

function M.read(name, url)
  return book(name)[address.host(url) or ""] or {}
end

function M.keep(name, url, selector, facts)
  if not facts then return end
  local host = address.host(url) or ""
  local hosts = book(name)
  hosts[host] = hosts[host] or {}
  hosts[host][selector] = facts
end

function M.write(name)
  file.mkdir((file.split(path(name))), { mode = "700" })
  file.write(path(name), json.encode(book(name)), { mode = "600" })
end

return M
