---@meta karun
-- luacheck: ignore

---@class karun.browser
local browser_module = {}

---@param opts? karun.LaunchOptions
---@return karun.Browser
--- As `karun.launch`.
function browser_module.launch(opts) end

---@param url string
---@param opts? karun.LaunchOptions
---@return karun.Browser
--- As `karun.connect`.
function browser_module.connect(url, opts) end

-- What a browser and a context have in common.
---@class karun.Context
local Context = {}

--- A new page, shown in a tab of its own.
---@param opts? {viewport?: table, locale?: string, timezone?: string, user_agent?: string, headers?: table, http_auth?: table, init_script?: string, session?: string, timeout?: number}
---@return karun.Page
function Context:page(opts) end

--- Its open pages, in the order they came.
---@return karun.Page[]
function Context:pages() end

--- The cookies sent to these addresses; all when none are given.
---@param urls? string|string[]
---@return table[]
function Context:cookies(urls) end

--- Sets cookies: a list of { name, value, domain, path, expires, http_only, secure, same_site }.
---@param cookies table[]
function Context:set_cookies(cookies) end

--- Forgets all cookies.
function Context:clear_cookies() end

--- Writes cookies and local storage to a 0600 file.
---@param file string
function Context:save_session(file) end

--- true, or false when there is none or a broken one, which is set aside.
---@param file string
---@return boolean
function Context:load_session(file) end

--- As page:route, for all pages of the context, their popups and workers.
---@param pattern string|function
---@param handler fun(request: karun.RoutedRequest)
---@return function off
function Context:route(pattern, handler) end

--- Calls fn at each event: "page" for a new page, and the events of all its pages. The answer switches it off.
---@param event string
---@param fn function
---@return function off
function Context:on(event, fn) end

function Context:close() end

---@class karun.Browser : karun.Context
---@field pid? integer
---@field profile? string
local Browser = {}

--- Isolated cookies.
---@param opts? {viewport?: table, locale?: string, timezone?: string, user_agent?: string, headers?: table, http_auth?: table, init_script?: string, session?: string, timeout?: number}
---@return karun.Context
function Browser:context(opts) end

--- Name and version, as "Chrome/156.0.1".
---@return string
function Browser:version() end
