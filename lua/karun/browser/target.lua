-- Targets of a browser: attaches to each page, popup, frame process and worker, sets it up before its
-- first script runs, and routes the events of its session to the page it belongs to.

local agent = require "karun.browser.agent"
local fault = require "karun.error"
local frame_tree = require "karun.browser.frame_tree"
local emulation = require "karun.browser.emulation"
local input = require "karun.browser.input"
local native = require "karun.native.task"
local network = require "karun.browser.network"
local page = require "karun.browser.page"
local route = require "karun.browser.route"
local session = require "karun.browser.session"
local told = require "karun.browser.told"
local trace = require "karun.trace"
local worker = require "karun.browser.worker"

local M = { HIDDEN = "about:blank#karun" } -- the first address of a page that no flow shall see

local function auto_attach(...)
  local filter = {}
  for i, name in ipairs { ... } do
    filter[i] = { type = name }
  end
  return { autoAttach = true, waitForDebuggerOnStart = true, flatten = true, filter = filter }
end

-- A shared or service worker is of no page: were it asked for there too, it would come twice.
local OF_BROWSER = auto_attach("page", "iframe", "shared_worker", "service_worker")
local OF_PAGE = auto_attach("iframe", "worker")

-- Every event that a part of the page wants: method -> fn(page, params, session)
local handlers = {}
for _, part in ipairs {
  frame_tree, require "karun.browser.navigation", require "karun.browser.dialog", require "karun.browser.console",
  network, route, require "karun.browser.drag", require "karun.browser.upload", told,
} do
  for method, fn in pairs(part.events) do
    local earlier = handlers[method]
    handlers[method] = earlier and function(...)
      earlier(...)
      fn(...)
    end or fn
  end
end

handlers["Inspector.targetCrashed"] = function(its, _, from)
  if from ~= its.session then return end
  its:lose("page_crashed", "the page crashed (its renderer process ended)")
  its.events:emit("crash", its)
end

-- What a page's or frame process's session needs, in order; all sent before it resumes.
local function setup_calls(its, is_top)
  local calls = {
    { "Page.enable" },
    { "Page.setLifecycleEventsEnabled", { enabled = true } },
    { "Page.addScriptToEvaluateOnNewDocument", { source = agent.source(), worldName = "karun", runImmediately = true } },
    { "Runtime.enable" },
    { "Runtime.addBinding", { name = told.BINDING, executionContextName = "karun" } },
    { "Network.enable" },
    { "Target.setAutoAttach", OF_PAGE },
    { "Emulation.setFocusEmulationEnabled", { enabled = true } },
  }
  its.context:setup_calls(calls, is_top)
  table.move(route.setup_calls(its), 1, 9, #calls + 1, calls)
  table.move(emulation.setup_calls(its), 1, 9, #calls + 1, calls)
  if is_top then calls[#calls + 1] = { "Page.getFrameTree" } end
  calls[#calls + 1] = { "Runtime.runIfWaitingForDebugger" }
  return calls
end

-- Sends the set-up and resumes at once; `done` runs when it was answered.
local function set_up(its, target_session, is_top, done)
  local calls = setup_calls(its, is_top)
  local messages = {}
  for i, call in ipairs(calls) do
    messages[i] = { target_session.id, call[1], call[2] }
  end
  native.spawn(function()
    local results, kind = target_session.conn:burst(messages, 30)
    local tree = results and is_top and results[#results - 1]
    if tree and tree.frameTree then frame_tree.adopt(its, tree.frameTree, nil, target_session) end
    for i, result in ipairs(results or {}) do
      if result.failed and result.failed:find("^Invalid") then
        its.refused = result.failed .. ": " .. tostring(select(2, next(calls[i][2])))
      end
    end
    done(kind)
  end)
end

local function resume(its_session)
  its_session:send("Runtime.runIfWaitingForDebugger")
end

local Targets = {}
Targets.__index = Targets

-- A popup is told of when it shows what it was opened for: its first document has come, or never will
-- (closed at once, no content, a download). Blank ones commit too; only `javascript:` just loads.
local function settle(its)
  local ended = false
  local off = its.events:listen("navigation_failed", function()
    ended = true
    its.top:change()
  end)
  local deadline = native.now() + its:default_timeout()
  while not (ended or its.gone or its.for_download or its.top.commits > 0 or its.top.lifecycle.load) do
    if not its.top:await_change(deadline) then break end
  end
  off()
end

function Targets:attach_page(info, its_session)
  local context = self.browser:context_of(info.browserContextId)
  local opener = info.openerId and self.pages[info.openerId]
  local its = page.new(self.browser, context, info.targetId, its_session, opener)
  input.attach(its)
  self.pages[info.targetId] = its
  self.browser.openers[info.targetId] = opener -- kept: a tab for a file is gone before the file is there
  self.owners[its_session.id] = its
  its.is_popup = opener ~= nil or info.openerFrameId ~= nil
  its.hidden = info.url == M.HIDDEN
  frame_tree.add(its, info.targetId, nil, its_session)
  its.top = its.frames_by_id[info.targetId]
  its.top.frame_url = info.url or ""
  set_up(its, its_session, true, function(kind)
    if kind and not its_session.gone then its:lose("page_closed", "the page was closed") end
    its.ready:done(true)
    if opener then settle(its) end
    if its.for_download or its.hidden then return end
    if opener then opener.events:emit("popup", its) end
    if not its.asked_for and not its:closed() then context.events:emit("page", its) end
  end)
end

function Targets:attach_frame(info, its_session, parent_session)
  local its = self.owners[parent_session]
  if not its then return resume(its_session) end
  self.owners[its_session.id] = its
  local found = its.frames_by_id[info.targetId]
  frame_tree.add(its, info.targetId, found and found.parent_frame or its.top, its_session)
  set_up(its, its_session, false, function() end)
end

-- The sessions of a page (its own first) or of a context's worker.
function Targets:sessions_of(its)
  local list = { its.session }
  for id, owner in pairs(self.owners) do
    if owner == its and self.sessions[id] and self.sessions[id] ~= its.session then list[#list + 1] = self.sessions[id] end
  end
  return list
end

-- Pages and workers of a context.
function Targets:owners_in(context)
  local list = {}
  for _, set in ipairs { self.pages, self.workers } do
    for _, its in pairs(set) do
      if its.context == context then list[#list + 1] = its end
    end
  end
  return list
end

local on = {}

on["Target.attachedToTarget"] = function(self, params, parent)
  local info = params.targetInfo
  local its_session = session.new(self.conn, params.sessionId)
  self.sessions[params.sessionId] = its_session
  if info.type == "page" and not self.pages[info.targetId] then
    self:attach_page(info, its_session)
  elseif info.type == "iframe" then
    self:attach_frame(info, its_session, parent)
  elseif info.type:find("worker", 1, true) then
    worker.attach(self, info, its_session, parent, OF_PAGE)
  else
    resume(its_session)
  end
end

on["Target.detachedFromTarget"] = function(self, params)
  local id = params.sessionId
  local its, its_session, shared = self.owners[id], self.sessions[id], self.workers[id]
  self.owners[id], self.sessions[id], self.workers[id] = nil, nil, nil
  if its_session then its_session:lose(its and its.session ~= its_session and "frame_detached" or "page_closed") end
  if shared then worker.tell(self, "worker_gone", shared, shared.worker) end
  if not its then return end
  local gone = its.workers_by_session[id]
  if gone then
    its.workers_by_session[id] = nil
    worker.tell(self, "worker_gone", its, gone)
  end
  if its.session ~= its_session then return network.session_gone(its, its_session) end
  self.pages[its.target_id] = nil
  if self.browser.closing then
    its:lose("browser_gone", "the browser was closed")
  else
    its:lose("page_closed", "the page was closed")
  end
  its.events:emit("close", its)
end

-- Called by the connection for every wanted event.
function Targets:event(session_id, method, params)
  trace.event(method, params)
  local fn = on[method]
  if fn then return fn(self, params, session_id) end
  local its = self.owners[session_id]
  local handler = handlers[method]
  if its and handler then return handler(its, params, self.sessions[session_id]) end
  local shared = self.workers[session_id]
  if shared and route.events[method] then return route.events[method](shared, params, shared.session) end
  local own = self.browser.own_events[method]
  if own then own(self.browser, params) end
end

-- Starts attaching; answers when the pages that exist are known. Raises launch errors of the caller's.
function M.start(browser, conn)
  local self = setmetatable({
    browser = browser, conn = conn, pages = {}, sessions = {}, owners = {}, workers = {},
  }, Targets)
  conn:want("Target.attachedToTarget", "Target.detachedFromTarget")
  for method in pairs(handlers) do
    conn:want(method)
  end
  for method in pairs(browser.own_events) do
    conn:want(method)
  end
  conn:on(function(session_id, method, params)
    if method == "closed" then return browser:lost(params) end
    return self:event(session_id, method, params)
  end)
  browser.targets = self
  browser.session:call("Target.setAutoAttach", OF_BROWSER, 30)
  return self
end

-- Waits for the page of a target and for its set-up.
function Targets:page(target_id, deadline)
  while not self.pages[target_id] do
    self.browser:check()
    if native.now() >= deadline or not self.browser:await_change(deadline) then
      fault.raise("timeout", "the browser did not show the new page", { timed_out = true })
    end
  end
  local its = self.pages[target_id]
  its.asked_for = true
  if not its.ready:await(deadline) then
    fault.raise("timeout", "the new page was not set up in time", { timed_out = true })
  end
  return its
end

return M
