-- A page: one tab or window, over the whole of its life. This file holds its state and the calls that
-- concern the page itself; navigation, events, screenshots and so on lie in files of their own and are
-- added in karun/browser.lua.

local emitter = require "karun.browser.emitter"
local fault = require "karun.error"
local known = require "karun.known"
local native = require "karun.native.task"
local witness = require "karun.browser.witness"

local EVENTS = {
  "popup", "dialog", "download", "request", "response", "navigation", "console", "crash",
  "error", "dom", "load", "frame", "request_failed", "worker", "worker_gone", "close", "page",
}
-- what the object may hold or lack; everything else must be a method
local FIELDS = {
  "browser", "context", "target_id", "session", "opener_page", "frames_by_id", "frame_order", "top", "ready", "gone",
  "gone_words", "is_popup", "asked_for", "workers_by_session", "events", "changed", "dialog", "lines", "lines_dropped",
  "number", "timeout", "documents", "requests", "routes", "mouse", "keyboard", "viewport", "inflight", "held",
  "quiet_since", "input_state", "expects_dialog", "expects_download", "stayed", "request_order", "claimed", "emulated", "raw_listeners",
  "chooser", "hidden", "refused", "worker", "refuses_auth", "dialog_tasks",
  "for_download", "going", "downloads_begun", "begun_before",
}

local Page = { __name = "karun.page" }
known.class("a page", Page, FIELDS)

local count = 0

local function new(browser, context, target_id, session, opener)
  count = count + 1
  return setmetatable({
    number = count, -- pages are listed in the order they came
    browser = browser, context = context, target_id = target_id, session = session, opener_page = opener,
    frames_by_id = {}, frame_order = {}, ready = emitter.waiter(), workers_by_session = {},
    events = emitter.new(EVENTS, context.events), changed = native.signal(), lines = {}, lines_dropped = 0,
    documents = {}, requests = {}, routes = {}, inflight = 0, raw_listeners = {}, gone = false, dialog = false, timeout = false,
  }, Page)
end

function Page:wake()
  local signal = self.changed
  self.changed = native.signal()
  signal:fire()
  self.browser:wake()
end

-- Waits for the next change of the page's frames, addresses or end; false when the deadline has passed.
function Page:await_change(deadline)
  return self.changed:wait(math.max(0, deadline - native.now()))
end

-- Every call that is pending ends with this kind, and later ones at once.
function Page:lose(kind, words)
  self.gone, self.gone_words, self.dialog = kind, words, false
  self.session:lose(kind, words)
  for _, frame in ipairs(self.frame_order) do
    if frame.session ~= self.session then frame.session:lose(kind, words) end
    frame:change()
  end
  self:wake()
end

function Page:check_alive()
  if not self.gone then return end
  fault.raise(self.gone, self.gone_words, { url = self.top and self.top.frame_url })
end

-- Before each call that a flow makes: its handlers' errors, its end, a dialog that is in the way.
function Page:ready_for(what)
  self.events:raise_failed()
  self:check_alive()
  if self.dialog and (self.dialog.held or self.events:handling()) then
    fault.raise("dialog", ("%s: a dialog is open and waits for its answer: %s %q"):format(what, self.dialog.type, self.dialog.message))
  end
end

function Page:default_timeout()
  return self.timeout or self.context:default_timeout()
end

function Page:deadline(timeout)
  return native.now() + (timeout or self:default_timeout())
end

function Page:eval(js, ...)
  return self.top:eval(js, ...)
end

function Page:wait_js(js, opts)
  return self.top:wait_js(js, opts)
end

function Page:url()
  self:check_alive()
  return self.top.frame_url
end

function Page:title()
  return self:eval("() => document.title")
end

function Page:html()
  return self:eval("() => { const t = document.doctype; return (t ? new XMLSerializer().serializeToString(t) : '') + document.documentElement.outerHTML; }")
end

-- Replaces the document's content (Page.setDocumentContent); waits for its load.
function Page:set_html(html, opts)
  opts = known.check(opts, { "timeout" }, "page:set_html")
  if type(html) ~= "string" then fault.raise("usage", "page:set_html takes a text, got " .. type(html)) end
  self:ready_for("set_html")
  local deadline = self:deadline(opts.timeout)
  self.top.lifecycle = {}
  self.session:call("Page.setDocumentContent", { frameId = self.top.id, html = html }, deadline - native.now())
  self.top:evaluate("() => document.readyState === 'complete' || new Promise((done) => addEventListener('load', done, { once: true }))", deadline)
end

function Page:opener()
  return self.opener_page
end

function Page:closed()
  return self.gone == "page_closed" or self.gone == "browser_gone"
end

function Page:bring_to_front()
  self:ready_for("bring_to_front")
  self.session:call("Page.bringToFront")
end

-- With unload the page's beforeunload is asked: a handler of "dialog" may keep the page, which is no error.
function Page:close(opts)
  opts = known.check(opts, { "unload" }, "page:close")
  if self:closed() then return end
  self.stayed = nil
  if opts.unload and self.gone ~= "page_crashed" then
    self.session:send("Page.close")
  else
    self.browser.session:try("Target.closeTarget", { targetId = self.target_id })
  end
  local deadline = self:deadline()
  while not self:closed() do
    if opts.unload and (self.stayed or self.dialog and self.dialog.held) then return end
    if not self:await_change(deadline) then
      fault.raise("timeout", "page:close: the page is still there", { timed_out = true, url = self.top.frame_url })
    end
  end
end

function Page:__close(err)
  local task = require "karun.task"
  if err ~= nil and not self.gone then task.shielded(witness.look, err, { self }) end
  task.shielded(self.close, self)
end

function Page:add_init_script(js)
  self:ready_for("add_init_script")
  if type(js) ~= "string" then fault.raise("usage", "add_init_script takes JavaScript as a text") end
  self.session:call("Page.addScriptToEvaluateOnNewDocument", { source = js })
end

function Page:frames()
  self:check_alive()
  return table.move(self.frame_order, 1, #self.frame_order, 1, {})
end

function Page:main_frame()
  return self.top
end

-- Its own, and the shared and service workers of its context.
function Page:workers()
  local list = {}
  for _, worker in pairs(self.workers_by_session) do
    list[#list + 1] = worker
  end
  for _, entry in pairs(self.browser.targets.workers) do
    if entry.context == self.context then list[#list + 1] = entry.worker end
  end
  table.sort(list, function(a, b)
    return a.url < b.url
  end)
  return list
end

-- The escape hatch: any protocol method on the page's session -> its result.
function Page:cdp(method, params, opts)
  opts = known.check(opts, { "timeout" }, "page:cdp")
  if type(method) ~= "string" then fault.raise("usage", "page:cdp takes a method's name, as \"DOM.getDocument\"") end
  self.events:raise_failed()
  self:check_alive()
  return self.session:call(method, params, opts.timeout or self:default_timeout())
end

function Page:on(event, fn)
  return self.events:on(event, fn, "page:on")
end

function Page:__tostring()
  return "page " .. (self.top and self.top.frame_url or "")
end

return { new = new, Page = Page }
