-- Acting on fields: fill, type, press, select, focus, and scrolling to an element.

local act = require "karun.browser.act"
local ask = require "karun.browser.ask"
local fault = require "karun.error"
local input = require "karun.browser.input"
local json = require "karun.native.json"
local keys = require "karun.browser.keys"
local words = require "karun.browser.words"
local Locator = require("karun.browser.locator").Locator

-- Secrets go where nobody listens: https, this machine, and pages without an address.
local function check_secret_place(frame, what)
  local url = frame.frame_url
  local host = url:match("^http://([^/:]+)") or url:match("^http://(%[[^%]]*%])")
  if not url:match("^http://") then return end
  if host == "localhost" or host == "[::1]" or host and host:match("^127%.") then return end
  fault.raise("usage", ("locator:%s: a secret is typed only into https or loopback pages, this is %s"):format(what, url), { url = url })
end

local function verified(locator, what, wanted, value, timeout, is_secret)
  if value == wanted then return end
  local seen = is_secret and "the field holds another value than it was given"
    or ("the field holds %q, given was %q"):format(tostring(value), wanted)
  error(words.not_applied(locator, what, seen, timeout), 0)
end

-- Replaces what the field holds -> what it then holds (a page may reformat it); nothing for a secret.
function Locator:fill(text, opts)
  local plain, is_secret = input.plain(text, "locator:fill")
  local timeout, deadline
  opts, timeout, deadline = act.begin(self, opts, { "verify", "force", "timeout" }, "fill")
  if is_secret then -- where it would go, before it goes
    local _, frame = ask.ask(self, { op = "pin" }, "fill", timeout, deadline, "the element to be there")
    check_secret_place(frame, "fill")
  end
  local answer = ask.ask(self, { op = "fill", text = plain, force = opts.force or nil }, "fill", timeout, deadline,
    "visible, enabled and editable")
  if opts.verify and answer.value ~= nil then verified(self, "fill", plain, answer.value, timeout, is_secret) end
  if not is_secret then return answer.value end
end

-- What the field holds now; nil when it is gone or holds nothing.
local function held_value(locator, deadline)
  local ok, answer = fault.try(ask.ask, locator, { op = "read", what = "value" }, "type", 0, deadline)
  if not ok then
    if answer.kind == "cancelled" or answer.kind == "interrupted" then error(answer, 0) end
    return nil
  end
  return answer.value ~= json.null and answer.value or nil
end

local function take_focus(locator, what, editable, timeout, deadline)
  local answer, frame = ask.ask(locator, { op = "focus", caret = editable and "end" or nil, editable = editable }, what, timeout, deadline,
    "visible and enabled")
  if answer.focused == false then
    error(words.not_applied(locator, what, "it does not take the focus", timeout), 0)
  end
  return answer, frame
end

-- Key by key, after what is there -> what the field then holds; nothing for a secret.
function Locator:type(text, opts)
  local plain, is_secret = input.plain(text, "locator:type")
  local timeout, deadline
  opts, timeout, deadline = act.begin(self, opts, { "delay", "verify", "timeout" }, "type")
  local answer, frame = take_focus(self, "type", true, timeout, deadline)
  if is_secret then check_secret_place(frame, "type") end
  input.type_text(self.frame.page, plain, opts.delay)
  is_secret = is_secret or answer.secret == true
  if is_secret and not opts.verify then return end
  local value = held_value(self, deadline)
  if opts.verify and (type(value) ~= "string" or value:sub(-#plain) ~= plain) then
    verified(self, "type", plain, value, timeout, is_secret)
  end
  if not is_secret then return value end
end

function Locator:press(combination, opts)
  local list = keys.combination(combination, "locator:press")
  local timeout, deadline
  opts, timeout, deadline = act.begin(self, opts, { "timeout" }, "press") -- luacheck: ignore opts
  take_focus(self, "press", false, timeout, deadline)
  input.send(self.frame.page, input.press_events(self.frame.page, list))
end

function Locator:focus(opts)
  local timeout, deadline
  opts, timeout, deadline = act.begin(self, opts, { "timeout" }, "focus") -- luacheck: ignore opts
  take_focus(self, "focus", false, timeout, deadline)
end

function Locator:scroll_into_view(opts)
  local timeout, deadline
  opts, timeout, deadline = act.begin(self, opts, { "timeout" }, "scroll_into_view") -- luacheck: ignore opts
  ask.ask(self, { op = "scroll" }, "scroll_into_view", timeout, deadline, "visible")
end

-- ---- select ----

local function option_of(wanted)
  if type(wanted) == "string" then return { is = wanted } end
  if math.type(wanted) == "integer" then return { is = tostring(wanted) } end
  if type(wanted) == "table" and math.type(wanted.index) == "integer" and wanted.index >= 1 then return { index = wanted.index } end
  fault.raise("usage", "locator:select takes a value, a label or {index=} (from 1), or a list of such")
end

local function options_of(wanted)
  if type(wanted) ~= "table" or wanted.index ~= nil then return { option_of(wanted) } end
  local list = json.array {}
  for i, one in ipairs(wanted) do
    list[i] = option_of(one)
  end
  return list
end

function Locator:select(wanted, opts)
  local options = options_of(wanted)
  local timeout, deadline
  opts, timeout, deadline = act.begin(self, opts, { "force", "timeout" }, "select")
  local answer = ask.ask(self, { op = "select", options = options, force = opts.force or nil }, "select", timeout, deadline,
    "visible, enabled and the option there")
  if answer.held == false then
    error(words.not_applied(self, "select", ("the page changed it back: it holds %q"):format(tostring(answer.value)), timeout), 0)
  end
end
