---@meta karun
-- luacheck: ignore

-- What a page, a frame and a locator have in common.
---@class karun.Dom
local Dom = {}

--- Lazy: looked up again at every use. A list of selectors is tried in order.
---@param selector string|string[]
---@return karun.Locator
function Dom:find(selector) end

--- Runs JavaScript in the page: an expression or a function text, with arguments. On a locator the element is the first argument.
---@param js string
---@param ... any
---@return any
function Dom:eval(js, ...) end

---@class karun.Locator : karun.Dom
local Locator = {}

--- The first match.
---@return karun.Locator
function Locator:first() end

--- The last match.
---@return karun.Locator
function Locator:last() end

--- The i-th match, from 1; negative from the end.
---@param i integer
---@return karun.Locator
function Locator:nth(i) end

--- Only the matches with this text, with that inside them, or visible ones.
---@param opts {text?: string, has?: string, visible?: boolean}
---@return karun.Locator
function Locator:filter(opts) end

--- How many match now.
---@return integer
function Locator:count() end

--- Holds on to the very node found now.
---@return karun.Locator
function Locator:pin() end

--- All matches now, each held as by `pin`.
---@return karun.Locator[]
function Locator:all() end

--- Presses it once it is visible, enabled, still and not covered. With `becomes` (a wait table) it presses again every `again` seconds until that holds.
---@param opts? {button?: string, count?: integer, modifiers?: string[], at?: table, force?: boolean, timeout?: number, becomes?: table, again?: number}
function Locator:click(opts) end

--- Replaces what the field holds; answers what it then holds.
---@param text string|karun.Secret
---@param opts? {verify?: boolean, timeout?: number, force?: boolean}
---@return string
function Locator:fill(text, opts) end

--- Adds text key by key; answers what the field then holds.
---@param text string|karun.Secret
---@param opts? {delay?: number, verify?: boolean, timeout?: number}
---@return string
function Locator:type(text, opts) end

--- Presses a key in it: "Enter", "Control+a".
---@param key string
---@param opts? {timeout?: number}
function Locator:press(key, opts) end

--- Ticks it, where it is not ticked, and verifies.
---@param opts? {timeout?: number, force?: boolean}
function Locator:check(opts) end

--- Unticks it, and verifies.
---@param opts? {timeout?: number, force?: boolean}
function Locator:uncheck(opts) end

--- Chooses options by value, label or { index = }; one or a list.
---@param option any
---@param opts? {timeout?: number}
function Locator:select(option, opts) end

--- Moves the mouse over it.
---@param opts? {timeout?: number, force?: boolean, at?: table}
function Locator:hover(opts) end

--- Drags it onto another element; a drop that is refused is `not_applied`.
---@param target karun.Locator
---@param opts? {steps?: integer, timeout?: number}
function Locator:drag_to(target, opts) end

--- Gives files to a file input, or to what opens a file dialog.
---@param path string|string[]
---@param opts? {timeout?: number}
function Locator:upload(path, opts) end

--- Puts the focus on it.
---@param opts? {timeout?: number}
function Locator:focus(opts) end

--- Scrolls until it can be seen.
---@param opts? {timeout?: number}
function Locator:scroll_into_view(opts) end

--- What a reader sees, white space made one; `raw` gives the text as it stands.
---@param opts? {raw?: boolean, timeout?: number}
---@return string
function Locator:text(opts) end

--- The attribute's text, or nil.
---@param name string
---@param opts? {timeout?: number}
---@return string?
function Locator:attr(name, opts) end

--- What a field holds.
---@param opts? {timeout?: number}
---@return string
function Locator:value(opts) end

--- Its HTML, itself included.
---@param opts? {timeout?: number}
---@return string
function Locator:html(opts) end

--- Has it this whole class?
---@param class string
---@param opts? {timeout?: number}
---@return boolean
function Locator:has_class(class, opts) end

--- Is any match visible? Answers at once.
---@return boolean
function Locator:visible() end

--- Can it be used?
---@param opts? {timeout?: number}
---@return boolean
function Locator:enabled(opts) end

--- Is it ticked?
---@param opts? {timeout?: number}
---@return boolean
function Locator:checked(opts) end

--- Is there any match? Answers at once.
---@return boolean
function Locator:exists() end

--- Its place and size: { x, y, w, h }, or nil.
---@param opts? {timeout?: number}
---@return table?
function Locator:box(opts) end

--- A picture of it into a file, or the bytes.
---@param path? string
---@param opts? {timeout?: number}
---@return string?
function Locator:screenshot(path, opts) end

--- The texts of all matches, in one round trip.
---@return string[]
function Locator:texts() end

--- One attribute of all matches.
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
