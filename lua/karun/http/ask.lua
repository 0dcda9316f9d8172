-- What a fetch asks for, in the words of the wire: header lines, cookie lines, parts of a body.

local fault = require "karun.error"

local M = {}

-- A secret (karun.secret) as its plain text, only here, where it goes out.
local function plain(value, what)
  if type(value) == "table" or type(value) == "userdata" then value = require("karun.secret").reveal(value) end
  if type(value) == "number" then value = tostring(value) end
  if type(value) ~= "string" or value:find("[\r\n\0]") then
    fault.raise("usage", ("http.fetch: %s is a text without line ends"):format(what))
  end
  return value
end

-- { name = value } -> { "name: value" }, sorted, and the set of lower-case names.
function M.headers(headers)
  local lines, names = {}, {}
  for name, value in pairs(headers or {}) do
    if type(name) ~= "string" or not name:match("^[%w!#$%%&'*+.^_`|~-]+$") then
      fault.raise("usage", ("http.fetch: `%s` is no name of a header"):format(tostring(name)))
    end
    value = plain(value, "header " .. name)
    lines[#lines + 1] = value == "" and name .. ";" or name .. ": " .. value
    names[name:lower()] = true
  end
  table.sort(lines)
  return lines, names
end

local function host_of(url)
  return url:match("^%a+://[^/?#]*@([^/?#:]+)") or url:match("^%a+://(%[[^%]]*%])") or url:match("^%a+://([^/?#:]+)")
end

-- browser:cookies() -> lines of a cookie file. Each is sent only where it belongs, also after redirects.
function M.cookies(cookies, url)
  local lines = {}
  for i, cookie in ipairs(cookies or {}) do
    if type(cookie) ~= "table" or type(cookie.name) ~= "string" then
      fault.raise("usage", ("http.fetch: cookies[%d] is { name, value, … }, as browser:cookies() gives"):format(i))
    end
    local value = plain(cookie.value or "", "the value of cookie " .. cookie.name)
    local domain = cookie.domain or host_of(url)
    if (cookie.name .. value .. domain .. (cookie.path or "")):find("[%c]") then
      fault.raise("usage", ("http.fetch: cookie `%s` holds a control character"):format(cookie.name))
    end
    lines[#lines + 1] = table.concat({
      domain, domain:sub(1, 1) == "." and "TRUE" or "FALSE", cookie.path or "/", cookie.secure and "TRUE" or "FALSE",
      tostring(math.max(0, math.floor(cookie.expires or 0))), cookie.name, value,
    }, "\t")
  end
  return lines
end

local function part_of(name, given)
  if type(given) ~= "table" then given = { value = given } end
  local part = { name = given.name or name, type = given.type, filename = given.filename }
  if type(part.name) ~= "string" then fault.raise("usage", "http.fetch: each part of multipart has a name") end
  if given.file then
    part.file = tostring(given.file)
    part.filename = part.filename or part.file:match("[^/]*$")
  elseif type(given.value) == "table" or type(given.value) == "userdata" then
    part.value = plain(given.value, "part " .. part.name)
  else
    part.value = tostring(given.value)
  end
  return part
end

-- { name = value | { value | file, filename, type } }, or a list of such with `name` -> parts in order.
function M.parts(multipart)
  if not multipart then return nil end
  local parts, names = {}, {}
  for name in pairs(multipart) do
    names[#names + 1] = name
  end
  table.sort(names, function(a, b)
    if type(a) == type(b) then return a < b end
    return type(a) == "number"
  end)
  for _, name in ipairs(names) do
    parts[#parts + 1] = part_of(type(name) == "string" and name or nil, multipart[name])
  end
  return parts
end

-- Only http and https; what a browser would escape is escaped.
function M.url(url)
  local origin, rest = (type(url) == "string" and url or ""):match("^([hH][tT][tT][pP][sS]?://[^/?#%c%s\\]+)(.*)$")
  if not origin or url:find("[\r\n\0]") then
    fault.raise("usage", ("http.fetch wants a http:// or https:// address, got %s"):format(tostring(url)))
  end
  return origin .. rest:gsub("[^\33-\126]", function(byte)
    return ("%%%02X"):format(byte:byte())
  end)
end

-- The head's lines -> status line and { name = value }, names lower-case, repeated ones joined.
function M.parse_head(head)
  local headers = {}
  for line in head:gmatch("[^\r\n]+") do
    local name, value = line:match("^([^:%s]+):[ \t]*(.-)[ \t]*$")
    if name then
      name = name:lower()
      local join = name == "set-cookie" and "\n" or ", "
      headers[name] = headers[name] and headers[name] .. join .. value or value
    end
  end
  return headers
end

local function decode_percent(text)
  return (text:gsub("%%(%x%x)", function(hex)
    return string.char(tonumber(hex, 16))
  end))
end

-- Bytes that are not UTF-8 are taken for Latin-1, as browsers do.
local function as_utf8(text)
  if utf8.len(text) then return text end
  return (text:gsub("[\128-\255]", function(byte)
    return utf8.char(byte:byte())
  end))
end

-- The name the server suggests for the file: data, never a path.
function M.suggested_name(url, headers)
  local disposition = headers["content-disposition"] or ""
  local coded = disposition:match("[fF][iI][lL][eE][nN][aA][mM][eE]%*%s*=%s*[%w-]+'[^']*'([^;%s]+)")
  if coded then return as_utf8(decode_percent(coded)) end
  local quoted = disposition:match("[fF][iI][lL][eE][nN][aA][mM][eE]%s*=%s*\"(.-[^\\])\"")
  local bare = quoted and quoted:gsub("\\(.)", "%1") or disposition:match("[fF][iI][lL][eE][nN][aA][mM][eE]%s*=%s*([^;%s\"]+)")
  if bare then return as_utf8(bare) end
  return as_utf8(decode_percent(url:gsub("[?#].*$", ""):match("^%a+://[^/]*/.-([^/]*)$") or ""))
end

return M
