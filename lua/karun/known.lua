-- Known names: checks what a script wrote against what there is, and says which name was meant.

local fault = require "karun.error"

local M = {}

-- Edits between two words; two neighbours exchanged count once, as people mistype them.
local function distance(a, b)
  local rows = {}
  for i = 0, #a do
    rows[i] = { [0] = i }
  end
  for j = 0, #b do
    rows[0][j] = j
  end
  for i = 1, #a do
    for j = 1, #b do
      local same = a:byte(i) == b:byte(j)
      local best = math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (same and 0 or 1))
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        best = math.min(best, rows[i - 2][j - 2] + 1)
      end
      rows[i][j] = best
    end
  end
  return rows[#a][#b]
end

local function plain(word)
  return (tostring(word):lower():gsub("[-_ ]", ""))
end

-- The name in `list` that `word` most likely meant, or nil when none is near.
function M.nearest(word, list)
  local wanted = plain(word):sub(1, 64)
  local limit = #wanted > 3 and math.max(2, #wanted // 3) or 1
  local best, best_score
  for _, name in ipairs(list) do
    local score = distance(wanted, plain(name):sub(1, 64))
    local begun = #wanted >= 3 and plain(name):sub(1, #wanted) == wanted
    if begun then score = math.min(score, 1.5) end
    if score <= limit and (not best_score or score < best_score) then
      best, best_score = name, score
    end
  end
  return best
end

-- The end of a sentence about an unknown name: what was meant, else what there is.
function M.hint(word, list)
  local near = M.nearest(word, list)
  if near then return (", did you mean `%s`?"):format(near) end
  if #list == 0 then return "" end
  local names = table.move(list, 1, #list, 1, {})
  table.sort(names)
  if #names > 12 then names = { table.unpack(names, 1, 12) }; names[13] = "…" end
  return " (known: " .. table.concat(names, ", ") .. ")"
end

-- Raises `usage` when `opts` holds an option that is not in `names`. Answers opts, or {} for nil.
function M.check(opts, names, what)
  if opts == nil then return {} end
  if type(opts) ~= "table" then
    fault.raise("usage", ("%s takes its options as one table, got %s"):format(what, type(opts)))
  end
  for key in pairs(opts) do
    local found = false
    for _, name in ipairs(names) do
      found = found or key == name
    end
    if not found then
      fault.raise("usage", ("%s has no option `%s`%s"):format(what, tostring(key), M.hint(key, names)))
    end
  end
  return opts
end

-- An __index for objects: a method that does not exist is `usage` at once, with the nearest one.
-- `fields` names what an object may hold or lack (an absent field reads as nil).
function M.methods(noun, methods, fields)
  local optional = {}
  for _, name in ipairs(fields or {}) do
    optional[name] = true
  end
  return function(_, key)
    local found = rawget(methods, key) -- a module may be its own table of methods
    if found ~= nil or optional[key] or type(key) ~= "string" then return found end
    local names = {}
    for name in pairs(methods) do
      if type(name) == "string" and not name:match("^_") then names[#names + 1] = name end
    end
    table.move(fields or {}, 1, #(fields or {}), #names + 1, names)
    fault.raise("usage", ("%s has no method `%s`%s"):format(noun, key, M.hint(key, names)))
  end
end

-- The same for a table of methods that is its objects' metatable: what exists is found without a call.
-- A field that is read often is made `false`, not left out.
function M.class(noun, class, fields)
  local missing = M.methods(noun, class, fields)
  class.__index = class
  setmetatable(class, { __index = function(_, key)
    if type(key) == "string" and key:sub(1, 2) == "__" then return nil end -- a metatable is asked for what it may lack
    return missing(nil, key)
  end })
end

return M
