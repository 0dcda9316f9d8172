---@meta karun
-- luacheck: ignore

-- What a page, a frame and a locator have in common.
---@class karun.Dom
local Dom = {}

--- Lazy: looked up again at every use. A list of selectors is tried in order.
---@param selector string|string[]
---@return karun.Locator
function Dom:find(selector) end

---@param js string
---@param ... any
---@return any
function Dom:eval(js, ...) end

---@class karun.Locator : karun.Dom
local Locator = {}

---@return karun.Locator
function Locator:first() end

---@return karun.Locator
function Locator:last() end

---@param i integer
---@return karun.Locator
function Locator:nth(i) end

---@param opts {text?: string, has?: string, visible?: boolean}
---@return karun.Locator
function Locator:filter(opts) end

---@return integer
function Locator:count() end

--- Holds on to the very node found now.
---@return karun.Locator
function Locator:pin() end

---@return karun.Locator[]
function Locator:all() end

---@param opts? {button?: string, count?: integer, modifiers?: string[], at?: table, force?: boolean, timeout?: number, becomes?: table, again?: number}
function Locator:click(opts) end

---@param text string|karun.Secret
---@param opts? {verify?: boolean, timeout?: number, force?: boolean}
---@return string
function Locator:fill(text, opts) end

---@param text string|karun.Secret
---@param opts? {delay?: number, verify?: boolean, timeout?: number}
---@return string
function Locator:type(text, opts) end

---@param key string
---@param opts? {timeout?: number}
function Locator:press(key, opts) end

---@param opts? {timeout?: number, force?: boolean}
function Locator:check(opts) end

---@param opts? {timeout?: number, force?: boolean}
function Locator:uncheck(opts) end

---@param option any
---@param opts? {timeout?: number}
function Locator:select(option, opts) end

---@param opts? {timeout?: number, force?: boolean, at?: table}
function Locator:hover(opts) end

---@param target karun.Locator
---@param opts? {steps?: integer, timeout?: number}
function Locator:drag_to(target, opts) end

---@param path string|string[]
---@param opts? {timeout?: number}
function Locator:upload(path, opts) end

---@param opts? {timeout?: number}
function Locator:focus(opts) end

---@param opts? {timeout?: number}
function Locator:scroll_into_view(opts) end

---@param opts? {raw?: boolean, timeout?: number}
---@return string
function Locator:text(opts) end

---@param name string
---@param opts? {timeout?: number}
---@return string?
function Locator:attr(name, opts) end

---@param opts? {timeout?: number}
---@return string
function Locator:value(opts) end

---@param opts? {timeout?: number}
---@return string
function Locator:html(opts) end

---@param class string
---@param opts? {timeout?: number}
---@return boolean
function Locator:has_class(class, opts) end

---@return boolean
function Locator:visible() end

---@param opts? {timeout?: number}
---@return boolean
function Locator:enabled(opts) end

---@param opts? {timeout?: number}
---@return boolean
function Locator:checked(opts) end

---@return boolean
function Locator:exists() end

---@param opts? {timeout?: number}
---@return table?
function Locator:box(opts) end

---@param path? string
---@param opts? {timeout?: number}
---@return string?
function Locator:screenshot(path, opts) end

---@return string[]
function Locator:texts() end

---@param name string
---@return string[]
function Locator:attrs(name) end

--- All given must hold at once; `state` is "visible" when nothing else is given.
---@param opts? {state?: string, class?: string, no_class?: string, text?: string, attr?: table, value?: string, count?: integer, timeout?: number}
---@return karun.Locator
function Locator:wait(opts) end

---@class karun.dom
local dom = {}

--- Any value as a quoted string for a selector.
---@param value any
---@return string
function dom.quote(value) end
