---@meta karun
-- luacheck: ignore
-- Waiting, tasks, downloads, files, the network, a database, logs and tests.

---@class karun.wait
local wait = {}

---@param fn function
---@param opts? {timeout?: number, every?: number, what?: string}
---@return any
function wait.until_true(fn, opts) end

---@param tasks table<string, function|karun.Task>
---@return string name
---@return any value
function wait.any(tasks, opts) end

---@param tasks table<string, function|karun.Task>
---@return table<string, any>
function wait.all(tasks, opts) end

function wait.sleep(seconds) end
function wait.timeout(seconds, fn, ...) end

---@class karun.task
local task = {}
---@return karun.Task
function task.spawn(fn, ...) end
function task.scope(fn) end
---@return karun.Queue
function task.queue(size) end
---@return karun.Limit
function task.limit(opts) end
function task.timeout(seconds, fn, ...) end
function task.sleep(seconds) end
function task.retry(opts, fn) end
function task.now() end

---@class karun.Task
local Task = {}
function Task:join() end
---@return boolean
function Task:done() end
function Task:cancel() end

---@class karun.Scope
local Scope = {}
---@return karun.Task
function Scope:spawn(fn, ...) end

---@class karun.Queue
local Queue = {}
function Queue:put(value) end
function Queue:get() end
function Queue:close() end

---@class karun.Limit
local Limit = {}
function Limit:take() end

---@class karun.Download
---@field url string
---@field suggested_name string
local Download = {}

---@return integer received
---@return integer? total
function Download:progress() end
function Download:on_progress(fn) end

---@param opts? {timeout?: number, stall?: number}
function Download:wait(opts) end

---@param path? string
---@param opts? {replace?: boolean, timeout?: number, stall?: number, type?: string, min_size?: integer, size?: integer, sha256?: string, limit?: integer, differs_from?: string[]}
---@return string path
function Download:save(path, opts) end
function Download:cancel() end
---@return string
function Download:sha256(opts) end

---@class karun.ServeOptions
---@field host? string an address; "127.0.0.1"
---@field port? integer 0: any free one
---@field routes? table<string, fun(request: karun.Request): karun.Answer|string|nil> "GET /a/:id/*", the most specific first
---@field static? string a folder, for what no route takes
---@field ws? table<string, fun(socket: karun.Socket, request: karun.Request)>
---@field head_limit? integer bytes, beyond it 431; 32 KB
---@field body_limit? integer bytes, beyond it 413; 16 MB
---@field message_limit? integer bytes of one message of a web socket; 16 MB
---@field idle? number seconds a client may be silent or read nothing; 60

---@class karun.Server
---@field port integer
---@field url string
local Server = {}
function Server:close() end

---@class karun.Request
---@field method string
---@field url string path and query as the client wrote them
---@field path string decoded
---@field query table<string, string|string[]>
---@field headers table<string, string> names in lower case
---@field body string
---@field address string the client's
---@field params table<string, string> of the route: `:name`, and `*` for the rest

---@class karun.Answer
---@field status? integer 200; 204 when a handler returns nothing
---@field reason? string
---@field headers? table<string, string|string[]|false> false: not even the usual one
---@field body? string|fun(): string? a function is called for chunks until nil; after nil it may say "cut" or "reset"
---@field file? string a path, with ranges and conditions
---@field length? integer|false said instead of counted; false: none, the connection's end is the body's end
---@field close? boolean do not keep the connection
---@field abort? "cut"|"reset" break off after the body

---@class karun.Socket
---@field request karun.Request
local Socket = {}
---@param opts? {timeout?: number}
---@return string? message nil once the other side has ended it; then why, and its code
---@return boolean|string is_binary
---@return integer? code
function Socket:receive(opts) end
---@return fun(): string?, boolean
function Socket:messages() end
---@param opts? {binary?: boolean, timeout?: number}
function Socket:send(message, opts) end
function Socket:close(code, reason) end
function Socket:closed() end

---@class karun.json
---@field null any
local json = {}
---@param opts? {pretty?: boolean}
---@return string
function json.encode(value, opts) end
function json.decode(text) end
function json.array(list) end

---@class karun.log
local log = {}
function log.debug(message, fields) end
function log.info(message, fields) end
function log.warn(message, fields) end
function log.error(message, fields) end

---@class karun.Secret

---@class karun.test
local test = {}
---@param opts? {timeout?: number}
function test.test(name, opts, fn) end
function test.ok(value, what) end
function test.equal(got, want, what) end
function test.same(got, want, what) end
function test.match(text, pattern, what) end
---@return karun.Error
function test.error(kind, fn, ...) end
function test.fail(message) end
function test.skip(reason) end
function test.after(fn) end
---@return karun.Browser
function test.browser(opts) end
---@return karun.Page
function test.page(opts) end
---@return karun.Server
function test.serve(routes) end
---@return karun.Page page
---@return karun.Server server
function test.html(html, opts) end
---@return string
function test.tmp() end
---@param opts? {env?: table, input?: string, timeout?: number, cwd?: string, program?: string}
---@return table
function test.run(argv, opts) end
