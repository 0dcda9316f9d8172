-- Routes: "GET /a/:id/*" patterns to handlers, the most specific first. `:name` is one segment, `*` at
-- the end is all the rest; both land in request.params (`*` under "*"). Without a method: any.

local fault = require "karun.error"

local M = {}

local function escape(text)
  return (text:gsub("%p", "%%%0"))
end

local function compile(key, handler, with_method)
  local method, path = nil, key
  if with_method and type(key) == "string" then
    method, path = key:match("^(%u+)%s+(.*)$")
    path = path or key
  end
  if type(path) ~= "string" or path:sub(1, 1) ~= "/" or type(handler) ~= "function" then
    local form = with_method and "GET /path" or "/path"
    fault.raise("usage", ("a route is [\"%s\"] = function, got [%q]"):format(form, tostring(key)))
  end
  local names, pattern, rank = {}, "^", ""
  for segment, at_end in path:gmatch("/([^/]*)()") do
    local name = segment:match("^:([%a_][%w_]*)$")
    if name then
      names[#names + 1], segment, rank = name, "([^/]+)", rank .. "1"
    elseif segment == "*" and at_end > #path then
      names[#names + 1], segment, rank = "*", "(.*)", rank .. "2"
    else
      segment, rank = escape(segment), rank .. "0"
    end
    pattern = pattern .. "/" .. segment
  end
  return { method = method, pattern = pattern .. "$", names = names, handler = handler, path = path, rank = rank }
end

-- Segment by segment: what is literal before a name, a name before the rest.
local function before(a, b)
  if a.rank ~= b.rank then return a.rank < b.rank end
  if a.path ~= b.path then return a.path < b.path end
  return (a.method or "~") < (b.method or "~")
end

-- table of patterns -> list for M.find
function M.compile(routes, with_method)
  local list = {}
  for key, handler in pairs(routes or {}) do
    list[#list + 1] = compile(key, handler, with_method)
  end
  table.sort(list, before)
  return list
end

local function params_of(route, path)
  local found = table.pack(path:match(route.pattern))
  if not found[1] then return nil end
  local params = {}
  for i, name in ipairs(route.names) do
    params[name] = found[i]
  end
  return params
end

local function sorted(set)
  local list = {}
  for name in pairs(set) do
    list[#list + 1] = name
  end
  table.sort(list)
  return list
end

-- -> handler, params | nil, list of the methods this path does have. HEAD is served by GET.
function M.find(list, method, path)
  local others, get, get_params = {}, nil, nil
  for _, route in ipairs(list) do
    local params = params_of(route, path)
    if params then
      if not route.method or route.method == method then return route.handler, params end
      if method == "HEAD" and route.method == "GET" and not get then get, get_params = route.handler, params end
      others[route.method] = true
    end
  end
  if get then return get, get_params end
  return nil, sorted(others)
end

return M
