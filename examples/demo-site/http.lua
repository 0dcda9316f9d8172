-- Small change of the web: escapes, queries, cookies, answers.

local M = {}

function M.unescape(text)
  return (text:gsub("+", " "):gsub("%%(%x%x)", function(hex)
    return string.char(tonumber(hex, 16))
  end))
end

function M.escape(text)
  return (text:gsub("[^%w%-._~]", function(c)
    return ("%%%02X"):format(c:byte())
  end))
end

-- Text into markup, also inside quoted attributes.
function M.html(text)
  return (
    tostring(text):gsub(
      "[&<>\"']",
      { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }
    )
  )
end

-- "{name}" in the markup becomes the escaped field, "{=name}" the field as it is.
function M.fill(markup, fields)
  return (
    markup:gsub("{(=?)([%w_]+)}", function(plain, name)
      local value = fields[name]
      if value == nil then error("no field " .. name .. " for the markup", 3) end
      return plain == "=" and tostring(value) or M.html(value)
    end)
  )
end

function M.pairs_of(text)
  local fields = {}
  for name, value in (text or ""):gmatch "([^&=]+)=?([^&]*)" do
    fields[M.unescape(name)] = M.unescape(value)
  end
  return fields
end

function M.cookies(header)
  local cookies = {}
  for name, value in (header or ""):gmatch "%s*([^=;]+)=([^;]*)" do
    cookies[name] = value
  end
  return cookies
end

function M.page(markup, status, headers)
  headers = headers or {}
  headers["content-type"] = "text/html; charset=utf-8"
  headers["cache-control"] = "no-store"
  return { status = status or 200, headers = headers, body = markup }
end

function M.text(text, status, headers)
  headers = headers or {}
  headers["content-type"] = headers["content-type"] or "text/plain; charset=utf-8"
  headers["cache-control"] = "no-store"
  return { status = status or 200, headers = headers, body = text }
end

function M.redirect(address, headers)
  headers = headers or {}
  headers.location = address
  return M.text("", 302, headers)
end

return M
