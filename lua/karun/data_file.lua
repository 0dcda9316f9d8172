-- Data files: Lua tables people write (config, timing, sites, songs). Loaded as text only, with an
-- empty environment and under limits, so that no trust question comes up: a data file can compute
-- nothing but its own table.

local fault = require "karun.error"

local M = {}

M.listener = nil -- fn(path, text or nil): hears of every file that is read (karun watch)
M.max_bytes = 2 * 1024 * 1024
local max_steps = 20 * 1000 * 1000

-- The text of a file, or nil when there is none there.
function M.text(path)
  local text = M.read(path)
  if M.listener then M.listener(path, text) end
  return text
end

function M.read(path)
  local file, why, code = io.open(path, "rb")
  if not file then
    if code == 2 then return nil end
    fault.raise("config", ("%s cannot be read: %s"):format(path, why), { path = path })
  end
  local text = file:read(M.max_bytes + 1)
  file:close()
  if text == nil then
    local again = io.open(path .. "/.")
    if again then
      again:close()
      fault.raise("config", path .. " is a folder, not a file", { path = path })
    end
  end
  text = text or ""
  if #text > M.max_bytes then
    fault.raise("config", ("%s is larger than %d bytes, which no data file needs"):format(path, M.max_bytes),
      { path = path })
  end
  return text
end

-- Copies plain values; a function or a table inside itself is no data: nil, why, and the name of its place.
local function plain(value, seen)
  local kind = type(value)
  if kind ~= "table" then
    if kind == "function" or kind == "thread" or kind == "userdata" then
      return nil, "is a " .. kind .. "; a data file holds only tables, texts, numbers and booleans"
    end
    return value
  end
  if seen[value] then return nil, "contains itself" end
  seen[value] = true
  local out = {}
  for key, inner in pairs(value) do
    local copy, why, place = plain(inner, seen)
    if why then return nil, why, tostring(key) .. (place and "." .. place or "") end
    out[key] = copy
  end
  seen[value] = nil
  return out
end

-- Runs a loaded chunk: a loop without end stops, and texts have no methods (`("x"):rep(1e9)`).
local function run_bounded(chunk)
  local text_methods = getmetatable("")
  local index = text_methods.__index
  local co = coroutine.create(chunk)
  debug.sethook(co, function() error("takes too long for a data file", 2) end, "", max_steps)
  text_methods.__index = nil
  local ok, result = coroutine.resume(co)
  text_methods.__index = index
  if coroutine.status(co) == "suspended" then ok, result = false, "it must not yield" end
  coroutine.close(co)
  return ok, result
end

-- Turns "[string…]:3: message" or "@path:3: message" into line and message.
local function place(path, message)
  message = tostring(message)
  local line, rest = message:match("^.-:(%d+): (.*)$")
  if line then return ("%s:%s: %s"):format(path, line, rest) end
  return path .. ": " .. message
end

-- The table in a text; raises `config` with file and line.
function M.parse(text, path)
  if text:sub(1, 1) == "\27" then
    fault.raise("config", path .. " is compiled Lua; only text is read", { path = path })
  end
  text = text:gsub("^\239\187\191", "")
  local chunk, why = load(text, "@" .. path, "t", {})
  if not chunk then fault.raise("config", place(path, why), { path = path }) end
  local ok, result = run_bounded(chunk)
  if not ok then fault.raise("config", place(path, result), { path = path }) end
  if type(result) ~= "table" then
    fault.raise("config", ("%s must end in `return { … }`, it returned %s"):format(path, type(result)),
      { path = path })
  end
  local data, problem, name = plain(result, {})
  if problem then fault.raise("config", ("%s: `%s` %s"):format(path, name or "", problem), { path = path }) end
  return data
end

-- table, lines; nil when there is no such file. `lines` tells where a dotted name was written; the text
-- is read for it only when something is asked (a complaint), which a good file never is.
function M.load(path)
  local text = M.text(path)
  if not text then return nil end
  local lines
  return M.parse(text, path), setmetatable({}, {
    __index = function(_, name)
      lines = lines or M.lines(text)
      return lines[name]
    end,
  })
end

local function key_of(list, i)
  local a, b, c, d = list[i], list[i + 1], list[i + 2], list[i + 3]
  if a.kind == "name" and b and b.value == "=" and b.kind == "op" then return a.value, i + 2 end
  if a.text == "[" and d and c.text == "]" and d.text == "=" and (b.kind == "string" or b.kind == "number") then
    return b.value, i + 4
  end
end

-- { ["solo.timeout"] = 12, ["1.url"] = 3 }: the line of each key and list entry in the text.
function M.lines(text)
  local list = {}
  for _, token in ipairs(require("karun.tokens").list(text)) do
    if token.kind ~= "comment" then list[#list + 1] = token end
  end
  local lines = {}
  local open = {} -- stack of { prefix, next index, waiting for a new item }
  local i = 1
  while list[i] do
    local token, top = list[i], open[#open]
    local name
    if top and top.fresh and token.text ~= "}" then
      local key, after = key_of(list, i)
      if not key then
        top.count = top.count + 1
        key, after = top.count, i
      end
      name = top.prefix == "" and tostring(key) or top.prefix .. "." .. tostring(key)
      lines[name] = lines[name] or token.line
      top.fresh, i = false, after
      token = list[i]
    end
    if not token then break end
    if token.kind == "op" and token.text == "{" then
      open[#open + 1] = { prefix = name or (top and top.prefix .. ".?" or ""), count = 0, fresh = true }
    elseif token.kind == "op" and token.text == "}" then
      open[#open] = nil
    elseif token.kind == "op" and (token.text == "," or token.text == ";") and open[#open] then
      open[#open].fresh = true
    end
    i = i + 1
  end
  return lines
end

-- Raises one `config` error for all problems: each is { line, message }.
function M.complain(path, problems, what)
  if #problems == 0 then return end
  table.sort(problems, function(a, b)
    if (a.line or 0) ~= (b.line or 0) then return (a.line or 0) < (b.line or 0) end
    return a.message < b.message
  end)
  local out = {}
  for i, problem in ipairs(problems) do
    out[i] = problem.line and ("%s:%d: %s"):format(path, problem.line, problem.message)
      or ("%s: %s"):format(path, problem.message)
  end
  local head = ("%d problem%s in %s\n  "):format(#out, #out == 1 and "" or "s", what or path)
  fault.raise("config", head .. table.concat(out, "\n  "), { path = path, problems = problems, where = false })
end

return M
