-- The stubs in docs/api and the live modules name the same things: what a stub promises is there, and
-- what is there is promised or listed here as the library's own.

local dirs = require "karun.dirs"
local stubs = require "karun.check.stubs"
local t = require "karun.test"

local karun = require "karun"

local function api()
  local paths = {}
  for _, name in ipairs(karun.file.list(dirs.shipped .. "/../docs/api")) do
    paths[#paths + 1] = dirs.shipped .. "/../docs/api/" .. name
  end
  return stubs.read(paths)
end

-- Of the library's own modules: names other rooms use, which no flow should.
local internal = {
  ["karun.task"] = { any = true, all = true, shielded = true, limit = true },
  ["karun.log"] = { show = true, sink = true, screen = true, plain = true, mask = true, level = true, trace = true },
  ["karun.file"] = { readlink = true, symlink = true },
  ["karun.serve"] = { serve = true },
}

local modules = { "karun.file", "karun.json", "karun.task", "karun.log", "karun.wait", "karun.store", "karun.http", "karun.audio",
  "karun.dom", "karun.browser", "karun.test" }

for _, name in ipairs(modules) do
  t.test(name .. ": the stub and the module agree", function()
    if not package.searchpath(name, package.path) then t.skip(name .. " is not built") end
    local live, found = require(name), api()
    local missing = {}
    for member in pairs(found.classes[name].members) do
      local ok, value = pcall(function() return live[member] end)
      if not ok or value == nil then missing[#missing + 1] = "the module lacks " .. member end
    end
    for member in pairs(live) do
      local own = internal[name] and internal[name][member]
      if type(member) == "string" and not member:match("^_") and not found.member(name, member) and not own then
        missing[#missing + 1] = "the stub lacks " .. member
      end
    end
    table.sort(missing)
    t.equal(table.concat(missing, ", "), "")
  end)
end

t.test("karun: every name of the front door can be had", function()
  local found = api()
  for member, what in pairs(found.classes["karun"].members) do
    local ok, value = pcall(function() return karun[member] end)
    local is_there = ok and value ~= nil
    local unbuilt = not ok and tostring(value):find("module 'karun.", 1, true)
    t.ok(is_there or unbuilt, member .. (what.field and "" or "()") .. ": " .. tostring(value))
  end
end)

-- Objects that a flow is handed: what each has for the library alone.
local objects = {
  { class = "karun.Page", module = "karun.browser.page", field = "Page",
    own = { "await_change", "check_alive", "deadline", "default_timeout", "lose", "ready_for", "wake" } },
  { class = "karun.Frame", module = "karun.browser.frame", field = "Frame",
    own = { "ask", "ask_about", "ask_now", "await_change", "change", "check_alive", "context", "element", "evaluate",
      "evaluate_about", "read", "release", "run", "run_script", "why_lost" } },
  { class = "karun.Locator", module = "karun.browser.locator", field = "Locator", own = {} },
  { class = "karun.Context", module = "karun.browser.context", field = "Context",
    own = { "check", "default_timeout", "setup_calls", "viewport" } },
  { class = "karun.Browser", module = "karun.browser.browser", field = "Browser",
    own = { "await_change", "check", "claim_first_page", "context_of", "lost", "wake" } },
}

for _, object in ipairs(objects) do
  t.test(object.class .. ": every method has its stub", function()
    require "karun.browser"
    local found, own, missing = api(), {}, {}
    for _, name in ipairs(object.own) do
      own[name] = true
    end
    for name, value in pairs(require(object.module)[object.field]) do
      local is_public = type(value) == "function" and not name:match("^_") and not own[name]
      if is_public and not found.member(object.class, name) then missing[#missing + 1] = name end
    end
    table.sort(missing)
    t.equal(table.concat(missing, ", "), "")
  end)
end
