-- Patterns of file names to the paths that match them. `*` and `?` match within one name and never a
-- leading dot; `[abc]`, `[a-z]`, `[!x]`; `**` as a whole name: any number of folders, links not entered.

local fault = require "karun.error"

local M = {}

local function is_magic(part)
  return part:find("[*?%[]") ~= nil
end

local function class_at(part, at)
  local negated, body, after = part:match("^%[(!?)(%]?[^%]]*)%]()", at)
  if not after then fault.raise("usage", ("file.glob: `[` without `]` in '%s'"):format(part)) end
  body = body:gsub("[%%%]%^]", "%%%0")
  return "[" .. (negated ~= "" and "^" or "") .. body .. "]", after
end

-- One name's pattern as a Lua pattern.
local function compile(part)
  local out, at = { "^" }, 1
  while at <= #part do
    local char = part:sub(at, at)
    if char == "[" then
      out[#out + 1], at = class_at(part, at)
    else
      out[#out + 1] = char == "*" and ".*" or char == "?" and "[^\128-\191][\128-\191]*" or char:gsub("%W", "%%%0")
      at = at + 1
    end
  end
  return table.concat(out) .. "$"
end

local function names_in(folder, native)
  local stat = native.stat(folder == "" and "." or folder)
  if not stat or (stat.type ~= "directory" and stat.type ~= "link") then return {} end
  local ok, names = pcall(native.list, folder == "" and "." or folder)
  return ok and names or {}
end

local function is_directory(path, native)
  local stat = native.stat(path)
  return stat and stat.type == "directory"
end

local expand

-- `**` stands for nothing, or for one folder and again `**`.
local function expand_deep(folder, parts, at, native, out)
  expand(folder, parts, at + 1, native, out)
  for _, name in ipairs(names_in(folder, native)) do
    local path = folder .. name
    if name:sub(1, 1) ~= "." and is_directory(path, native) then
      expand_deep(path .. "/", parts, at, native, out)
    end
  end
end

function expand(folder, parts, at, native, out)
  local part = parts[at]
  local last = at == #parts
  if part == "**" and not last then return expand_deep(folder, parts, at, native, out) end
  local pattern = is_magic(part) and compile(part)
  local names = pattern and names_in(folder, native) or { part }
  for _, name in ipairs(names) do
    local path = folder .. name
    local hidden = name:sub(1, 1) == "." and part:sub(1, 1) ~= "."
    if not pattern or (not hidden and name:match(pattern)) then
      if not last then
        expand(path .. "/", parts, at + 1, native, out)
      elseif native.stat(path) then
        out[path] = true
      end
    end
  end
end

-- `native` answers stat and list.
function M.paths(pattern, native)
  local parts, found = {}, {}
  for part in pattern:gmatch("[^/]+") do
    parts[#parts + 1] = part
  end
  if #parts == 0 then return native.stat("/") and { "/" } or {} end
  expand(pattern:sub(1, 1) == "/" and "/" or "", parts, 1, native, found)
  local paths = {}
  for path in pairs(found) do
    paths[#paths + 1] = path
  end
  table.sort(paths)
  return paths
end

return M
