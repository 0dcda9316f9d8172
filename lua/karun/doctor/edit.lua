-- Changes one selector list in the text of a site table, leaving everything else as it stands.

local tokens = require "karun.tokens"

local M = {}

local function quoted(text)
  return '"' .. text:gsub('[\\"]', "\\%0"):gsub("\n", "\\n") .. '"'
end

function M.list(selectors)
  local out = {}
  for i, selector in ipairs(selectors) do
    out[i] = quoted(selector)
  end
  return "{ " .. table.concat(out, ", ") .. " }"
end

-- Tokens without comments, each with its depth in braces (the outermost table is depth 1).
local function read(text)
  local list, depth = {}, 0
  for _, token in ipairs(tokens.list(text)) do
    if token.kind ~= "comment" then
      local opens, closes = token.text == "{", token.text == "}"
      if opens then depth = depth + 1 end
      token.depth = depth
      if closes then depth = depth - 1 end
      list[#list + 1] = token
    end
  end
  return list
end

-- The place of `name = value` at this depth between two tokens: number of its first token of value.
local function find_key(list, name, depth, from, to)
  for i = from, to do
    local token = list[i]
    local is_key = token.kind == "name" and token.text == name or token.kind == "string" and token.value == name
    if is_key and token.depth == depth then
      local at = i + 1
      if list[at] and list[at].text == "]" then at = at + 1 end
      if list[at] and list[at].text == "=" and list[at].kind == "op" then return at + 1 end
    end
  end
end

-- The last token of the value that begins at token `at`.
local function value_end(list, at)
  if list[at].text ~= "{" then return at end
  for i = at + 1, #list do
    if list[i].text == "}" and list[i].depth == list[at].depth then return i end
  end
  return at
end

local function line_at(text, place)
  local _, n = text:sub(1, place):gsub("\n", "")
  return n + 1
end

local function splice(text, first, last, new)
  return text:sub(1, first - 1) .. new .. text:sub(last + 1)
end

-- Puts a line behind the opening brace `open`.
local function insert(text, open, line)
  return splice(text, open.last + 1, open.last, "\n" .. line), line_at(text, open.last) + 1
end

-- The text with selectors.<name> set to this list, and the line of it.
function M.set(text, name, selectors)
  local list, value = read(text), M.list(selectors)
  local group = find_key(list, "selectors", 1, 1, #list)
  if group and list[group].text == "{" then
    local last = value_end(list, group)
    local at = find_key(list, name, 2, group, last)
    if at then
      local first = list[at].first
      return splice(text, first, list[value_end(list, at)].last, value), line_at(text, first)
    end
    return insert(text, list[group], ("    %s = %s,"):format(name, value))
  end
  for _, token in ipairs(list) do
    if token.text == "{" then
      return insert(text, token, ("  selectors = {\n    %s = %s,\n  },"):format(name, value))
    end
  end
  return nil
end

return M
