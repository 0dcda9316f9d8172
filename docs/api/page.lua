---@meta karun
-- luacheck: ignore

-- What a page and a frame have in common; a locator's verbs too, with the selector put first.
---@class karun.Frame : karun.Dom
---@field name string
---@field parent? karun.Frame
local Frame = {}

---@return string
function Frame:url() end

--- Its first truthy value; survives navigation.
---@param js string
---@param opts? {args?: table, timeout?: number}
---@return any
function Frame:wait_js(js, opts) end

---@param selector string|string[]
---@param opts? {button?: string, count?: integer, modifiers?: string[], at?: table, force?: boolean, timeout?: number, becomes?: table, again?: number}
function Frame:click(selector, opts) end

---@param selector string|string[]
---@param text string|karun.Secret
---@param opts? {verify?: boolean, timeout?: number, force?: boolean}
---@return string
function Frame:fill(selector, text, opts) end

---@param selector string|string[]
---@param text string|karun.Secret
---@param opts? {delay?: number, verify?: boolean, timeout?: number}
---@return string
function Frame:type(selector, text, opts) end

function Frame:check(selector, opts) end
function Frame:uncheck(selector, opts) end
function Frame:select(selector, option, opts) end
function Frame:hover(selector, opts) end
function Frame:drag_to(selector, target, opts) end
function Frame:upload(selector, path, opts) end
function Frame:focus(selector, opts) end
function Frame:scroll_into_view(selector, opts) end
function Frame:text(selector, opts) end
function Frame:attr(selector, name, opts) end
function Frame:value(selector, opts) end
function Frame:has_class(selector, class, opts) end
function Frame:visible(selector) end
function Frame:enabled(selector, opts) end
function Frame:checked(selector, opts) end
function Frame:exists(selector) end
function Frame:box(selector, opts) end
function Frame:count(selector) end
function Frame:texts(selector) end
function Frame:attrs(selector, name) end

---@return karun.Locator
function Frame:first(selector) end

---@return karun.Locator
function Frame:last(selector) end

---@return karun.Locator
function Frame:nth(selector, i) end

---@return karun.Locator
function Frame:filter(selector, opts) end

---@return karun.Locator
function Frame:pin(selector) end

---@return karun.Locator[]
function Frame:all(selector) end

---@return karun.Locator
function Frame:wait(selector, opts) end

---@class karun.Page : karun.Frame
---@field mouse karun.Mouse
---@field keyboard karun.Keyboard
---@field context karun.Context
local Page = {}

--- A 404 is a result, or with ok=true an `http` error.
---@param url string
---@param opts? {wait?: string, timeout?: number, referer?: string, ok?: boolean}
---@return karun.Response
function Page:open(url, opts) end

---@param opts? {wait?: string, timeout?: number, referer?: string, ok?: boolean}
---@return karun.Response
function Page:reload(opts) end

---@param opts? {wait?: string, timeout?: number, referer?: string, ok?: boolean}
---@return karun.Response?
function Page:back(opts) end

---@param opts? {wait?: string, timeout?: number, referer?: string, ok?: boolean}
---@return karun.Response?
function Page:forward(opts) end

---@return string
function Page:title() end

---@return string
function Page:html() end

---@param html string
function Page:set_html(html) end

---@return karun.Page?
function Page:opener() end

---@return boolean
function Page:closed() end

function Page:bring_to_front() end

---@param opts? {unload?: boolean}
function Page:close(opts) end

---@param js string
function Page:add_init_script(js) end

---@return karun.Frame[]
function Page:frames() end

---@return karun.Frame
function Page:main_frame() end

---@param which string|karun.Locator
---@param opts? {timeout?: number}
---@return karun.Frame
function Page:frame(which, opts) end

---@param keys string
function Page:press(keys, opts) end

---@param path? string
---@param opts? {full?: boolean, clip?: table, timeout?: number}
---@return string?
function Page:screenshot(path, opts) end

---@param path string
function Page:pdf(path, opts) end

---@param width integer
---@param height integer
function Page:set_viewport(width, height) end

---@param opts {media?: string, color_scheme?: string, offline?: boolean, timezone?: string, user_agent?: string}
function Page:emulate(opts) end

---@return table[]
function Page:workers() end

---@param pattern string|function
---@param handler function
---@return function off
function Page:route(pattern, handler) end

---@param event string
---@param fn function
---@return function off
function Page:on(event, fn) end

--- Arms the wait, runs the action, returns the event and the action's results.
---@param event string
---@param action function
---@param opts? {match?: any, count?: integer, timeout?: number}
---@return any
function Page:expect(event, action, opts) end

---@return table[] messages
---@return integer dropped
function Page:console() end

--- The escape hatch: one protocol call.
---@param method string
---@param params? table
---@return table
function Page:cdp(method, params) end

---@param pattern string|function
---@param opts? {timeout?: number}
function Page:wait_url(pattern, opts) end

---@param state? string
---@param opts? {timeout?: number}
function Page:wait_load(state, opts) end

---@param pattern string|function
---@param opts? {timeout?: number}
---@return table
function Page:wait_request(pattern, opts) end

---@param pattern string|function
---@param opts? {timeout?: number}
---@return karun.Response
function Page:wait_response(pattern, opts) end

---@param opts? {network?: number, dom?: number, timeout?: number}
function Page:wait_quiet(opts) end

---@class karun.Response
---@field status integer
---@field url string
---@field headers table<string, string>
---@field redirects string[]
---@field request table
---@field download? karun.Download
local Response = {}

---@return string
function Response:body() end

---@return any
function Response:json() end

---@class karun.Mouse
local Mouse = {}
---@param opts? {steps?: integer}
function Mouse:move(x, y, opts) end
function Mouse:down(opts) end
function Mouse:up(opts) end
function Mouse:click(x, y, opts) end
function Mouse:wheel(dx, dy) end

---@class karun.Keyboard
local Keyboard = {}
function Keyboard:press(keys) end
function Keyboard:down(key) end
function Keyboard:up(key) end
function Keyboard:type(text, opts) end
