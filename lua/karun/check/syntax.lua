-- Lua source as a tree, for `karun check`. The source is known to compile (load was asked first), so
-- nothing is checked here; and as only names and calls matter, operators have no precedence.
--
-- Nodes are { tag=, line=, … }. Expressions: Name Number String Constant Vararg Function Table Index
-- Call Method Group. Statements: Local Assign Expression Block If Loop Return.

local read = require "karun.check.expressions"
local tokens = require "karun.tokens"

local M = {}

local block, statement
local statements = {}

statements["if"] = function(r, line)
  local node = { tag = "If", line = line, parts = {} }
  repeat
    local condition = read.expression(r)
    r:take("then")
    node.parts[#node.parts + 1] = { condition = condition, body = block(r) }
  until not r:take("elseif")
  if r:take("else") then node.parts[#node.parts + 1] = { body = block(r) } end
  r:take("end")
  return node
end

statements["while"] = function(r, line)
  local condition = read.expression(r)
  r:take("do")
  local body = block(r)
  r:take("end")
  return { tag = "Loop", line = line, values = { condition }, names = {}, body = body }
end

statements["repeat"] = function(r, line)
  local body = block(r)
  r:take("until")
  return { tag = "Loop", line = line, values = {}, names = {}, body = body, condition = read.expression(r) }
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
  local values = read.expressions(r)
  r:take("do")
  local body = block(r)
  r:take("end")
  return { tag = "Loop", line = line, names = names, values = values, body = body }
end

statements["local"] = function(r, line)
  if r:take("function") then
    local token = r:next()
    return { tag = "Local", line = line, names = { { name = token.value, line = token.line } }, recursive = true,
      values = { read.function_body(r, line) } }
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
  return { tag = "Local", line = line, names = names, values = r:take("=") and read.expressions(r) or {} }
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
  return { tag = "Assign", line = line, targets = { target }, values = { read.function_body(r, line, is_method) } }
end

statements["return"] = function(r, line)
  local ends = { ["end"] = true, ["else"] = true, ["elseif"] = true, ["until"] = true, [";"] = true }
  local token = r:peek()
  local values = {}
  if token ~= r.last and not (ends[token.text] and token.kind ~= "string") then values = read.expressions(r) end
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
  local first = read.suffixed(r)
  if not (r:is("=") or r:is(",")) then return { tag = "Expression", line = token.line, value = first } end
  local targets = { first }
  while r:take(",") do
    targets[#targets + 1] = read.suffixed(r)
  end
  r:take("=")
  return { tag = "Assign", line = token.line, targets = targets, values = read.expressions(r) }
end

block = function(r)
  local out = {}
  local ends = { ["end"] = true, ["else"] = true, ["elseif"] = true, ["until"] = true }
  while r:peek() ~= r.last and not (r:peek().kind == "keyword" and ends[r:peek().value]) do
    out[#out + 1] = statement(r)
  end
  return out
end

read.block = block

-- The statements of a source text that compiles.
function M.tree(text)
  local list = {}
  for _, token in ipairs(tokens.list(text)) do
    if token.kind ~= "comment" then list[#list + 1] = token end
  end
  local last = { kind = "end", text = "", line = #list > 0 and list[#list].line or 1 }
  return block(read.reader(list, last))
end

return M
