---@meta karun
-- luacheck: ignore
-- The front door: `local karun = require "karun"`. Time is in seconds, sizes in bytes; options are one
-- table, always last; an unknown option is an error. Every call that waits takes `timeout`.

---@class karun
---@field browser karun.browser
---@field dom karun.dom
---@field wait karun.wait
---@field file karun.file
---@field http karun.http
---@field json karun.json
---@field task karun.task
---@field store karun.store
---@field log karun.log
---@field trace karun.trace
---@field term karun.term
---@field timing karun.timing
---@field args string[]
local karun = {}

--- Starts a browser. Without `profile` the profile is private and removed at the end.
---@param opts? karun.LaunchOptions
---@return karun.Browser
function karun.launch(opts) end

--- Attaches to a running browser: "ws://…", "http://host:port" or "grid+http://host:4444".
--- `heartbeat`: seconds between signs of life that are asked for (5); silent for two more, it is gone.
---@param url string
---@param opts? {timeout?: number, downloads?: string, slow?: number, heartbeat?: number}
---@return karun.Browser
function karun.connect(url, opts) end

--- Makes an error of your own: `error(karun.error("not_found", "no such row"))`.
---@param kind string
---@param message string
---@param fields? table
---@return karun.Error
function karun.error(kind, message, fields) end

--- As pcall, with an error object guaranteed.
---@param fn function
---@param ... any
---@return boolean ok
---@return any values_or_error
function karun.try(fn, ...) end

--- Calls fn until it succeeds; waits err.retry_after where there is one.
---@param opts {tries?: integer, delay?: number, factor?: number, max_delay?: number, jitter?: number, on?: string[]}
---@param fn function
---@return any
function karun.retry(opts, fn) end

--- The monotonic clock, in seconds.
---@return number
function karun.now() end

--- Rests. For manners, never as a wait.
---@param seconds number
function karun.sleep(seconds) end

--- fn's results, or a `timeout` error, fn cancelled.
---@param seconds number
---@param fn function
---@param ... any
---@return any
function karun.timeout(seconds, fn, ...) end

--- Starts a task.
---@param fn function
---@param ... any
---@return karun.Task
function karun.spawn(fn, ...) end

--- Every task spawned in it has ended, or was cancelled, when it returns.
---@param fn fun(scope: karun.Scope)
---@return any
function karun.scope(fn) end

--- Hands values from task to task; holds `size` of them.
---@param size? integer
---@return karun.Queue
function karun.queue(size) end

--- At most so many a second: `:take()` waits for its turn.
---@param opts {rate: number, burst?: integer}
---@return karun.Limit
function karun.limit(opts) end

--- Times fn; spans nest and land in the trace.
---@param name string
---@param fields? table
---@param fn function
---@return any
function karun.span(name, fields, fn) end

--- Shows where the run is.
---@param fields table
function karun.progress(fields) end

--- Declares a flow's options, gives it --help, answers the values.
---@param spec table
---@return table<string, any>
function karun.options(spec) end

--- A checked, data-only table of urls, selectors and texts; without a name the one of --site.
---@param name? string
---@return table
function karun.site(name) end

--- { calls, events, dropped, tasks, waits, timers }
---@return table<string, integer>
function karun.stats() end

--- A value for fill, type, http_auth and headers; as text it is ***.
---@param name string
---@return karun.Secret
function karun.secret(name) end

--- A small HTTP server on loopback.
---@param opts karun.ServeOptions
---@return karun.Server
function karun.serve(opts) end

---@class karun.LaunchOptions
---@field engine? string
---@field executable? string
---@field headless? boolean
---@field profile? string
---@field args? string[]
---@field viewport? table
---@field locale? string
---@field proxy? string
---@field downloads? string
---@field slow? number
---@field env? table
---@field sandbox? boolean|"auto"
---@field timeout? number

---@class karun.Error
---@field kind string
---@field message string
---@field timed_out? boolean
---@field selector? string
---@field url? string
---@field status? integer
---@field timeout? number
---@field waited_for? string
---@field last_state? string
---@field covered_by? string
---@field matches? any
---@field net? string
---@field path? string
---@field pid? integer
---@field stderr? string
---@field stack? string
---@field retry_after? number
---@field navigated_away? boolean
---@field cause? any
---@field where? string
---@field traceback? string
