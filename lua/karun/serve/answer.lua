-- An answer on its way out: what a handler returned becomes the head's text and a body. What a handler
-- says in its headers wins; what it does not say is added.

local fault = require "karun.error"
local known = require "karun.known"

local M = {}

local piece <const> = 128 * 1024

local keys = { "status", "reason", "headers", "body", "length", "file", "abort", "close" }

local reasons = {
  [100] = "Continue", [101] = "Switching Protocols", [200] = "OK", [201] = "Created", [202] = "Accepted",
  [204] = "No Content", [206] = "Partial Content", [301] = "Moved Permanently", [302] = "Found", [303] = "See Other",
  [304] = "Not Modified", [307] = "Temporary Redirect", [308] = "Permanent Redirect", [400] = "Bad Request",
  [401] = "Unauthorized", [403] = "Forbidden", [404] = "Not Found", [405] = "Method Not Allowed", [409] = "Conflict",
  [410] = "Gone", [413] = "Content Too Large", [416] = "Range Not Satisfiable", [426] = "Upgrade Required",
  [429] = "Too Many Requests", [431] = "Request Header Fields Too Large", [500] = "Internal Server Error",
  [501] = "Not Implemented", [502] = "Bad Gateway", [503] = "Service Unavailable", [504] = "Gateway Timeout",
}

function M.plain(status, headers)
  headers = headers or {}
  headers["content-type"] = "text/plain; charset=utf-8"
  return { status = status, headers = headers, body = reasons[status] .. "\n" }
end

-- What a handler returned, checked: the table form, whatever it was.
function M.check(value)
  if value == nil then return { status = 204 } end
  if type(value) == "string" then return { body = value } end
  if type(value) ~= "table" then
    fault.raise("usage", "a handler returns a table {status, headers, body} or a text, got " .. type(value))
  end
  known.check(value, keys, "an answer")
  local status, body = value.status or 200, value.body
  if math.type(status) ~= "integer" or status < 200 or status > 999 then
    fault.raise("usage", ("an answer's status is a whole number from 200 to 999, got %s"):format(tostring(status)))
  end
  if body ~= nil and type(body) ~= "string" and type(body) ~= "function" then
    fault.raise("usage", "an answer's body is a text or a function that gives chunks, got " .. type(body))
  end
  if value.abort ~= nil and value.abort ~= "cut" and value.abort ~= "reset" then
    fault.raise("usage", 'an answer\'s abort is "cut" or "reset"')
  end
  return value
end

-- ---- the head ----

local Head = {}
Head.__index = Head

local function line(name, value)
  name, value = tostring(name), tostring(value)
  if name:find("[^%w!#$%%&'*+.^_`|~-]") or name == "" or value:find("[\r\n\0]") then
    fault.raise("usage", ("the header %q: %q cannot be sent"):format(name, value))
  end
  return name .. ": " .. value .. "\r\n"
end

-- false for a value: not even the one that would be added.
local function new_head(answer)
  local head = setmetatable({ said = {}, lines = {} }, Head)
  local names = {}
  for name in pairs(answer.headers or {}) do
    names[#names + 1] = tostring(name)
  end
  table.sort(names) -- the same answer is the same bytes
  for _, name in ipairs(names) do
    local value = answer.headers[name]
    head.said[name:lower()] = value
    for _, one in ipairs(type(value) == "table" and value or { value }) do
      if one then head.lines[#head.lines + 1] = line(name, one) end
    end
  end
  return head
end

function Head:add(name, value)
  if self.said[name] ~= nil then return end
  self.said[name] = value
  self.lines[#self.lines + 1] = line(name, value)
end

function Head:text(status, reason)
  local first = ("HTTP/1.1 %d %s\r\n"):format(status, reason or reasons[status] or "Status")
  return first .. table.concat(self.lines) .. "\r\n"
end

local function content_type(body)
  if type(body) ~= "string" then return "application/octet-stream" end
  return body:find("^%s*<") and "text/html; charset=utf-8" or "text/plain; charset=utf-8"
end

-- How the client knows where the body ends: "length", "chunked", or "close" (the connection's end).
local function framing(head, answer, request)
  if head.said["content-length"] then return "length", math.tointeger(tonumber(head.said["content-length"])) end
  if head.said["transfer-encoding"] then return "raw" end
  local length = answer.length
  if length == nil and head.said["content-length"] == nil and type(answer.body) ~= "function" then
    length = #(answer.body or "")
  end
  if length then return "length", length end
  if length == false or head.said["content-length"] == false or request.minor == 0 then return "close" end
  return "chunked"
end

-- ---- the body ----

-- A source is a function that gives the next chunk or nil, and then perhaps "cut" or "reset".
local function source_of(body)
  if type(body) == "function" then return body end
  local at = 1
  return function()
    if not body or at > #body then return nil end
    local chunk = body:sub(at, at + piece - 1)
    at = at + #chunk
    return chunk
  end
end

local function send_chunk(exchange, chunk, is_chunked)
  if is_chunked then exchange:send(("%x\r\n"):format(#chunk)) end
  for at = 1, #chunk, piece do
    exchange:send(#chunk <= piece and chunk or chunk:sub(at, at + piece - 1))
  end
  if is_chunked then exchange:send("\r\n") end
end

-- Sends what the source gives -> bytes sent, how to break off (nil: not at all).
local function pump(exchange, source, is_chunked)
  local sent = 0
  while true do
    local chunk, broken = source()
    if chunk == nil then return sent, broken end
    if type(chunk) ~= "string" then
      fault.raise("usage", "a body function gives texts, then nil; got " .. type(chunk))
    end
    if #chunk > 0 then send_chunk(exchange, chunk, is_chunked) end
    sent = sent + #chunk
  end
end

function M.finish(exchange, keep, broken)
  if broken then exchange:abort(broken == "reset") else exchange:finish(keep) end
end

local function complete_head(head, answer, how, length, is_bare)
  head:add("date", os.date("!%a, %d %b %Y %H:%M:%S GMT"))
  if is_bare then return end
  if how ~= "length" or length > 0 then head:add("content-type", content_type(answer.body)) end
  if how == "chunked" then head:add("transfer-encoding", "chunked") end
  if how == "length" then head:add("content-length", length) end
end

-- A checked answer with all that its sending needs: raises now what could only break off later.
-- answer.part = {file, offset, length} (of static) stands for a body.
function M.prepare(request, answer)
  local status, head, part = answer.status or 200, new_head(answer), answer.part
  local how, length = framing(head, answer, request)
  if part then how, length = "length", part.length end
  local is_bare = status == 204 or status == 304
  local keep = request.keep and (how ~= "close" or is_bare) and not answer.close
  complete_head(head, answer, how, length, is_bare)
  if not keep then head:add("connection", "close") end
  if keep and request.minor == 0 then head:add("connection", "keep-alive") end
  return {
    head = head:text(status, answer.reason), body = answer.body, part = part, abort = answer.abort,
    how = how, length = length, keep = keep, is_bare = is_bare or request.method == "HEAD",
  }
end

-- Sends what was prepared and ends the exchange. Raises when that fails half-way; the exchange is then
-- still to be aborted.
function M.send(exchange, plan)
  local text, body, part, is_chunked = plan.head, plan.body, plan.part, plan.how == "chunked"
  if plan.is_bare then
    exchange:send(text)
    return M.finish(exchange, plan.keep, plan.abort)
  end
  local sent, broken = 0, nil
  if type(body) == "string" and #body <= piece and not is_chunked then
    text, sent, body = text .. body, #body, nil -- small ones in one packet
  end
  exchange:send(text)
  if part then
    exchange:send_file(part.file, part.offset, part.length)
    sent = part.length
  elseif body then
    sent, broken = pump(exchange, source_of(body), is_chunked)
  end
  broken = plan.abort or broken
  if is_chunked and not broken then exchange:send("0\r\n\r\n") end
  M.finish(exchange, plan.keep and (plan.how ~= "length" or sent == plan.length), broken)
end

return M
