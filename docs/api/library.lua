---@meta karun
-- luacheck: ignore
-- Waiting, tasks, downloads, files, the network, a database, logs and tests.

---@class karun.wait
local wait = {}

--- Asks fn every `every` seconds until it answers something true, which is the answer. For what no page can tell.
---@param fn function
---@param opts? {timeout?: number, every?: number, what?: string}
---@return any
function wait.until_true(fn, opts) end

--- Runs the functions as tasks; answers name and results of the first to end, the others cancelled.
---@param tasks table<string, function|karun.Task>
---@return string name
---@return any value
function wait.any(tasks, opts) end

--- Runs the functions as tasks; answers their values under the same names. The first error cancels the rest.
---@param tasks table<string, function|karun.Task>
---@return table<string, any>
function wait.all(tasks, opts) end

--- Rests. For manners, never as a wait.
function wait.sleep(seconds) end
function wait.timeout(seconds, fn, ...) end

---@class karun.task
local task = {}
--- As `karun.spawn`.
---@return karun.Task
function task.spawn(fn, ...) end

--- As `karun.scope`.
function task.scope(fn) end

--- As `karun.queue`.
---@return karun.Queue
function task.queue(size) end

--- As `karun.limit`.
---@return karun.Limit
function task.limit(opts) end

--- As `karun.timeout`.
function task.timeout(seconds, fn, ...) end

--- As `karun.sleep`.
function task.sleep(seconds) end

--- As `karun.retry`.
function task.retry(opts, fn) end

--- As `karun.now`.
function task.now() end

---@class karun.Task
local Task = {}
--- Waits for its end: the results of its function, or its error.
function Task:join() end

--- Has it ended?
---@return boolean
function Task:done() end

--- Its present or next wait raises `cancelled`, so that it can tidy up.
function Task:cancel() end

---@class karun.Scope
local Scope = {}
--- A task that has ended when the scope returns.
---@return karun.Task
function Scope:spawn(fn, ...) end

---@class karun.Queue
local Queue = {}
--- Waits while the queue is full.
function Queue:put(value) end

--- Waits for a value; nil once it is closed and empty.
function Queue:get() end

--- No more values; what is in it can still be fetched.
function Queue:close() end

---@class karun.Limit
local Limit = {}
function Limit:take() end

---@class karun.Download
---@field url string
---@field suggested_name string
local Download = {}

--- Bytes so far, and how many there will be where that is known.
---@return integer received
---@return integer? total
function Download:progress() end

--- Calls fn(received, total) as bytes come.
function Download:on_progress(fn) end

--- Waits for its end. `timeout` is for the whole file (900 s), `stall` for a silence.
---@param opts? {timeout?: number, stall?: number}
function Download:wait(opts) end

--- Waits for its end and puts it in place, whole or not at all; answers the path it got. `type`, `min_size`, `size`, `sha256`, `limit` and `differs_from` say what must be true of it.
---@param path? string
---@param opts? {replace?: boolean, timeout?: number, stall?: number, type?: string, min_size?: integer, size?: integer, sha256?: string, limit?: integer, differs_from?: string[]}
---@return string path
function Download:save(path, opts) end

--- Stops it; a pending wait ends as `cancelled`.
function Download:cancel() end

--- Waits for its end; the hash in hex.
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
--- Stops listening and closes what is open.
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
--- The next message.
---@param opts? {timeout?: number}
---@return string? message nil once the other side has ended it; then why, and its code
---@return boolean|string is_binary
---@return integer? code
function Socket:receive(opts) end

--- For a `for` loop: each message until the end.
---@return fun(): string?, boolean
function Socket:messages() end

--- Sends a text, or bytes with `binary`.
---@param opts? {binary?: boolean, timeout?: number}
function Socket:send(message, opts) end

--- Ends it, with a code and words for the other side.
function Socket:close(code, reason) end
function Socket:closed() end

---@class karun.json
---@field null any
local json = {}
--- A value as JSON. An empty table is an object; `json.array{}` makes it a list.
---@param opts? {pretty?: boolean}
---@return string
function json.encode(value, opts) end

--- JSON as Lua values; null comes as `json.null`.
function json.decode(text) end

--- Marks a table as a list, also an empty one.
function json.array(list) end

---@class karun.log
local log = {}
--- Shown with -v, kept in the run folder always.
function log.debug(message, fields) end

--- For a person: short, no internals.
function log.info(message, fields) end

--- Something is odd, and the flow goes on.
function log.warn(message, fields) end

--- Something failed.
function log.error(message, fields) end

---@class karun.Secret

---@class karun.test
local test = {}
--- A test: fn runs with fresh fixtures; what it leaves behind fails it.
---@param opts? {timeout?: number}
function test.test(name, opts, fn) end

--- The value must be true.
function test.ok(value, what) end

--- Both must be equal, tables by content.
function test.equal(got, want, what) end

--- Both must be the very same.
function test.same(got, want, what) end

--- The text must hold the Lua pattern.
function test.match(text, pattern, what) end

--- fn must raise an error of this kind, which is the answer.
---@return karun.Error
function test.error(kind, fn, ...) end

--- Fails the test.
function test.fail(message) end

--- Ends the test as skipped.
function test.skip(reason) end

--- fn runs when the test has ended, last first.
function test.after(fn) end

--- The browser of the run; with options one of the test's own.
---@return karun.Browser
function test.browser(opts) end

--- A fresh page in a context of its own; a picture of it is kept when the test fails.
---@return karun.Page
function test.page(opts) end

--- A server on loopback, closed with the test.
---@return karun.Server
function test.serve(routes) end

--- A fresh page that shows this HTML.
---@return karun.Page page
---@return karun.Server server
function test.html(html, opts) end

--- A private folder.
---@return string
function test.tmp() end

--- Runs karun with these arguments: { code, out, err }.
---@param opts? {env?: table, input?: string, timeout?: number, cwd?: string, program?: string}
---@return table
function test.run(argv, opts) end
