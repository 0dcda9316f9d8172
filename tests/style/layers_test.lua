-- The house of docs/design.md, held against the code: calls go down, foreign headers have one home, sites
-- and timings are data, the library knows no site, files stay readable.

local karun = require "karun"
local t = require "karun.test"

-- Which floor a room of src/ lies on. lua_* and what includes lua.h: floor 5.
local floors <const> = {
  base = 0, json = 0, sha256 = 0, name = 0, mpeg = 0, fault = 0, base64 = 0, yaml = 0,
  loop = 1, wait = 1, work = 1, alarm = 1, channel = 1,
  proc = 2, pipe = 2, lws = 2, ws = 2, head = 2, send = 2, serve = 2, http = 2, file = 2, hold = 2, store = 2, audio = 2,
  cdp = 3,
  task = 5, runtime = 5, coroutine = 5, main = 5, room = 5,
}
-- Rooms of one floor that may know each other.
local neighbours <const> = { ws = { lws = true }, serve = { head = true, send = true, ws = true }, hold = { file = true }, send = { file = true } }

local homes <const> = {
  ["libwebsockets.h"] = { lws = true, ws = true }, ["curl/curl.h"] = { http = true }, ["sqlite3.h"] = { store = true },
  ["mpg123.h"] = { audio = true }, ["utf8proc.h"] = { name = true }, ["yaml.h"] = { yaml = true, lua_yaml = true },
}

local function floor_of(room)
  return floors[room] or room:match("^lua_") and 5 or nil
end

local function each(pattern, fn)
  for _, path in ipairs(karun.file.glob(pattern)) do
    fn(path, karun.file.read(path), path:match("([%w_]+)%.%w+$"))
  end
end

t.test("rooms include their own floor's ground and what lies below", function()
  each("src/*.[ch]", function(path, text, room)
    local floor = floor_of(room)
    t.ok(floor, path .. " has a floor")
    for included in text:gmatch('#include "([%w_]+)%.h"') do
      local below = floor_of(included)
      t.ok(below, path .. " includes " .. included)
      local allowed = included == room or below < floor or floor == 5 or floor < 2 or (neighbours[room] or {})[included]
      t.ok(allowed, ("%s (floor %d) includes %s.h (floor %d)"):format(path, floor, included, below))
    end
  end)
end)

t.test("foreign headers have a home, lua.h lives on floor 5", function()
  each("src/*.[ch]", function(path, text, room)
    for header in text:gmatch("#include <([^>]+)>") do
      local home = homes[header]
      t.ok(not home or home[room], path .. " includes <" .. header .. ">")
      if header == "lua.h" or header == "lauxlib.h" then t.equal(floor_of(room), 5, path .. " includes " .. header) end
    end
  end)
end)

t.test("every header is guarded and says what it is", function()
  each("src/*.h", function(path, text)
    t.ok(text:match("^/%*") and text:match("#ifndef KR_[%w_]+_H\n#define KR_[%w_]+_H"), path)
  end)
end)

t.test("sites and timings are data; the library knows no site", function()
  for _, pattern in ipairs { "lua/sites/*.lua", "lua/timing.lua" } do
    each(pattern, function(path, text)
      t.ok(not text:find("require", 1, true) and not text:find("function%s*%("), path .. " holds data only")
    end)
  end
  each("lua/karun/**/*.lua", function(path, text)
    t.ok(not text:find('require "steps', 1, true), path .. " knows no flow")
    t.ok(not text:find("is-active", 1, true) and not text:find("custombackingtrack", 1, true), path .. " knows no site")
  end)
end)

t.test("files can be read in one sitting", function()
  for pattern, most in pairs { ["src/*.c"] = 500, ["src/*.h"] = 100, ["lua/**/*.lua"] = 400, ["examples/*.lua"] = 60 } do
    each(pattern, function(path, text)
      local _, lines = text:gsub("\n", "")
      t.ok(lines <= most, ("%s has %d lines, %d are the most"):format(path, lines, most))
    end)
  end
end)
