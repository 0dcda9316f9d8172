-- The front door: `local karun = require "karun"`. Modules are loaded at their first use, so that a
-- flow that opens no browser pays for none.

local task = require "karun.native.task"
local fault = require "karun.error"
local known = require "karun.known"

-- family name -> module; name of a function or value -> { module, field }
local families = {
  browser = "karun.browser", dom = "karun.dom", wait = "karun.wait", file = "karun.file",
  http = "karun.http", json = "karun.json", task = "karun.task", store = "karun.store",
  serve = "karun.serve", log = "karun.log", trace = "karun.trace", term = "karun.term", audio = "karun.audio",
  options = "karun.options",
}
local members = {
  launch = { "karun.browser", "launch" }, connect = { "karun.browser", "connect" },
  spawn = { "karun.task", "spawn" }, scope = { "karun.task", "scope" }, queue = { "karun.task", "queue" },
  limit = { "karun.task", "limit" }, timeout = { "karun.task", "timeout" }, retry = { "karun.task", "retry" },
  sleep = { "karun.task", "sleep" },
  span = { "karun.trace", "span" }, progress = { "karun.term", "progress" },
  secret = { "karun.secret", "secret" },
  site = { "karun.settings", "site" }, stats = { "karun.stats", "stats" },
}

local M = {
  error = function(kind, message, fields)
    return fault.new(kind, message, fields)
  end,
  try = fault.try,
  now = task.now,
}

local function names()
  local list = { "args", "timing" }
  for _, map in ipairs { families, members, M } do
    for name in pairs(map) do
      list[#list + 1] = name
    end
  end
  return list
end

return setmetatable(M, {
  __index = function(self, name)
    local value
    if families[name] then
      value = require(families[name])
    elseif members[name] then
      value = require(members[name][1])[members[name][2]]
    elseif name == "args" then
      return require("karun.settings").args()
    elseif name == "timing" then
      return require("karun.settings").timing()
    else
      fault.raise("usage", ("karun has no `%s`%s"):format(tostring(name), known.hint(name, names())))
    end
    rawset(self, name, value)
    return value
  end,
})
