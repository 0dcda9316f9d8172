-- A request as a handler sees it: { method, url, path, query, headers, body, address, params }.
-- `url` is what the client asked for as it stands; `path` and `query` are decoded.

local M = {}

function M.unescape(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

-- "a=1&b=x+y" -> { a = "1", b = "x y" }; a name given several times has a list.
function M.fields(text)
  local fields = {}
  for pair in text:gmatch("[^&]+") do
    local name, value = pair:match("^([^=]*)=?(.*)$")
    name, value = M.unescape(name:gsub("+", " ")), M.unescape(value:gsub("+", " "))
    local old = fields[name]
    if old == nil then
      fields[name] = value
    elseif type(old) == "table" then
      old[#old + 1] = value
    else
      fields[name] = { old, value }
    end
  end
  return fields
end

-- Adds what the raw request says only in passing. nil when its target is none that a server has.
function M.complete(request)
  local target = request.target:gsub("^%a[%w+.-]*://[^/?]*", "") -- a proxy's form of the same
  if target == "" then target = "/" end
  if target:sub(1, 1) ~= "/" then return nil end
  local path, query = target:match("^([^?#]*)%??([^#]*)")
  request.url, request.target = target, nil
  request.path, request.query = M.unescape(path), M.fields(query)
  if request.path:find("\0", 1, true) then return nil end
  return request
end

return M
