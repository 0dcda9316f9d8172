-- Copies of shipped files that a project has taken for itself. What was copied is kept whole under
-- .karun/ejected/, with a list that says from which version: so that what changed upstream since can
-- be told line by line.

local data_file = require "karun.data_file"
local dirs = require "karun.dirs"
local file = require "karun.file"
local line_diff = require "karun.line_diff"

local M = {}

local folder <const> = ".karun/ejected"
local list_path <const> = folder .. "/list.lua"

-- { ["flows/solo.lua"] = "version", … }
function M.list()
  if not file.exists(list_path) then return {} end
  return (data_file.load(list_path))
end

local function write_list(list)
  local names, out = {}, { "-- What was taken from which version of karun; `karun doctor` reads it.", "return {" }
  for name in pairs(list) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    out[#out + 1] = ("  [%q] = %q,"):format(name, list[name])
  end
  out[#out + 1] = "}\n"
  file.write(list_path, table.concat(out, "\n"))
end

-- Copies the shipped file `name` to the same place here and remembers what it was.
function M.take(name, version, replace)
  local function put(path, over)
    file.mkdir((file.split(path)))
    file.copy(dirs.shipped .. "/" .. name, path, { replace = over })
  end
  put(name, replace)
  put(folder .. "/" .. name, true)
  local list = M.list()
  list[name] = version
  write_list(list)
end

-- { { name, version, changes = lines or nil (nothing changed), gone = true } }, sorted by name.
function M.changed()
  local out = {}
  for name, version in pairs(M.list()) do
    local base, now = data_file.text(folder .. "/" .. name), data_file.text(dirs.shipped .. "/" .. name)
    local one = { name = name, version = version, gone = now == nil or nil }
    if base and now and base ~= now then one.changes = line_diff.changes(base, now) end
    out[#out + 1] = one
  end
  table.sort(out, function(a, b) return a.name < b.name end)
  return out
end

return M
