-- Walks a flow's tree: which names are local, what an expression is (a page, the timings, a site's
-- selectors), and hands what it meets to the rules. Types are found by following calls from
-- `require "karun"`; what cannot be told stays unknown and is never complained about.

local syntax = require "karun.check.syntax"

local M = {}

local Walk = {}
Walk.__index = Walk

-- A parameter of one of these names is taken for what it says, in files that require karun.
local by_name = {
  page = { class = "karun.Page" }, browser = { class = "karun.Browser" }, timing = { timing = true },
  site = { site = "" },
}

-- So is what an unknown table carries under these names: `run.timing`, `run.site`.
local carried = { timing = by_name.timing, site = by_name.site }

function Walk:open()
  self.scope = { up = self.scope, names = {} }
end

function Walk:shut()
  self.scope = self.scope.up
end

function Walk:declare(name, what)
  self.scope.names[name] = { what = what }
end

function Walk:lookup(name)
  local scope = self.scope
  while scope do
    if scope.names[name] then return scope.names[name] end
    scope = scope.up
  end
end

local function module_type(name)
  if name == "karun.timing" then return { timing = true } end
  if name == "karun.site" then return { gives_site = true } end
  if name:match("^karun$") or name:match("^karun%.%a+$") then return { class = name } end
end

-- What a member of something known is; tells the rules about names that do not exist.
function Walk:member(object, key, node)
  if object.timing then
    self.rules.timing_group(self, key, node)
    return { group = key }
  elseif object.group then
    self.rules.timing(self, object.group, key, node)
  elseif object.site then
    local path = object.site == "" and key or object.site .. "." .. key
    self.rules.site(self, path, node)
    return { site = path }
  elseif object.class then
    if object.class == "karun" and key == "timing" then return { timing = true } end
    if object.class == "karun" and key == "site" then return { gives_site = true } end
    local found = self.rules.member(self, object.class, key, node)
    if not found then return nil end
    if found.field then return found.type and { class = found.type } or nil end
    return { member = found, name = key, of = object.class }
  end
end

function Walk:called(what, args, node, shift)
  if what and what.gives_site then return { site = "" } end
  if not what or not what.member then return nil end
  self.rules.call(self, what, args, node, shift)
  return what.member.returns and { class = what.member.returns } or nil
end

-- Visits an expression and answers what it is, or nil.
function Walk:value(node)
  local visit = self[node.tag]
  return visit and visit(self, node) or nil
end

-- A value that leaves our sight: a group of timings handed on counts as used.
function Walk:handed_on(node)
  local what = self:value(node)
  if what and (what.group or what.site) then self.rules.escape(self, what) end
  return what
end

function Walk:list(nodes)
  local out = {}
  for i, node in ipairs(nodes) do
    out[i] = self:handed_on(node)
  end
  return out
end

function Walk:Name(node)
  local found = self:lookup(node.name)
  if found then return found.what end
  self.rules.global(self, node)
end

function Walk:Group(node)
  for _, item in ipairs(node.items) do
    local what = self:handed_on(item)
    if #node.items == 1 then return what end
  end
end

function Walk:Table(node)
  for _, item in ipairs(node.items) do
    if item.key then self:value(item.key) end
    self:handed_on(item.value)
  end
end

function Walk:Function(node)
  self:open()
  if node.is_method then self:declare("self") end
  for _, param in ipairs(node.params) do
    self:declare(param.name, self.knows_karun and by_name[param.name] or nil)
  end
  self:block(node.body)
  self:shut()
end

function Walk:Index(node)
  local object = self:value(node.object)
  if node.key.tag ~= "String" then
    self:value(node.key)
    if object then self.rules.escape(self, object) end
    return nil
  end
  if object then return self:member(object, node.key.value, node) end
  if self.knows_karun then return carried[node.key.value] end
end

function Walk:Call(node)
  if node.fn.tag == "Name" and node.fn.name == "require" and not self:lookup("require") then
    local name = node.args[1]
    return name and name.tag == "String" and module_type(name.value) or nil
  end
  local what = self:value(node.fn)
  self:list(node.args)
  return self:called(what, node.args, node, 0)
end

function Walk:Method(node)
  local object = self:value(node.object)
  self:list(node.args)
  if not object or not object.class then return nil end
  return self:called(self:member(object, node.name, node), node.args, node, 0)
end

function Walk:Local(node)
  if node.recursive then self:declare(node.names[1].name) end
  local values = {}
  for i, value in ipairs(node.values) do
    values[i] = self:value(value)
  end
  for i, name in ipairs(node.names) do
    self:declare(name.name, values[i])
  end
end

function Walk:Assign(node)
  local values = {}
  for i, value in ipairs(node.values) do
    values[i] = self:value(value)
  end
  for i, target in ipairs(node.targets) do
    if target.tag == "Name" then
      local found = self:lookup(target.name)
      if found then
        found.what = values[i]
      else
        self.rules.set_global(self, target)
      end
    else
      self:value(target.object)
      self:value(target.key)
    end
  end
end

function Walk:Expression(node)
  self:value(node.value)
end

function Walk:Block(node)
  self:open()
  self:block(node.body)
  self:shut()
end

function Walk:If(node)
  for _, part in ipairs(node.parts) do
    if part.condition then self:value(part.condition) end
    self:Block(part)
  end
end

function Walk:Loop(node)
  self:list(node.values)
  self:open()
  for _, name in ipairs(node.names) do
    self:declare(name.name)
  end
  self:block(node.body)
  if node.condition then self:value(node.condition) end
  self:shut()
end

function Walk:Return(node)
  self:list(node.values)
end

function Walk:block(statements)
  for _, node in ipairs(statements) do
    self[node.tag](self, node)
  end
end

-- Walks `text` of `file`; `rules` is told what is met (see check/rules.lua).
function M.run(text, file, rules)
  local walk = setmetatable({ file = file, rules = rules, is_flow = rules.is_flow, is_library = rules.is_library }, Walk)
  walk.knows_karun = text:find("require%s*%(?%s*[\"']karun[\"']") ~= nil
  walk:open()
  walk:block(syntax.tree(text))
  walk:shut()
end

return M
