-- Workers: a dedicated one is its page's; shared and service workers are of a context, and of no page
-- alone. What stops requests or emulates for the page holds for them too.

local emulation = require "karun.browser.emulation"
local route = require "karun.browser.route"

local M = {}

-- A context's worker is told to each of its pages.
function M.tell(targets, event, its, worker)
  if not its.worker then return its.events:emit(event, worker) end
  for _, page in pairs(targets.pages) do
    if page.context == its.context and not page.hidden then page.events:emit_here(event, worker) end
  end
  its.context.events:emit(event, worker)
end

-- What stands for a page where there is none (route.lua).
local function of_context(targets, info, session)
  local context = targets.browser:context_of(info.browserContextId)
  return {
    worker = { url = info.url, kind = info.type }, context = context, browser = targets.browser, session = session, routes = {},
    events = context.events,
  }
end

-- Sets a new worker up and lets it run; auto_attach: how it tells of workers of its own.
function M.attach(targets, info, session, parent_session, auto_attach)
  local its = targets.owners[parent_session]
  local worker = { url = info.url, kind = info.type }
  if its then
    its.workers_by_session[session.id], targets.owners[session.id] = worker, its
    session:send("Runtime.enable") -- its console is the page's
  else
    its = of_context(targets, info, session)
    worker, targets.workers[session.id] = its.worker, its
  end
  session:send("Network.enable")
  for _, calls in ipairs { route.setup_calls(its), emulation.setup_calls(its) } do
    for _, call in ipairs(calls) do
      session:send(call[1], call[2])
    end
  end
  session:send("Target.setAutoAttach", auto_attach)
  session:send("Runtime.runIfWaitingForDebugger")
  M.tell(targets, "worker", its, worker)
end

return M
