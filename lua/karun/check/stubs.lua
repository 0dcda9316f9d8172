-- The API as the stubs in docs/api describe it (LuaCATS): classes with their members, what a
-- function takes as options and what it returns. `karun check` reads nothing else about the API.

local data_file = require "karun.data_file"

local M = {}

-- "{timeout?: number, wait?: string}" -> { timeout = true, wait = true }; a class name -> that text;
-- anything open ("table", "any", functions) -> nil.
local function option_names(type_text)
  local inner = type_text:match("^{(.*)}%??$")
  if inner then
    local names = {}
    for name in inner:gmatch("([%a_][%w_]*)%??%s*:") do
      names[name] = true
    end
    return names
  end
  return type_text:match("^karun[%w_.]*$")
end

local function class_in(type_text)
  return type_text and type_text:match("^(karun[%w_.]*)%??$")
end

local Reader = {}
Reader.__index = Reader

function Reader:class(name)
  if not self.classes[name] then self.classes[name] = { members = {} } end
  return self.classes[name]
end

function Reader:annotation(tag, rest)
  if tag == "class" then
    local name, parent = rest:match("^([%w_.]+)%s*:?%s*([%w_.]*)")
    self.current = self:class(name)
    self.current_name = name
    if parent ~= "" then self.current.parent = parent end
  elseif tag == "field" and self.current then
    local name, type_text = rest:match("^([%w_]+)%??%s+(.+)$")
    if name then
      local plain = type_text:gsub("%s+#.*$", "")
      self.current.members[name] = { field = true, type = class_in(plain:match("^[^%s]+") or "") }
    end
  elseif tag == "param" then
    local name, type_text = rest:match("^([%w_.]+)%??%s+(.+)$")
    if name then self.params[name] = type_text:match("^%b{}") or type_text:match("^%S+") end
  elseif tag == "return" then
    self.returns = self.returns or class_in(rest:match("^%S+") or "")
  end
end

function Reader:func(holder, separator, name, arguments)
  local class = self.bound[holder]
  if class then
    local member = { method = separator == ":", returns = self.returns, options = {},
      first = arguments:match("^[%w_]+") }
    local at = 0
    for argument in arguments:gmatch("[%w_.]+") do
      at = at + 1
      local type_text = self.params[argument]
      if type_text then member.options[at] = option_names(type_text) end
    end
    self:class(class).members[name] = member
  end
  self.params, self.returns = {}, nil
end

local function read(self, text)
  for line in text:gmatch("[^\n]+") do
    local tag, rest = line:match("^%-%-%-@(%a+)%s*(.*)$")
    if tag then
      self:annotation(tag, rest)
    else
      local variable = line:match("^local%s+([%w_]+)%s*=%s*{")
      if variable and self.current_name then self.bound[variable] = self.current_name end
      local holder, separator, name, arguments = line:match("^function%s+([%w_]+)([.:])([%w_]+)%((.-)%)")
      if holder then self:func(holder, separator, name, arguments) end
      if not line:match("^%-%-%-") then self.current = nil end
    end
  end
end

-- read(list of paths) -> { member = function(class, name), names = function(class), classes }
function M.read(paths)
  local reader = setmetatable({ classes = {}, bound = {}, params = {} }, Reader)
  for _, path in ipairs(paths) do
    reader.bound = {}
    read(reader, data_file.text(path) or "")
  end
  local api = { classes = reader.classes }
  function api.member(class, name)
    local seen = 0
    while class and reader.classes[class] and seen < 10 do
      local found = reader.classes[class].members[name]
      if found then return found end
      class, seen = reader.classes[class].parent, seen + 1
    end
  end
  function api.names(class)
    local names, seen = {}, 0
    while class and reader.classes[class] and seen < 10 do
      for name in pairs(reader.classes[class].members) do
        names[#names + 1] = name
      end
      class, seen = reader.classes[class].parent, seen + 1
    end
    return names
  end
  -- The option names that argument `at` of a member takes, as a list, or nil when they are open.
  function api.options(member, at)
    local found = member.options and member.options[at]
    if type(found) == "string" then
      if not reader.classes[found] then return nil end
      return api.names(found)
    elseif found then
      local names = {}
      for name in pairs(found) do
        names[#names + 1] = name
      end
      return names
    end
  end
  return api
end

return M
