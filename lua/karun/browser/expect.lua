-- page:expect(event, action, opts): arms the wait, runs the action, returns the event, then the
-- action's results. Nothing can be missed between action and wait.

local emitter = require "karun.browser.emitter"
local fault = require "karun.error"
local known = require "karun.known"
local native = require "karun.native.task"
local pattern = require "karun.browser.pattern"
local strayed = require "karun.browser.strayed"
local Page = require("karun.browser.page").Page

local EVENTS = { "popup", "dialog", "download", "request", "response", "navigation", "console", "crash" }

-- What a pattern is compared with: a line's text, a dialog's message, else the address.
local function words_of(event, value)
  if event == "console" then return value.text end
  if event == "dialog" then return value.message end
  if event == "popup" or event == "crash" then return value.top.frame_url end
  return value.url or ""
end

local function matcher(event, match)
  if match == nil then return nil end
  if type(match) == "function" then return match end
  local fits = pattern.compile(match, "page:expect")
  return function(value)
    return fits(words_of(event, value))
  end
end

-- How many wait for a dialog, and which tasks: in those nothing else can wait for its end.
local function expect_dialog(page, change)
  local me = native.running()
  page.expects_dialog = (page.expects_dialog or 0) + change
  page.dialog_tasks = page.dialog_tasks or {}
  local mine = (page.dialog_tasks[me] or 0) + change
  page.dialog_tasks[me] = mine > 0 and mine or nil
end

-- A popup counts once its address fits, be it that it first must go there.
local function take_popup(popup, match, take, waiter)
  native.spawn(function()
    local deadline = native.now() + popup:default_timeout()
    while not popup.gone and not waiter.values do
      local ok, fits = fault.try(match, popup)
      if not ok then return waiter:fail(fits) end
      if fits then return take(popup) end
      if not popup.top:await_change(deadline) then return end
    end
  end)
end

-- Arms; answers a waiter and disarm(). Events are gathered until there are `count`.
local function arm(page, event, match, count)
  local waiter, got, seen = emitter.waiter(), {}, 0
  local function take(value, is_popup)
    seen = seen + (is_popup and 0 or 1)
    if match and event == "popup" and not is_popup then
      return take_popup(value, match, function() take(value, true) end, waiter)
    end
    if match and not is_popup then
      local ok, fits = fault.try(match, value)
      if not ok then return waiter:fail(fits) end
      if not fits then return end
    end
    got[#got + 1] = value
    if not count then return waiter:done(value) end
    if #got == count then waiter:done(got) end
  end
  local offs = { page.events:listen(event, function(value)
    take(value)
  end) }
  local function ended()
    if event == "download" and page.gone == "page_closed" then return end -- it may close itself for the file
    if page.gone and not (event == "crash" and page.gone == "page_crashed") then
      waiter:fail(fault.new(page.gone, page.gone_words, { url = page.top.frame_url }))
    end
  end
  offs[#offs + 1] = page.events:listen("close", ended)
  if event ~= "crash" then offs[#offs + 1] = page.events:listen("crash", ended) end
  if event == "download" then
    offs[#offs + 1] = strayed.watch(page, waiter)
    page.expects_download = (page.expects_download or 0) + 1
  elseif event == "dialog" then
    expect_dialog(page, 1)
  end
  return waiter, function()
    for _, off in ipairs(offs) do
      off()
    end
    if event == "dialog" then expect_dialog(page, -1) end
    if event == "download" then page.expects_download = page.expects_download - 1 end
  end, function()
    return seen
  end
end

local function time_out(page, event, timeout, seen, match)
  local kind = event == "download" and "no_download" or "timeout"
  local words = seen > 0 and (", %d came that did not match"):format(seen) or ""
  fault.raise(kind, ("page:expect(%q): none after %g s%s%s on %s"):format(event, timeout, words,
    type(match) == "string" and " (" .. match .. ")" or "", page.top.frame_url),
    { timed_out = true, timeout = timeout, waited_for = event, url = page.top.frame_url })
end

function Page:expect(event, action, opts)
  opts = known.check(opts, { "match", "count", "timeout" }, "page:expect")
  local valid = false
  for _, name in ipairs(EVENTS) do
    valid = valid or name == event
  end
  if not valid then
    fault.raise("usage", ("page:expect: there is no event `%s`%s"):format(tostring(event), known.hint(tostring(event), EVENTS)))
  end
  if opts.count ~= nil and (math.type(opts.count) ~= "integer" or opts.count < 1) then
    fault.raise("usage", "page:expect: count is a whole number from 1")
  end
  if action ~= nil and type(action) ~= "function" then
    fault.raise("usage", "page:expect takes a function that makes it happen, got " .. type(action))
  end
  self.events:raise_failed()
  self:check_alive() -- an open dialog is no hindrance: the action may be its answer
  local timeout = opts.timeout or self:default_timeout()
  local deadline = native.now() + timeout
  local waiter, disarm, seen = arm(self, event, matcher(event, opts.match), opts.count)
  local disarmed <close> = setmetatable({}, { __close = disarm }) -- luacheck: ignore
  local out = action and table.pack(fault.try(action)) or { true, n = 1 }
  if not out[1] then
    if event ~= "dialog" or out[2].kind ~= "dialog" or not waiter.values then error(out[2], 0) end
    out = { true, n = 1 } -- the dialog is the end of what the action was waiting for
  end
  local function answer(ok, ...)
    if not ok then time_out(self, event, timeout, seen(), opts.match) end
    local values = table.pack(...)
    table.move(out, 2, out.n, values.n + 1, values)
    return table.unpack(values, 1, values.n + out.n - 1)
  end
  return answer(waiter:await(deadline))
end

local function next_of(event, what)
  return function(self, wanted, opts)
    opts = known.check(opts, { "timeout" }, what)
    return self:expect(event, nil, { match = wanted, timeout = opts.timeout })
  end
end

Page.wait_request = next_of("request", "page:wait_request")
Page.wait_response = next_of("response", "page:wait_response")

-- Nothing under way on the network for `network` seconds, nothing changed in the document for `dom`.
function Page:wait_quiet(opts)
  opts = known.check(opts, { "network", "dom", "timeout" }, "page:wait_quiet")
  self:ready_for("wait_quiet")
  local rest, dom = opts.network or 0.5, opts.dom or 0.2
  local timeout = opts.timeout or self:default_timeout()
  local deadline = native.now() + timeout
  while true do
    self:check_alive()
    local since = self.quiet_since or native.now() - rest
    local left = self.inflight > 0 and math.huge or since + rest - native.now()
    if left <= 0 then
      local ok, answer = fault.try(self.top.ask, self.top, { op = "quiet", seconds = dom }, deadline)
      if ok and self.inflight == 0 and (self.quiet_since or 0) <= since then return end
      if not ok and answer.kind ~= "context_lost" and answer.kind ~= "timeout" then error(answer, 0) end
      left = 0.01
    end
    if native.now() >= deadline then
      fault.raise("timeout", ("page:wait_quiet: not quiet after %g s: %d requests under way on %s"):format(
        timeout, self.inflight, self.top.frame_url), { timed_out = true, timeout = timeout, waited_for = "quiet" })
    end
    self:await_change(math.min(deadline, native.now() + left))
  end
end

return { arm = arm }
