-- Lua source as a tree, for `karun check`. The source is known to compile (load was asked first), so
-- nothing is checked here; and as only names and calls matter, operators have no precedence.
--
-- Nodes are { tag=, line=, … }. Expressions: Name Number String Constant Vararg Function Table Index
-- Call Method Group. Statements: Local Assign Expression Block If Loop Return.

local tokens = require "karun.tokens"

local M = {}

local Reader = {}
Reader.__index = Reader

function Reader:peek(ahead)
  return self.list[self.at + (ahead or 0)] or self.last
end

function Reader:is(text)
  local token = self:peek()
  return token.text == text and token.kind ~= "string"
end

function Reader:next()
  local token = self:peek()
  self.at = self.at + 1
  return token
end

function Reader:take(text)
  if not self:is(text) then return false end
  self.at = self.at + 1
  return true
end

local binary = {}
for op in ("+ - * / // % ^ & ~ | << >> .. < <= > >= == ~= and or"):gmatch("%S+") do
  binary[op] = true
end
local unary = { ["not"] = true, ["#"] = true, ["-"] = true, ["~"] = true }

local expression, block, statement

local function expressions(r)
  local out = { expression(r) }
  while r:take(",") do
    out[#out + 1] = expression(r)
  end
  return out
end

local function table_of(r)
  local node = { tag = "Table", line = r:next().line, items = {} }
  while not r:take("}") do
    local item = { line = r:peek().line }
    if r:peek().kind == "name" and r:peek(1).text == "=" and r:peek(1).kind == "op" then
      item.key = { tag = "String", value = r:next().value, line = item.line }
      r:next()
    elseif r:is("[") then
      r:next()
      item.key = expression(r)
      r:take("]")
      r:take("=")
    end
    item.value = expression(r)
    node.items[#node.items + 1] = item
    if not r:take(",") then r:take(";") end
    if r:peek() == r.last then break end
  end
  return node
end

local function function_body(r, line, is_method)
  local node = { tag = "Function", line = line, params = {}, is_method = is_method }
  r:take("(")
  while not r:take(")") do
    local token = r:next()
    if token.kind == "name" then node.params[#node.params + 1] = { name = token.value, line = token.line } end
    if token == r.last then break end
  end
  node.body = block(r)
  r:take("end")
  return node
end

local function arguments(r)
  if r:peek().kind == "string" then
    local token = r:next()
    return { { tag = "String", value = token.value, line = token.line } }
  end
  if r:is("{") then return { table_of(r) } end
  r:take("(")
  local out = {}
  if not r:is(")") then out = expressions(r) end
  r:take(")")
  return out
end

local function primary(r)
  local token = r:peek()
  if token.kind == "name" then
    r:next()
    return { tag = "Name", name = token.value, line = token.line }
  end
  r:take("(")
  local inner = expression(r)
  r:take(")")
  return { tag = "Group", line = token.line, items = { inner } }
end

-- A name or group and all that hangs on it: .a[b]:c(d){e}"f"
local function suffixed(r)
  local node = primary(r)
  while true do
    local token = r:peek()
    if token.kind == "string" or r:is("{") or r:is("(") then
      node = { tag = "Call", fn = node, args = arguments(r), line = token.line }
    elseif r:take(".") then
      local name = r:next()
      node = { tag = "Index", object = node, line = name.line,
        key = { tag = "String", value = name.value or name.text, line = name.line } }
    elseif r:take("[") then
      node = { tag = "Index", object = node, key = expression(r), line = token.line, computed = true }
      r:take("]")
    elseif r:is(":") then
      r:next()
      local name = r:next()
      node = { tag = "Method", object = node, name = name.value, line = name.line, args = arguments(r) }
    else
      return node
    end
  end
end

local constants = { ["nil"] = true, ["true"] = true, ["false"] = true }

local function simple(r)
  local token = r:peek()
  if token.kind == "number" then
    r:next()
    return { tag = "Number", value = token.value, line = token.line }
  elseif token.kind == "string" then
    r:next()
    return { tag = "String", value = token.value, line = token.line }
  elseif r:is("...") then
    r:next()
    return { tag = "Vararg", line = token.line }
  elseif token.kind == "keyword" and constants[token.value] then
    r:next()
    return { tag = "Constant", value = token.value, line = token.line }
  elseif r:take("function") then
    return function_body(r, token.line)
  elseif r:is("{") then
    return table_of(r)
  end
  return suffixed(r)
end

expression = function(r)
  local line = r:peek().line
  local items, signed = {}, false
  while true do
    while unary[r:peek().text] and r:peek().kind ~= "string" do
      r:next()
      signed = true
    end
    items[#items + 1] = simple(r)
    if not (binary[r:peek().text] and r:peek().kind ~= "string") then break end
    r:next()
  end
  if #items == 1 and not signed then return items[1] end
  return { tag = "Group", line = line, items = items }
end

local statements = {}

statements["if"] = function(r, line)
  local node = { tag = "If", line = line, parts = {} }
  repeat
    local condition = expression(r)
    r:take("then")
    node.parts[#node.parts + 1] = { condition = condition, body = block(r) }
  until not r:take("elseif")
  if r:take("else") then node.parts[#node.parts + 1] = { body = block(r) } end
  r:take("end")
  return node
end

statements["while"] = function(r, line)
  local condition = expression(r)
  r:take("do")
  local body = block(r)
  r:take("end")
  return { tag = "Loop", line = line, values = { condition }, names = {}, body = body }
end

statements["repeat"] = function(r, line)
  local body = block(r)
  r:take("until")
  return { tag = "Loop", line = line, values = {}, names = {}, body = body, condition = expression(r) }
end

statements["do"] = function(r, line)
  local body = block(r)
  r:take("end")
  return { tag = "Block", line = line, body = body }
end

statements["for"] = function(r, line)
  local names = {}
  repeat
    local token = r:next()
    names[#names + 1] = { name = token.value, line = token.line }
  until not r:take(",")
  r:next() -- = or in
  local values = expressions(r)
  r:take("do")
  local body = block(r)
  r:take("end")
  return { tag = "Loop", line = line, names = names, values = values, body = body }
end

statements["local"] = function(r, line)
  if r:take("function") then
    local token = r:next()
    return { tag = "Local", line = line, names = { { name = token.value, line = token.line } }, recursive = true,
      values = { function_body(r, line) } }
  end
  local names = {}
  repeat
    local token = r:next()
    names[#names + 1] = { name = token.value, line = token.line }
    if r:take("<") then
      r:next()
      r:take(">")
    end
  until not r:take(",")
  return { tag = "Local", line = line, names = names, values = r:take("=") and expressions(r) or {} }
end

statements["function"] = function(r, line)
  local token = r:next()
  local target, is_method = { tag = "Name", name = token.value, line = token.line }, false
  while r:is(".") or r:is(":") do
    is_method = r:next().text == ":"
    local name = r:next()
    target = { tag = "Index", object = target, line = name.line,
      key = { tag = "String", value = name.value, line = name.line } }
  end
  return { tag = "Assign", line = line, targets = { target }, values = { function_body(r, line, is_method) } }
end

statements["return"] = function(r, line)
  local ends = { ["end"] = true, ["else"] = true, ["elseif"] = true, ["until"] = true, [";"] = true }
  local token = r:peek()
  local values = {}
  if token ~= r.last and not (ends[token.text] and token.kind ~= "string") then values = expressions(r) end
  return { tag = "Return", line = line, values = values }
end

statement = function(r)
  local token = r:peek()
  if token.kind == "keyword" and statements[token.value] then
    r:next()
    return statements[token.value](r, token.line)
  elseif r:take("break") or r:take(";") then
    return nil
  elseif r:take("goto") then
    r:next()
    return nil
  elseif r:take("::") then
    r:next()
    r:take("::")
    return nil
  end
  local first = suffixed(r)
  if not (r:is("=") or r:is(",")) then return { tag = "Expression", line = token.line, value = first } end
  local targets = { first }
  while r:take(",") do
    targets[#targets + 1] = suffixed(r)
  end
  r:take("=")
  return { tag = "Assign", line = token.line, targets = targets, values = expressions(r) }
end

block = function(r)
  local out = {}
  local ends = { ["end"] = true, ["else"] = true, ["elseif"] = true, ["until"] = true }
  while r:peek() ~= r.last and not (r:peek().kind == "keyword" and ends[r:peek().value]) do
    out[#out + 1] = statement(r)
  end
  return out
end

-- The statements of a source text that compiles.
function M.tree(text)
  local list = {}
  for _, token in ipairs(tokens.list(text)) do
    if token.kind ~= "comment" then list[#list + 1] = token end
  end
  local last = { kind = "end", text = "", line = #list > 0 and list[#list].line or 1 }
  return block(setmetatable({ list = list, at = 1, last = last }, Reader))
end

return M
