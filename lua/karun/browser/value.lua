-- Lua values to the page and back (Runtime.CallArgument, RemoteObject, DeepSerializedValue).

local fault = require "karun.error"
local json = require "karun.native.json"

local M = {}

local UNSERIALIZABLE = { ["NaN"] = 0 / 0, ["Infinity"] = math.huge, ["-Infinity"] = -math.huge, ["-0"] = -0.0 }

local function special(value)
  if math.type(value) ~= "float" then return nil end
  if value ~= value then return "NaN" end
  if value == math.huge then return "Infinity" end
  if value == -math.huge then return "-Infinity" end
  if value == 0 and 1 / value < 0 then return "-0" end
end

-- A copy of the value in which numbers that JSON lacks are { ["\0karun"] = "NaN" }; true when any was there.
local function mark_specials(value, depth)
  local name = special(value)
  if name then return { ["\u{FDD0}number"] = name }, true end
  if type(value) ~= "table" then return value, false end
  if depth > 200 then fault.raise("too_large", "a value of more than 200 levels, or one that holds itself") end
  local copy, found = {}, false
  for key, item in pairs(value) do
    local marked, any = mark_specials(item, depth + 1)
    copy[key], found = marked, found or any
  end
  return setmetatable(copy, getmetatable(value)), found
end

-- One argument -> Runtime.CallArgument, needs_revival
function M.argument(value)
  if value == nil then return {}, false end
  local name = special(value)
  if name then return { unserializableValue = name }, false end
  if math.type(value) == "integer" and (value > 2 ^ 53 or value < -2 ^ 53) then
    return { unserializableValue = ("%dn"):format(value) }, false
  end
  if type(value) == "function" or type(value) == "thread" then
    fault.raise("usage", ("a %s cannot be sent to the page"):format(type(value)))
  end
  if type(value) ~= "table" then return { value = value }, false end
  local copy, found = mark_specials(value, 1)
  return { value = copy }, found
end

-- Wraps a function's text so that it sees marked numbers as they were.
M.REVIVE = [==[function(...args) {
  const names = { 'NaN': NaN, 'Infinity': Infinity, '-Infinity': -Infinity, '-0': -0 };
  const revive = (v) => {
    if (v === null || typeof v !== 'object') return v;
    if ('\uFDD0number' in v) return names[v['\uFDD0number']];
    for (const k of Object.keys(v)) v[k] = revive(v[k]);
    return v;
  };
  return (%s).apply(this, args.map(revive));
}]==]

local deep

local function deep_list(items, seen, depth)
  local out = json.array {}
  for i, item in ipairs(items) do
    local value = deep(item, seen, depth + 1)
    out[i] = value == nil and json.null or value
  end
  return out
end

local function deep_map(pairs_list, seen, depth)
  local out = {}
  for _, pair in ipairs(pairs_list) do
    local key = type(pair[1]) == "table" and deep(pair[1], seen, depth + 1) or pair[1]
    if key ~= nil then out[tostring(key)] = deep(pair[2], seen, depth + 1) end
  end
  return out
end

local function leaf(node)
  local kind, value = node.type, node.value
  if kind == "undefined" or kind == "function" or kind == "symbol" then return nil end
  if kind == "null" then return json.null end
  if kind == "number" and type(value) == "string" then return UNSERIALIZABLE[value] end
  if kind == "regexp" and type(value) == "table" then return "/" .. value.pattern .. "/" .. (value.flags or "") end
  if kind == "date" or kind == "bigint" or type(value) ~= "table" then
    if value == nil then return {} end -- a node, an error, a proxy: nothing JSON-like in it
    return value
  end
  return {}
end

-- A DeepSerializedValue -> Lua. An object seen again is copied; one inside itself is an error.
function deep(node, seen, depth)
  local ref = node.weakLocalObjectReference
  if depth > 200 then fault.raise("too_large", "the page's value has more than 200 levels") end
  if ref and node.value == nil then
    local known = seen[ref]
    if known == "open" then fault.raise("too_large", "the page's value holds itself (a cycle)") end
    return known
  end
  local kind = node.type
  if ref then seen[ref] = "open" end
  local out
  if node.value == nil and (kind == "array" or kind == "set" or kind == "object" or kind == "map") then
    fault.raise("too_large", "the page's value has more than 200 levels")
  end
  if kind == "array" or kind == "set" or kind == "nodelist" or kind == "htmlcollection" then
    out = deep_list(node.value or {}, seen, depth)
  elseif kind == "object" or kind == "map" then
    out = deep_map(node.value, seen, depth)
  else
    out = leaf(node)
  end
  if ref then seen[ref] = out end
  return out
end

-- A RemoteObject that is a primitive -> true, value; an object -> false.
function M.primitive(object)
  local kind = object.type
  if kind == "undefined" or kind == "function" or kind == "symbol" then return true, nil end
  if object.subtype == "null" then return true, json.null end
  if object.unserializableValue then
    local text = object.unserializableValue
    if kind == "bigint" then return true, (text:gsub("n$", "")) end
    return true, UNSERIALIZABLE[text]
  end
  if object.objectId then return false end
  return true, object.value
end

function M.deep(object)
  local node = object.deepSerializedValue
  if not node then return nil end
  return deep(node, {}, 1)
end

-- Runtime.ExceptionDetails -> error object of kind `script`
function M.exception(details)
  local thrown = details.exception or {}
  local text = thrown.description or (thrown.value ~= nil and tostring(thrown.value)) or details.text or "error"
  local message = text:match("^[^\n]*")
  if details.text and details.text:find("in promise", 1, true) and not thrown.description then
    message = "a promise was rejected: " .. message
  end
  return fault.new("script", "the page's script failed: " .. message, { stack = text, value = thrown.value })
end

return M
