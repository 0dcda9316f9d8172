-- Targets of a browser: attaches to each page, popup, frame process and worker, sets it up before its
-- first script runs, and routes the events of its session to the page it belongs to.

local agent = require "karun.browser.agent"
local fault = require "karun.error"
local frame_tree = require "karun.browser.frame_tree"
local input = require "karun.browser.input"
local native = require "karun.native.task"
local page = require "karun.browser.page"
local session = require "karun.browser.session"
local trace = require "karun.trace"

local M = {}

local TYPES = {
  { type = "page" }, { type = "iframe" }, { type = "worker" }, { type = "shared_worker" }, { type = "service_worker" },
}
local AUTO_ATTACH = { autoAttach = true, waitForDebuggerOnStart = true, flatten = true, filter = TYPES }

-- Every event that a part of the page wants: method -> fn(page, params, session)
local handlers = {}
for _, part in ipairs {
  frame_tree, require "karun.browser.navigation", require "karun.browser.dialog", require "karun.browser.console",
  require "karun.browser.network", require "karun.browser.drag", (require "karun.browser.upload"),
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
local function setup_calls(context, is_top)
  local calls = {
    { "Page.enable" },
    { "Page.setLifecycleEventsEnabled", { enabled = true } },
    { "Page.addScriptToEvaluateOnNewDocument", { source = agent.source(), worldName = "karun", runImmediately = true } },
    { "Runtime.enable" },
    { "Network.enable" },
    { "Target.setAutoAttach", AUTO_ATTACH },
    { "Emulation.setFocusEmulationEnabled", { enabled = true } },
  }
  context:setup_calls(calls, is_top)
  if is_top then calls[#calls + 1] = { "Page.getFrameTree" } end
  calls[#calls + 1] = { "Runtime.runIfWaitingForDebugger" }
  return calls
end

-- Sends the set-up and resumes at once; `done` runs when it was answered.
local function set_up(its, target_session, is_top, done)
  local calls = setup_calls(its.context, is_top)
  local messages = {}
  for i, call in ipairs(calls) do
    messages[i] = { target_session.id, call[1], call[2] }
  end
  native.spawn(function()
    local results, kind = target_session.conn:burst(messages, 30)
    local tree = results and is_top and results[#results - 1]
    if tree and tree.frameTree then frame_tree.adopt(its, tree.frameTree, nil, target_session) end
    done(kind)
  end)
end

local function resume(its_session)
  its_session:send("Runtime.runIfWaitingForDebugger")
end

local Targets = {}
Targets.__index = Targets

function Targets:attach_page(info, its_session)
  local context = self.browser:context_of(info.browserContextId)
  local opener = info.openerId and self.pages[info.openerId]
  local its = page.new(self.browser, context, info.targetId, its_session, opener)
  input.attach(its)
  self.pages[info.targetId] = its
  self.browser.openers[info.targetId] = opener -- kept: a tab for a file is gone before the file is there
  self.owners[its_session.id] = its
  its.is_popup = opener ~= nil or info.openerFrameId ~= nil
  frame_tree.add(its, info.targetId, nil, its_session)
  its.top = its.frames_by_id[info.targetId]
  its.top.frame_url = info.url or ""
  set_up(its, its_session, true, function(kind)
    if kind and not its_session.gone then its:lose("page_closed", "the page was closed") end
    its.ready:done(true)
    if its:closed() then return end
    if opener then opener.events:emit("popup", its) end
    if its.is_popup or not its.asked_for then context.events:emit("page", its) end
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

function Targets:attach_worker(info, its_session, parent_session)
  local its = self.owners[parent_session]
  local worker = { url = info.url, kind = info.type }
  if its then
    its.workers_by_session[its_session.id] = worker
    its.events:emit("worker", worker)
  else
    self.workers[its_session.id] = { worker = worker, context = info.browserContextId }
  end
  resume(its_session)
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
    self:attach_worker(info, its_session, parent)
  else
    resume(its_session)
  end
end

on["Target.detachedFromTarget"] = function(self, params)
  local id = params.sessionId
  local its, its_session = self.owners[id], self.sessions[id]
  self.owners[id], self.sessions[id], self.workers[id] = nil, nil, nil
  if its_session then its_session:lose(its and its.session ~= its_session and "frame_detached" or "page_closed") end
  for _, owner in pairs(self.pages) do
    local worker = owner.workers_by_session[id]
    if worker then
      owner.workers_by_session[id] = nil
      owner.events:emit("worker_gone", worker)
    end
  end
  if its and its.session == its_session then
    self.pages[its.target_id] = nil
    its:lose("page_closed", "the page was closed")
    its.events:emit("close", its)
  end
end

-- Called by the connection for every wanted event.
function Targets:event(session_id, method, params)
  trace.message { event = method, params = params }
  local fn = on[method]
  if fn then return fn(self, params, session_id) end
  local its = self.owners[session_id]
  local handler = handlers[method]
  if its and handler then return handler(its, params, self.sessions[session_id]) end
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
  browser.session:call("Target.setAutoAttach", AUTO_ATTACH, 30)
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
