-- A web socket: receive, send, close; the same for both ends. `for text in socket:messages() do … end` reads
-- until the other side ends it.

local fault = require "karun.error"
local known = require "karun.known"
local native = require "karun.native.ws"

local M = {}

local Socket = { __name = "karun.socket" }
known.class("a web socket", Socket, { "request" })

function M.new(raw, request)
  return setmetatable({ raw = raw, request = request }, Socket)
end

-- Connects to "ws://host:port/path".
function M.connect(url, opts)
  opts = known.check(opts, { "timeout", "limit" }, "connect")
  return M.new(native.connect(url, opts.timeout, opts.limit))
end

-- The next message, then whether it is binary; nil, why, code once the other side has ended it.
function Socket:receive(opts)
  opts = known.check(opts, { "timeout" }, "receive")
  return self.raw:receive(opts.timeout or math.huge)
end

function Socket:messages()
  return function() return self:receive() end
end

function Socket:send(message, opts)
  opts = known.check(opts, { "binary", "timeout" }, "send")
  if type(message) ~= "string" then fault.raise("usage", "send takes a text, got " .. type(message)) end
  if not opts.binary and not utf8.len(message, 1, -1, false) then
    fault.raise("usage", "send: the text is not UTF-8; say binary=true for bytes")
  end
  self.raw:send(message, opts.binary, opts.timeout)
end

function Socket:close(code, reason)
  self.raw:close(code, reason)
end

function Socket:closed()
  return self.raw:closed()
end

Socket.__close = function(self) self:close() end

return M
