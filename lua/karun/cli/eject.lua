-- karun eject FILE: copies a shipped flow (or a step, a site table, the timings) for editing; the copy
-- here is used from now on, and `karun doctor` tells what changed in the shipped one since.

local dirs = require "karun.dirs"
local ejected = require "karun.ejected"
local fault = require "karun.error"
local file = require "karun.file"
local known = require "karun.known"

local M = {}

local function shipped_names()
  local names = { "timing.lua", "abbreviations.lua" }
  for _, folder in ipairs { "flows", "flows/steps", "sites" } do
    for _, name in ipairs(file.list(dirs.shipped .. "/" .. folder)) do
      if name:match("%.lua$") then names[#names + 1] = folder .. "/" .. name end
    end
  end
  return names
end

-- "solo", "solo.lua" and "lua/flows/solo.lua" mean flows/solo.lua.
local function find(word, names)
  local plain = word:gsub("^%./", ""):gsub("^lua/", "")
  for _, name in ipairs(names) do
    if plain == name or "flows/" .. plain == name or "flows/" .. plain .. ".lua" == name then return name end
  end
  fault.raise("usage", ("there is no shipped file `%s`%s"):format(word, known.hint(plain, names)), { where = false })
end

function M.run(values, args, context)
  local names = shipped_names()
  if #args == 0 then
    context.stdout:write(table.concat(names, "\n"), "\n")
    return 0
  end
  for _, word in ipairs(args) do
    local name = find(word, names)
    if file.exists(name) and not values.force then
      fault.raise("usage", ("%s is there already; nothing was changed (--force replaces it)"):format(name),
        { path = name, where = false })
    end
    ejected.take(name, context.version, values.force)
    context.stdout:write(name, "\n")
    context.stderr:write(("%s is yours now; `karun doctor` tells what changes in the shipped one (this is %s)\n"):format(
      name, context.version))
  end
  return 0
end

return M
