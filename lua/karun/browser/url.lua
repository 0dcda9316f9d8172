-- Addresses joined as RFC 3986, section 5.2 says.

local M = {}

local function split(url)
  local scheme, rest = url:match("^(%a[%w+.-]*:)(.*)$")
  rest = rest or url
  local authority
  if rest:sub(1, 2) == "//" then
    authority, rest = rest:match("^(//[^/?#]*)(.*)$")
  end
  local path, tail = rest:match("^([^?#]*)(.*)$")
  return scheme, authority, path, tail
end

-- An absolute path without its "." and ".." parts.
local function without_dots(path)
  local out = {}
  for part in path:sub(2):gmatch("[^/]*") do
    if part == ".." then
      out[#out] = nil
    elseif part ~= "." then
      out[#out + 1] = part
    end
  end
  local joined = "/" .. table.concat(out, "/")
  if path:match("/%.%.?$") and not joined:match("/$") then joined = joined .. "/" end
  return joined
end

-- join("http://h/a/b?x", "../c#d") -> "http://h/c#d"
function M.join(base, url)
  local scheme, authority, path, tail = split(url)
  if scheme then return url end
  local base_scheme, base_authority, base_path, base_tail = split(base)
  if authority then return base_scheme .. url end
  local head = base_scheme .. (base_authority or "")
  if path == "" then
    if tail:sub(1, 1) ~= "?" then tail = base_tail:match("^%?[^#]*") and base_tail:match("^%?[^#]*") .. tail or tail end
    return head .. base_path .. tail
  end
  if path:sub(1, 1) ~= "/" then path = (base_path:match("^(.*/)") or "/") .. path end
  return head .. without_dots(path) .. tail
end

-- The scheme, host and port of an address: "http://h:1", or nil.
function M.origin(url)
  return url:match("^(%a[%w+.-]*://[^/?#]*)")
end

return M
