-- Url patterns: text that must occur in the url, `*` for anything, nothing else magic; or a function.

local fault = require "karun.error"

local M = {}

-- -> fn(url) -> true|false
function M.compile(wanted, what)
  if type(wanted) == "function" then
    return function(url)
      return wanted(url) and true or false
    end
  end
  if type(wanted) ~= "string" then
    fault.raise("usage", what .. " takes a url pattern: a text, with * for anything, or a function(url)")
  end
  if not wanted:find("*", 1, true) then
    return function(url)
      return url:find(wanted, 1, true) ~= nil
    end
  end
  local lua = wanted:gsub("[%^%$%(%)%%%.%[%]%+%-%?]", "%%%0"):gsub("%*+", ".*")
  return function(url)
    return url:find(lua) ~= nil
  end
end

return M
