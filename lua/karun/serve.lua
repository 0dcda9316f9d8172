-- karun.serve: a small HTTP/1.1 server for pages, stand-ins and tests, on loopback by default.
--
--   local server = karun.serve {
--     routes = { ["GET /hello/:name"] = function(request) return "hello " .. request.params.name end },
--     static = "public", ws = { ["/echo"] = function(socket) socket:send(socket:receive()) end },
--   }
--   server.url, server.port, server:close()
--
-- A handler is a task: it may wait, others go on. It returns a text, nothing (204), or a table:
-- status, headers (a list as value: several of one name; false: not even the usual one), body (a text, or
-- a function called for chunks until nil), file (a path, with ranges), length (said instead of counted;
-- false: none, the connection's end is the end), close, abort ("cut", "reset": break off after the body).
-- An error in a handler is logged and answered with 500; in a body function it resets the connection.

local answers = require "karun.serve.answer"
local fault = require "karun.error"
local known = require "karun.known"
local log = require "karun.log"
local native = require "karun.native.serve"
local native_task = require "karun.native.task"
local requests = require "karun.serve.request"
local route = require "karun.serve.route"
local static = require "karun.serve.static"
local sockets = require "karun.serve.socket"

local M = {}

local option_names = { "host", "port", "routes", "static", "ws", "head_limit", "body_limit", "message_limit", "idle" }

local Server = { __name = "karun.server" }
known.class("a server", Server, { "port", "url" })

local function report(request, err)
  log.error(("%s %s: %s"):format(request.method, request.url or "", tostring(err)))
end

local function on_error(err)
  err = fault.of(err)
  if not rawget(err, "traceback") then err.traceback = debug.traceback("", 2) end
  return err
end

-- ---- one request ----

local function wants_socket(request)
  local headers = request.headers
  return request.method == "GET" and (headers.upgrade or ""):lower() == "websocket"
    and (headers.connection or ""):lower():find("upgrade", 1, true) ~= nil
end

-- The answer to a request that is no web socket's.
local function answer_of(server, request)
  local handler, found = route.find(server.routes, request.method, request.path)
  if handler then
    request.params = found
    local answer = answers.check(handler(request))
    return answer.file and static.of_answer(request, answer) or answer
  end
  local is_read = request.method == "GET" or request.method == "HEAD"
  if server.static and is_read then return static.of_folder(request, server.static) end
  if server.static and static.of_folder(request, server.static).status ~= 404 then found = { "GET" } end
  if #found == 0 then return answers.plain(404) end
  return answers.plain(405, { allow = table.concat(found, ", ") })
end

local function give_up(exchange, request, err)
  local is_away = err.kind == "net" or err.kind == "cancelled"
  if not is_away then report(request, err) end
  exchange:abort(true)
end

local function serve_socket(server, exchange, request)
  local handler, params = route.find(server.sockets, nil, request.path)
  if not handler or request.headers["sec-websocket-version"] ~= "13" or not request.headers["sec-websocket-key"] then
    local plain = handler and answers.plain(426, { ["sec-websocket-version"] = "13" }) or answers.plain(404)
    return answers.send(exchange, answers.prepare(request, plain))
  end
  request.params = params
  local raw = exchange:upgrade(server.message_limit)
  if not raw then return end
  local socket = sockets.new(raw, request)
  server.open_sockets[socket] = true
  local ok, err = xpcall(handler, on_error, socket, request)
  if not ok and err.kind ~= "net" and err.kind ~= "cancelled" then report(request, err) end
  server.open_sockets[socket] = nil
  socket:close(ok and 1000 or 1011)
end

local function prepared(server, request)
  return answers.prepare(request, answer_of(server, request))
end

local function serve_request(server, exchange, request)
  if not requests.complete(request) then
    return answers.send(exchange, answers.prepare(request, answers.plain(400)))
  end
  if wants_socket(request) then return serve_socket(server, exchange, request) end
  local ok, plan = xpcall(prepared, on_error, server, request)
  if not ok then
    if plan.kind ~= "cancelled" then report(request, plan) end
    plan = answers.prepare(request, answers.plain(500))
  end
  answers.send(exchange, plan)
end

local function handle(server, exchange, request)
  local ok, err = xpcall(serve_request, on_error, server, exchange, request)
  if not ok then give_up(exchange, request, err) end
  server.tasks[native_task.running()] = nil
end

local function accept_all(server)
  while true do
    local exchange, request = server.native:accept()
    if not exchange then return end
    server.tasks[native_task.spawn(handle, server, exchange, request)] = true
  end
end

-- ---- the server ----

local function check_size(opts, name, default)
  local value = opts[name]
  if value == nil then return default end
  value = math.tointeger(value)
  if not value or value < 0 or value > 1 << 40 then
    fault.raise("usage", ("karun.serve: `%s` is a number of bytes, got %s"):format(name, tostring(opts[name])))
  end
  return value
end

local function check_port(port)
  local number = math.tointeger(port or 0)
  if number and number >= 0 and number <= 65535 then return number end
  fault.raise("usage", ("karun.serve: `port` is a whole number from 0 (any) to 65535, got %s"):format(tostring(port)))
end

local function open(opts)
  opts = known.check(opts, option_names, "karun.serve")
  local host = opts.host == "localhost" and "127.0.0.1" or opts.host or "127.0.0.1"
  local server = setmetatable({
    routes = route.compile(opts.routes, true),
    sockets = route.compile(opts.ws, false),
    static = opts.static and opts.static:gsub("(.)/+$", "%1") or false,
    message_limit = check_size(opts, "message_limit", 16 << 20),
    tasks = {}, open_sockets = {},
  }, Server)
  server.native = native.open {
    host = host, port = check_port(opts.port), head_limit = check_size(opts, "head_limit", 32 << 10),
    body_limit = check_size(opts, "body_limit", 16 << 20), idle = opts.idle or 60,
  }
  server.port = server.native:port()
  server.url = ("http://%s:%d"):format(host:find(":", 1, true) and "[" .. host .. "]" or host, server.port)
  native_task.spawn(accept_all, server)
  return server
end

-- Ends at once: listening, open connections, web sockets, and handlers that wait.
function Server:close()
  self.native:close()
  for socket in pairs(self.open_sockets) do
    socket:close(1001)
  end
  local running = native_task.running()
  for task in pairs(self.tasks) do
    if task ~= running then task:cancel() end
  end
end

Server.__close = Server.close

function Server:__tostring()
  return "server at " .. self.url
end

function M.serve(opts)
  return open(opts)
end

return setmetatable(M, { __call = function(_, opts) return open(opts) end })
