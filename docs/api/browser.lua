---@meta karun
-- luacheck: ignore

---@class karun.browser
local browser_module = {}

---@param opts? karun.LaunchOptions
---@return karun.Browser
function browser_module.launch(opts) end

---@param url string
---@param opts? karun.LaunchOptions
---@return karun.Browser
function browser_module.connect(url, opts) end

-- What a browser and a context have in common.
---@class karun.Context
local Context = {}

---@param opts? {viewport?: table, locale?: string, timezone?: string, user_agent?: string, headers?: table, http_auth?: table, init_script?: string, session?: string, timeout?: number}
---@return karun.Page
function Context:page(opts) end

---@return karun.Page[]
function Context:pages() end

---@param urls? string|string[]
---@return table[]
function Context:cookies(urls) end

---@param cookies table[]
function Context:set_cookies(cookies) end

function Context:clear_cookies() end

--- Writes cookies and local storage to a 0600 file.
---@param file string
function Context:save_session(file) end

--- true, or false when there is none or a broken one, which is set aside.
---@param file string
---@return boolean
function Context:load_session(file) end

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

---@return string
function Browser:version() end
