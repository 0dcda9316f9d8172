-- Expressions of Lua source as nodes; see check/syntax.lua, which adds the statements. Operators have
-- no precedence here: only names, calls and tables matter.

local M = {
  block = nil, -- set by check/syntax.lua: a function's body is statements again
}

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

local expression

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
  node.body = M.block(r)
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

-- A reader over a list of tokens without comments; `last` stands for the end.
function M.reader(list, last)
  return setmetatable({ list = list, at = 1, last = last }, Reader)
end

M.expression, M.expressions, M.suffixed, M.function_body = expression, expressions, suffixed, function_body

return M
