---@meta karun
-- luacheck: ignore

-- What a page and a frame have in common; a locator's verbs too, with the selector put first.
---@class karun.Frame : karun.Dom
---@field name string
---@field parent? karun.Frame
local Frame = {}

--- Its address.
---@return string
function Frame:url() end

--- Its first truthy value; survives navigation.
---@param js string
---@param opts? {args?: table, timeout?: number}
---@return any
function Frame:wait_js(js, opts) end

--- `find(selector):click(…)` in one call.
---@param selector string|string[]
---@param opts? {button?: string, count?: integer, modifiers?: string[], at?: table, force?: boolean, timeout?: number, becomes?: table, again?: number}
function Frame:click(selector, opts) end

--- `find(selector):fill(…)` in one call.
---@param selector string|string[]
---@param text string|karun.Secret
---@param opts? {verify?: boolean, timeout?: number, force?: boolean}
---@return string
function Frame:fill(selector, text, opts) end

--- `find(selector):type(…)` in one call.
---@param selector string|string[]
---@param text string|karun.Secret
---@param opts? {delay?: number, verify?: boolean, timeout?: number}
---@return string
function Frame:type(selector, text, opts) end

--- `find(selector):check(…)` in one call.
function Frame:check(selector, opts) end

--- `find(selector):uncheck(…)` in one call.
function Frame:uncheck(selector, opts) end

--- `find(selector):select(…)` in one call.
function Frame:select(selector, option, opts) end

--- `find(selector):hover(…)` in one call.
function Frame:hover(selector, opts) end

--- `find(selector):drag_to(…)` in one call.
function Frame:drag_to(selector, target, opts) end

--- `find(selector):upload(…)` in one call.
function Frame:upload(selector, path, opts) end

--- `find(selector):focus(…)` in one call.
function Frame:focus(selector, opts) end

--- `find(selector):scroll_into_view(…)` in one call.
function Frame:scroll_into_view(selector, opts) end

--- `find(selector):text(…)` in one call.
function Frame:text(selector, opts) end

--- `find(selector):attr(…)` in one call.
function Frame:attr(selector, name, opts) end

--- `find(selector):value(…)` in one call.
function Frame:value(selector, opts) end

--- `find(selector):has_class(…)` in one call.
function Frame:has_class(selector, class, opts) end

--- `find(selector):visible(…)` in one call.
function Frame:visible(selector) end

--- `find(selector):enabled(…)` in one call.
function Frame:enabled(selector, opts) end

--- `find(selector):checked(…)` in one call.
function Frame:checked(selector, opts) end

--- `find(selector):exists(…)` in one call.
function Frame:exists(selector) end

--- `find(selector):box(…)` in one call.
function Frame:box(selector, opts) end

--- `find(selector):count(…)` in one call.
function Frame:count(selector) end

--- `find(selector):texts(…)` in one call.
function Frame:texts(selector) end

--- `find(selector):attrs(…)` in one call.
function Frame:attrs(selector, name) end

--- `find(selector):first(…)` in one call.
---@return karun.Locator
function Frame:first(selector) end

--- `find(selector):last(…)` in one call.
---@return karun.Locator
function Frame:last(selector) end

--- `find(selector):nth(…)` in one call.
---@return karun.Locator
function Frame:nth(selector, i) end

--- `find(selector):filter(…)` in one call.
---@return karun.Locator
function Frame:filter(selector, opts) end

--- `find(selector):pin(…)` in one call.
---@return karun.Locator
function Frame:pin(selector) end

--- `find(selector):all(…)` in one call.
---@return karun.Locator[]
function Frame:all(selector) end

--- `find(selector):wait(…)` in one call.
---@return karun.Locator
function Frame:wait(selector, opts) end

-- A request that a route has stopped. It ends once.
---@class karun.RoutedRequest
---@field url string
---@field method string
---@field headers table<string, string>
---@field body? string
---@field kind string "document", "image", "fetch", "xhr", "script", …
local RoutedRequest = {}

--- Goes on, as it was or changed; headers lie over its own, false takes one away.
---@param opts? {url?: string, method?: string, headers?: table, body?: string}
function RoutedRequest:continue(opts) end

--- An answer of your own; the request does not leave the browser.
---@param opts? {status?: integer, headers?: table, body?: string}
function RoutedRequest:fulfill(opts) end

--- Fails for the page: "blocked" (the default), "failed", "connection_refused", "timed_out", ….
---@param opts? {reason?: string}
function RoutedRequest:abort(opts) end

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

--- Loads the page again.
---@param opts? {wait?: string, timeout?: number, referer?: string, ok?: boolean}
---@return karun.Response
function Page:reload(opts) end

--- As the back button; nil when there is nowhere to go.
---@param opts? {wait?: string, timeout?: number, referer?: string, ok?: boolean}
---@return karun.Response?
function Page:back(opts) end

--- As the forward button.
---@param opts? {wait?: string, timeout?: number, referer?: string, ok?: boolean}
---@return karun.Response?
function Page:forward(opts) end

--- The document's title.
---@return string
function Page:title() end

--- The document as it stands now.
---@return string
function Page:html() end

--- Replaces the document.
---@param html string
function Page:set_html(html) end

--- The page that opened this one, or nil.
---@return karun.Page?
function Page:opener() end

--- Is it closed?
---@return boolean
function Page:closed() end

--- Shows its tab.
function Page:bring_to_front() end

--- Closes it; `unload=true` asks the page first.
---@param opts? {unload?: boolean}
function Page:close(opts) end

--- Runs in each document before its own scripts.
---@param js string
function Page:add_init_script(js) end

--- All frames, parents first.
---@return karun.Frame[]
function Page:frames() end

--- The frame of the page itself.
---@return karun.Frame
function Page:main_frame() end

--- Waits for a frame by name, part of its address, or its element.
---@param which string|karun.Locator
---@param opts? {timeout?: number}
---@return karun.Frame
function Page:frame(which, opts) end

--- Presses a key where the focus is.
---@param keys string
function Page:press(keys, opts) end

--- A picture of the window, the whole page (`full`) or a part (`clip`); bytes without a path.
---@param path? string
---@param opts? {full?: boolean, clip?: table, timeout?: number}
---@return string?
function Page:screenshot(path, opts) end

--- The page as a PDF.
---@param path string
function Page:pdf(path, opts) end

--- Size of the window's inside, in CSS pixels.
---@param width integer
---@param height integer
function Page:set_viewport(width, height) end

--- Media, colour scheme, offline, time zone, user agent.
---@param opts {media?: string, color_scheme?: string, offline?: boolean, timezone?: string, user_agent?: string}
function Page:emulate(opts) end

--- Its workers: { url, kind }.
---@return table[]
function Page:workers() end

--- Hands requests that fit to handler(request), which continues, answers or aborts them; one that it leaves alone
--- goes to the route made before, then on. The newest route comes first. The answer switches it off.
---@param pattern string|function
---@param handler fun(request: karun.RoutedRequest)
---@return function off
function Page:route(pattern, handler) end

--- Calls fn at each event, one after the other. The answer switches it off.
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

--- The last 1,000 lines of the console, and how many were dropped.
---@return table[] messages
---@return integer dropped
function Page:console() end

--- Any protocol method on the page's session, for what has no verb: a place ("Emulation.setGeolocationOverride"
--- { latitude, longitude, accuracy }, after "Browser.grantPermissions"), a slow processor ("Emulation.setCPUThrottlingRate").
---@param method string
---@param params? table
---@return table
function Page:cdp(method, params) end

--- Waits until the address fits; at once when it does.
---@param pattern string|function
---@param opts? {timeout?: number}
function Page:wait_url(pattern, opts) end

--- Waits for "dom", "load" or "idle"; at once when it is so.
---@param state? string
---@param opts? {timeout?: number}
function Page:wait_load(state, opts) end

--- The next request that fits.
---@param pattern string|function
---@param opts? {timeout?: number}
---@return table
function Page:wait_request(pattern, opts) end

--- The next response that fits.
---@param pattern string|function
---@param opts? {timeout?: number}
---@return karun.Response
function Page:wait_response(pattern, opts) end

--- Waits until nothing was requested, and nothing changed, for so long.
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

--- Its bytes.
---@return string
function Response:body() end

--- Its body as Lua values.
---@return any
function Response:json() end

---@class karun.Mouse
local Mouse = {}
--- Moves to a place in the window.
---@param opts? {steps?: integer}
function Mouse:move(x, y, opts) end

--- Presses a button.
function Mouse:down(opts) end

--- Lets it go.
function Mouse:up(opts) end

--- Moves and presses.
function Mouse:click(x, y, opts) end

--- Turns the wheel.
function Mouse:wheel(dx, dy) end

---@class karun.Keyboard
local Keyboard = {}
--- Presses keys, as "Control+Shift+s".
function Keyboard:press(keys) end

--- Holds a key.
function Keyboard:down(key) end

--- Lets it go.
function Keyboard:up(key) end
--- Types a text where the focus is, key by key.
function Keyboard:type(text, opts) end
