-- Lua source as tokens with their lines. Two readers: data files (where does this key stand) and
-- `karun check` (what does this flow call).

local M = {}

local keywords = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat
  return then true until while]]):gmatch("%a+") do
  keywords[word] = true
end

local operators = { "...", "<<", ">>", "//", "==", "~=", "<=", ">=", "::", ".." }

local function count_lines(text)
  local _, lines = text:gsub("\n", "")
  return lines
end

local escapes = { n = "\n", t = "\t", r = "\r", a = "\a", b = "\b", f = "\f", v = "\v", ["\n"] = "\n" }

local function unescape(body)
  body = body:gsub("\\z%s*", "")
  return (body:gsub("\\(x%x%x)", function(x) return string.char(tonumber(x:sub(2), 16)) end)
    :gsub("\\(%d%d?%d?)", function(d) return tonumber(d) < 256 and string.char(tonumber(d)) or "?" end)
    :gsub("\\u{(%x+)}", function(x) return utf8.char(tonumber(x, 16)) end)
    :gsub("\\(.)", function(c) return escapes[c] or c end))
end

-- A quoted string that begins at `at`: its last place, or nil when it never ends.
local function quoted_end(text, at)
  local quote, i = text:sub(at, at), at + 1
  while i <= #text do
    local c = text:sub(i, i)
    if c == "\\" then
      i = i + 1
    elseif c == quote then
      return i
    end
    i = i + 1
  end
end

local function long_end(text, at)
  local level = text:match("^%[(=*)%[", at)
  if not level then return nil end
  local _, last = text:find("]" .. level .. "]", at, true)
  return last or #text, #level + 2
end

local function comment_end(text, at)
  local last = long_end(text, at + 2)
  return last or (text:find("\n", at, true) or #text + 1) - 1
end

local function read(text, at)
  local c = text:sub(at, at)
  if c == '"' or c == "'" then
    local last = quoted_end(text, at) or #text
    return "string", last, unescape(text:sub(at + 1, last - 1))
  end
  local last, mark = long_end(text, at)
  if last then return "string", last, (text:sub(at + mark, last - mark):gsub("^\n", "")) end
  local word = text:match("^[%a_][%w_]*", at)
  if word then return keywords[word] and "keyword" or "name", at + #word - 1, word end
  local number = text:match("^0[xX][%x%.]+[pP]?[+-]?%d*", at) or text:match("^%d+%.?%d*[eE][+-]?%d+", at)
    or text:match("^%.?%d+%.?%d*", at)
  if number and number:sub(-1) == "." and text:sub(at + #number, at + #number) == "." then
    number = number:sub(1, -2)
  end
  if number then return "number", at + #number - 1, tonumber(number) end
  for _, op in ipairs(operators) do
    if text:sub(at, at + #op - 1) == op then return "op", at + #op - 1, op end
  end
  return "op", at, c
end

-- List of {kind, value, line, text}; kinds: name keyword string number op comment. The text need
-- not be right Lua; what is not understood comes as single characters.
function M.list(text)
  local out, at, line = {}, 1, 1
  if text:sub(1, 1) == "#" then at = text:find("\n", 1, true) or #text + 1 end
  while true do
    local first = text:find("%S", at)
    if not first then break end
    line = line + count_lines(text:sub(at, first - 1))
    local kind, last, value
    if text:sub(first, first + 1) == "--" then
      kind, last = "comment", comment_end(text, first)
      value = text:sub(first, last)
    else
      kind, last, value = read(text, first)
    end
    local piece = text:sub(first, last)
    out[#out + 1] = { kind = kind, value = value, line = line, text = piece, first = first, last = last }
    line = line + count_lines(piece)
    at = last + 1
  end
  return out
end

return M
