-- karun.http: the direct way to an address, without a browser. `fetch` answers the whole body in
-- memory, or lands it in a file under the rules of a download's `save`.

local ask = require "karun.http.ask"
local fault = require "karun.error"
local known = require "karun.known"
local landing = require "karun.landing"
local native = require "karun.native.http"
local native_log = require "karun.native.log"
local task = require "karun.native.task"
local trace = require "karun.trace"
local transfer = require "karun.http.transfer"

local M = {}

local options = landing.options {
  "cookies", "method", "headers", "body", "multipart", "to", "resume", "stall", "timeout", "limit", "tries", "ok",
  "on_progress", "redirects",
}

local defaults = {
  timeout = 30, file_timeout = 900, -- seconds for the whole, tries and pauses included
  stall = 30,                       -- seconds without a byte
  memory = 256 << 20, file = 4 << 30, -- bytes of a body
  redirects = 20,                   -- as browsers
  pause = 0.5, longest_pause = 60,  -- seconds between tries: the first, and the longest a server may ask for
}

local Response = {}
local response_meta = {
  __name = "karun.response",
  __index = known.methods("response", Response, { "status", "url", "headers", "body", "path", "size", "suggested_name" }),
}

function Response:json()
  local body = self.body or require("karun.file").read(self.path)
  return require("karun.json").decode(body)
end

-- A password in an address is nobody's business.
local function show(url)
  return (url:gsub("^(%a+://)[^/?#]*@", "%1"))
end

local function left(job)
  return math.max(0, job.deadline - task.now())
end

local function http_fault(job, status, url, retry_after)
  return fault.new("http", ("%s %s answered %d%s"):format(job.method, show(url), status,
    retry_after and (", to be tried again after %g s"):format(retry_after) or ""),
    { status = status, url = url, retry_after = retry_after })
end

local final_net = { -- what another try will not change
  ["net::ERR_CERT_INVALID"] = true, ["net::ERR_TOO_MANY_REDIRECTS"] = true, ["net::ERR_UNSAFE_REDIRECT"] = true,
}

-- The seconds before the next try, or nil when there should be none.
local function pause_after(job, err)
  local busy = err.status and (err.status == 429 or err.status >= 500)
  local may = busy or err.kind == "incomplete" or err.kind == "stalled"
    or (err.kind == "net" and not final_net[err.net])
  if not may or job.try >= job.tries then return nil end
  local pause = defaults.pause * 2 ^ (job.try - 1) * (0.75 + math.random() / 2)
  if err.retry_after then pause = err.retry_after end
  if pause > defaults.longest_pause or pause >= left(job) then return nil end
  return pause
end

-- A status that is no success: tried again where that may help, else an error only where success was asked for.
local function raise_status(job, answer, retry_after)
  local err = http_fault(job, answer.status, answer.url, retry_after)
  err.pause = pause_after(job, err)
  if err.pause or job.ok then error(err, 0) end
end

-- The body piece by piece, so that progress can be told.
local function receive(job, request, fd, limit, have, total)
  repeat
    local finished = request:receive(fd, limit, job.opts.on_progress ~= nil, left(job))
    if job.opts.on_progress then job.opts.on_progress(have + request:received(), total) end
  until finished
end

local function to_memory(job, request, answer)
  local total = not answer.headers["content-encoding"] and answer.total or nil
  receive(job, request, -1, job.limit, 0, total)
  answer.body = request:body()
  answer.size = #answer.body
end

local function to_file(job, request, answer)
  local way = job.transfer
  way:begin(answer.status, answer.headers, answer.total)
  way:check_room(job.limit)
  local ok, err = pcall(receive, job, request, job.transfer.part:fd(), job.limit - way.have, way.have, way.total)
  way:received(request:received())
  if not ok then error(err, 0) end
  if way.total and way.have ~= way.total then
    fault.raise("incomplete", ("%d bytes came, %d were told"):format(way.have, way.total))
  end
  way:check_size(job.opts.size)
end

-- One request and its whole answer.
local function attempt(job)
  local headers = table.move(job.headers, 1, #job.headers, 1, {})
  if job.transfer then
    local range = job.transfer:range_headers()
    table.move(range, 1, #range, #headers + 1, headers)
  end
  local request <close> = native.request {
    url = job.url, method = job.method, headers = headers, cookies = job.cookies, body = job.opts.body,
    parts = job.parts, redirects = job.redirects, stall = job.stall, compressed = not job.transfer,
  }
  local status, url, head, total, retry_after = request:send(left(job))
  local answer = { status = status, url = url, headers = ask.parse_head(head), total = total }
  answer.suggested_name = ask.suggested_name(url, answer.headers)
  if job.transfer and status == 416 and job.transfer.asked then job.transfer:refused() end
  if status < 200 or status > 299 then raise_status(job, answer, retry_after) end
  if job.transfer then to_file(job, request, answer) else to_memory(job, request, answer) end
  answer.total = nil
  return answer
end

-- What the person reads: which address, and how often it was tried.
local function told(job, err)
  if not fault.is(err) or err.kind == "cancelled" or err.kind == "interrupted" then return err end
  err.url = err.url or job.url
  err.pause = nil
  if err.kind ~= "http" then
    err.message = ("%s %s: %s"):format(job.method, show(job.url), err.message)
  end
  if err.kind == "timeout" then err.timeout = job.timeout end
  if job.try > 1 then err.message = ("%s (try %d of %d)"):format(err.message, job.try, job.tries) end
  return err
end

local function run(job)
  while true do
    local ok, answer = pcall(attempt, job)
    if ok then return answer end
    local err = fault.of(answer)
    local pause = err.pause or pause_after(job, err)
    if not pause then error(told(job, err), 0) end
    task.sleep(pause)
    job.try = job.try + 1
  end
end

local safe_methods = { GET = true, HEAD = true, PUT = true, DELETE = true, OPTIONS = true }

local function headers_of(opts)
  local lines, names = ask.headers(opts.headers)
  if not names["user-agent"] then lines[#lines + 1] = "User-Agent: karun/" .. native_log.version end
  lines[#lines + 1] = "Expect:" -- never wait for leave to send a body
  return lines
end

local function new_job(url, opts)
  local to = opts.to
  local method = opts.method or ((opts.body or opts.multipart) and "POST" or "GET")
  if type(method) ~= "string" or not method:match("^%a+$") then
    fault.raise("usage", "http.fetch: method is a word like GET, got " .. tostring(method))
  end
  local job = {
    url = ask.url(url), method = method:upper(), opts = opts, headers = headers_of(opts),
    cookies = ask.cookies(opts.cookies, url), parts = ask.parts(opts.multipart),
    timeout = opts.timeout or (to and defaults.file_timeout or defaults.timeout),
    stall = opts.stall or defaults.stall, redirects = opts.redirects or defaults.redirects,
    limit = opts.limit or (to and defaults.file or defaults.memory), ok = opts.ok or to ~= nil, try = 1,
  }
  -- a form sent twice may be two orders: only who asks for it gets more tries
  job.tries = opts.tries or (safe_methods[job.method] and 3 or 1)
  job.deadline = task.now() + job.timeout
  return job
end

local function fetch_file(job, opts)
  landing.validate(opts, opts.to, "http.fetch")
  local folder = landing.target(opts.to)
  local way <close> = transfer.new(folder, opts.resume ~= false)
  job.transfer = way
  local answer = run(job)
  landing.check(way:path(), opts, ("%s %s"):format(job.method, show(job.url)))
  answer.size = way.have
  answer.path = landing.place(way:path(), opts.to, { replace = opts.replace, name = answer.suggested_name })
  return answer
end

-- fetch(url, options) -> { status, url, headers, body | path, size, json() }
function M.fetch(url, opts)
  opts = known.check(opts, options, "http.fetch")
  if opts.body ~= nil and type(opts.body) ~= "string" then
    fault.raise("usage", "http.fetch: body is a text; multipart is for forms")
  end
  local job = new_job(url, opts)
  local answer = opts.to and fetch_file(job, opts) or run(job)
  return setmetatable(answer, response_meta)
end

trace.wrap(M, { "fetch" }, { kind = "request", prefix = "http.", site = true, shows_arg = true })

return setmetatable(M, { __index = known.methods("karun.http", M) })
