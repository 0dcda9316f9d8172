-- Takes secrets out of what is written down about a page: known secrets (karun.secret) in each form they
-- may have, values of cookies and tokens by their names, and long keys in addresses.

local native = require "karun.native.log"

local M = {}

local NAMES = { "cookie", "authorization", "password", "passwd", "secret", "token", "csrf", "session", "apikey", "api_key" }

local function is_secret_name(name)
  name = tostring(name):lower()
  for _, word in ipairs(NAMES) do
    if name:find(word, 1, true) then return true end
  end
  return false
end

-- What queries of addresses say: `all` of it, or what is a secret by its name.
local function queries(text, all)
  return (text:gsub("([?&])([%w_.%%%[%]-]+)=([^&#%s\"'<>\\]+)", function(before, name, value)
    if all and #value > 1 or is_secret_name(name) then return before .. name .. "=***" end
  end))
end

-- JSON is UTF-8: a text that was cut inside a character, or never was UTF-8, gets question marks there.
local function as_utf8(text)
  if utf8.len(text) then return text end
  return (text:gsub("[\128-\255]+", function(bytes)
    return utf8.len(bytes) and bytes or ("?"):rep(#bytes)
  end))
end

-- A text with secrets masked; `extra` is a list of further values (a page's cookies).
function M.text(text, extra)
  text = as_utf8(native.mask(text))
  for _, value in ipairs(extra or {}) do
    if #value >= 4 then
      text = text:gsub(value:gsub("%p", "%%%0"), "***")
    end
  end
  text = queries(text)
  -- a run of 24 hexadecimal digits or more is a key of some kind
  return (text:gsub("%f[%x]%x+%f[^%x]", function(word)
    if #word >= 24 then return "***" end
  end))
end

-- An address without what its query says.
function M.url(url)
  return M.text((url:gsub("%?.*$", "?…")))
end

local function walk(value, depth, extra)
  if type(value) == "string" then
    if #value > 2000 then value = value:sub(1, 2000) .. "…" end
    return M.text(value:find("://", 1, true) and queries(value, true) or value, extra)
  elseif type(value) ~= "table" then
    if type(value) == "function" then return nil end
    return value
  elseif depth > 12 then
    return "…"
  end
  local out, count = {}, 0
  for key, item in pairs(value) do
    count = count + 1
    if count > 200 then break end
    if type(key) == "string" and is_secret_name(key) and type(item) ~= "table" then
      out[key] = "***"
    elseif key == "postData" or key == "postDataEntries" or key == "headersText" then
      out[key] = "***"
    else
      out[key] = walk(item, depth + 1, extra)
    end
  end
  -- { name = "token", value = "…" }: fields and cookies as the protocol writes them
  if type(out.name) == "string" and is_secret_name(out.name) and out.value ~= nil then out.value = "***" end
  return out
end

-- A copy of any value, cut and masked, fit for JSON.
function M.value(value, extra)
  return walk(value, 1, extra)
end

-- A copy of our own figures, texts masked, nothing cut.
function M.whole(value)
  if type(value) == "string" then return M.text(value) end
  if type(value) == "function" then return nil end
  if type(value) ~= "table" then return value end
  local out = {}
  for key, item in pairs(value) do
    out[key] = M.whole(item)
  end
  return out
end

-- A document's text: also what hidden and password fields hold.
function M.html(html, extra)
  html = html:gsub("<[iI][nN][pP][uU][tT][^>]*>", function(tag)
    local lower = tag:lower()
    if lower:find("type=[\"']?hidden") or lower:find("type=[\"']?password") then
      return (tag:gsub("([vV][aA][lL][uU][eE]=)(%b\"\")", '%1"***"'))
    end
  end)
  return M.text(queries(html, true), extra)
end

return M
