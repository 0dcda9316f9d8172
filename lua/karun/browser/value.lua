-- Lua values to the page and back (Runtime.CallArgument, RemoteObject, DeepSerializedValue).

local fault = require "karun.error"
local json = require "karun.native.json"
local secret = require "karun.secret"

local M = {}

local UNSERIALIZABLE = { ["NaN"] = 0 / 0, ["Infinity"] = math.huge, ["-Infinity"] = -math.huge, ["-0"] = -0.0 }

-- The name of a number that JSON has not.
local function special(value)
  if math.type(value) == "integer" and (value > 2 ^ 53 or value < -2 ^ 53) then return ("%dn"):format(value) end
  if math.type(value) ~= "float" then return nil end
  if value ~= value then return "NaN" end
  if value == math.huge then return "Infinity" end
  if value == -math.huge then return "-Infinity" end
  if value == 0 and 1 / value < 0 then return "-0" end
end

-- A copy of the value in which numbers that JSON lacks are { ["\u{FDD0}number"] = "NaN" }; true when any was there.
local function mark_specials(value, depth)
  local name = special(value)
  if name then return { ["\u{FDD0}number"] = name }, true end
  if type(value) ~= "table" then return value, false end
  if secret.is(value) then fault.raise("usage", "a secret does not go to eval; fill and type take it") end
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
  if secret.is(value) then fault.raise("usage", "a secret does not go to eval; fill and type take it") end
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
    const name = v['\uFDD0number'];
    if (name !== undefined) return name in names ? names[name] : BigInt(name.slice(0, -1));
    for (const k of Object.keys(v)) v[k] = revive(v[k]);
    return v;
  };
  return (%s).apply(this, args.map(revive));
}]==]

-- The other way for an object of many levels: its JSON, with marks for the numbers that JSON has not.
M.ENCODE = [==[function() {
  const path = [];
  const number = (n) => n !== n || n === Infinity || n === -Infinity || Object.is(n, -0)
    ? `{"\\ufdd0number":"${Object.is(n, -0) ? '-0' : n}"}` : String(n);
  const encode = (v) => {
    if (v === null) return 'null';
    if (typeof v === 'number') return number(v);
    if (typeof v === 'bigint') return `"${v}"`;
    if (v instanceof Date) return JSON.stringify(v.toISOString());
    if (typeof v === 'string' || typeof v === 'boolean') return JSON.stringify(v);
    if (typeof v !== 'object') return undefined;
    if (path.includes(v)) throw new Error('karun: it holds itself (a cycle)');
    if (path.length >= 200) throw new Error('karun: it has more than 200 levels');
    path.push(v);
    const parts = Array.isArray(v) ? v.map((x) => encode(x) ?? 'null')
      : Object.keys(v).map((k) => [k, encode(v[k])]).filter((p) => p[1] !== undefined).map((p) => JSON.stringify(p[0]) + ':' + p[1]);
    path.pop();
    return Array.isArray(v) ? '[' + parts.join(',') + ']' : '{' + parts.join(',') + '}';
  };
  return encode(this);
}]==]

-- The error as `too_large` when it is ENCODE's own, else nil.
function M.is_too_large(err)
  local why = err.kind == "script" and err.message:match("karun: (it .*)$")
  return why and fault.new("too_large", "the page's value: " .. why)
end

local function unmark(node)
  if type(node) ~= "table" then return node end
  local name = node["\u{FDD0}number"]
  if name then return UNSERIALIZABLE[name] end
  for key, item in pairs(node) do
    node[key] = unmark(item)
  end
  return node
end

function M.decode(text)
  return unmark(json.decode(text))
end

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
