-- What a test may claim. A claim that is not true raises an error that is marked as the test's own,
-- so that it is never mistaken for one that the tested code raised.

local fault = require "karun.error"

local M = {}

function M.is_failure(value)
  return fault.is(value) and value.claim == true
end

function M.fail(message)
  fault.raise("usage", message, { claim = true })
end

local function sorted_keys(map)
  local keys = {}
  for key in pairs(map) do
    keys[#keys + 1] = key
  end
  table.sort(keys, function(a, b)
    if type(a) == type(b) and type(a) ~= "boolean" and type(a) ~= "table" then return a < b end
    return tostring(a) < tostring(b)
  end)
  return keys
end

-- A value as a reader sees it, on one line and not too long.
function M.show(value, depth)
  depth = depth or 0
  if type(value) == "string" then
    local text = ("%q"):format(#value > 400 and value:sub(1, 400) .. "…" or value)
    return (text:gsub("\\\n", "\\n"))
  end
  local meta = getmetatable(value)
  if type(value) ~= "table" or depth > 4 or (type(meta) == "table" and meta.__tostring) then return tostring(value) end
  local out, list = {}, #value
  for i, key in ipairs(sorted_keys(value)) do
    if i > 30 then
      out[#out + 1] = "…"
      break
    end
    local shown = M.show(value[key], depth + 1)
    if math.type(key) == "integer" and key >= 1 and key <= list then
      out[#out + 1] = shown
    else
      out[#out + 1] = (type(key) == "string" and key or "[" .. M.show(key, depth + 1) .. "]") .. " = " .. shown
    end
  end
  return "{" .. table.concat(out, ", ") .. "}"
end

local function with(what, text)
  return what and what .. ": " .. text or text
end

function M.ok(value, what)
  if not value then M.fail(with(what, "it is " .. tostring(value))) end
  return value
end

function M.equal(got, want, what)
  if got ~= want then M.fail(with(what, ("got %s, want %s"):format(M.show(got), M.show(want)))) end
end

-- The first place where two values differ, or nil.
local function difference(got, want, at)
  if got == want or (got ~= got and want ~= want) then return nil end
  if type(got) ~= "table" or type(want) ~= "table" then
    return ("at %s: got %s, want %s"):format(at, M.show(got), M.show(want))
  end
  for _, key in ipairs(sorted_keys(want)) do
    local found = difference(rawget(got, key), rawget(want, key), at .. "." .. tostring(key))
    if found then return found end
  end
  for _, key in ipairs(sorted_keys(got)) do
    if rawget(want, key) == nil then
      return ("at %s.%s: got %s, want none"):format(at, tostring(key), M.show(rawget(got, key)))
    end
  end
end

function M.same(got, want, what)
  local found = difference(got, want, "it")
  if found then M.fail(with(what, found)) end
end

-- A Lua pattern must occur in a text.
function M.match(text, pattern, what)
  if type(text) ~= "string" or not text:find(pattern) then
    M.fail(with(what, ("%s does not match %s"):format(M.show(text), M.show(pattern))))
  end
end

-- `fn` must raise an error of this kind (nil: any); the error is the result.
function M.error(kind, fn, ...)
  local ok, err = pcall(fn, ...)
  if ok then M.fail(("nothing was raised, want %s"):format(kind or "an error")) end
  if M.is_failure(err) then error(err, 0) end
  if kind and (type(err) ~= "table" or err.kind ~= kind) then
    M.fail(("got %s error %s, want %s"):format(type(err) == "table" and tostring(err.kind) or type(err),
      M.show(tostring(err)), kind))
  end
  return err
end

return M
