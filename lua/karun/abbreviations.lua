-- The abbreviations people use in song lists: shipped, the person's own, the project's, name by name.

local data_file = require "karun.data_file"
local dirs = require "karun.dirs"
local known = require "karun.known"
local settings = require "karun.settings"

local M = {}

local fields = { "articles", "artists", "joiners" }

local function check(tree, lines, path)
  local problems = {}
  local function wrong(name, message)
    problems[#problems + 1] = { line = lines[name], message = message }
  end
  for field, group in pairs(tree) do
    if not (field == "artists" or field == "articles" or field == "joiners") then
      wrong(tostring(field), ("there is no `%s`%s"):format(tostring(field), known.hint(field, fields)))
    elseif type(group) ~= "table" then
      wrong(field, ("`%s` must be a table"):format(field))
    else
      for key, text in pairs(group) do
        local fits = type(text) == "string" and (field == "artists") == (type(key) == "string")
        if not fits then
          wrong(field .. "." .. tostring(key), field == "artists" and "artists are like RHCP = \"Red Hot Chili Peppers\""
            or ("`%s` is a list of words"):format(field))
        end
      end
    end
  end
  data_file.complain(path, problems)
end

-- -> { artists = { name = text }, articles = { words }, joiners = { words } }
function M.load()
  local all = { artists = {}, articles = {}, joiners = {} }
  for _, folder in ipairs { dirs.shipped, settings.dirs().config, "." } do
    local path = folder == "." and "abbreviations.lua" or folder .. "/abbreviations.lua"
    local tree, lines = data_file.load(path)
    if tree then
      check(tree, lines, path)
      for name, text in pairs(tree.artists or {}) do
        all.artists[name] = text
      end
      for _, field in ipairs { "articles", "joiners" } do
        table.move(tree[field] or {}, 1, #(tree[field] or {}), #all[field] + 1, all[field])
      end
    end
  end
  return all
end

return M
