-- Which frames a page has and which documents they show: the Page.frame*, Page.lifecycleEvent and
-- Runtime.executionContext* events.

local frame = require "karun.browser.frame"
local url = require "karun.browser.url"

local M = { events = {} }
local on = M.events

local WORLD = "karun"

function M.add(page, id, parent, session)
  local found = page.frames_by_id[id]
  if not found then
    found = frame.new(page, id, parent, session)
    page.frames_by_id[id], page.browser.frame_pages[id] = found, page
    page.frame_order[#page.frame_order + 1] = found
    if parent then page.events:emit("frame", found) end
  end
  if session and session ~= found.session then
    found.session, found.contexts = session, {}
    found:change()
  end
  page:wake()
  return found
end

local function remove_children(page, parent)
  for _, child in ipairs(table.move(page.frame_order, 1, #page.frame_order, 1, {})) do
    if child.parent_frame == parent and not child.detached then M.remove(page, child) end
  end
end

function M.remove(page, gone)
  remove_children(page, gone)
  gone.detached, gone.contexts = true, {}
  page.frames_by_id[gone.id] = nil
  for i, other in ipairs(page.frame_order) do
    if other == gone then
      table.remove(page.frame_order, i)
      break
    end
  end
  gone:change()
  page:wake()
end

-- Page.getFrameTree's tree, for a page that was there before us
function M.adopt(page, tree, parent, session)
  local info = tree.frame
  local found = M.add(page, info.id, parent, session)
  if found.frame_url == "" then
    found.frame_url, found.frame_name = info.url .. (info.urlFragment or ""), info.name or ""
    found.loader = info.loaderId
  end
  for _, child in ipairs(tree.childFrames or {}) do
    M.adopt(page, child, found, session)
  end
end

on["Page.frameAttached"] = function(page, params, session)
  local parent = page.frames_by_id[params.parentFrameId]
  if parent then M.add(page, params.frameId, parent, session) end
end

on["Page.frameDetached"] = function(page, params)
  local gone = page.frames_by_id[params.frameId]
  if gone and params.reason ~= "swap" then M.remove(page, gone) end
end

on["Page.frameNavigated"] = function(page, params, session)
  local info = params.frame
  local found = page.frames_by_id[info.id] or M.add(page, info.id, page.frames_by_id[info.parentId], session)
  if found.session ~= session then found.session, found.contexts = session, {} end
  local is_new = found.loader ~= info.loaderId
  if info.url:find("^http") and not page.hidden then page.context.origins[url.origin(info.url)] = true end
  -- the browser's own error page has the address that could not be shown
  found.frame_url, found.frame_name = info.unreachableUrl or info.url .. (info.urlFragment or ""), info.name or ""
  found.loader = info.loaderId
  if is_new then
    found.lifecycle = {}
    remove_children(page, found) -- of the document before; when the process changes nobody says so
  end
  found.commits = found.commits + 1
  if params.type == "BackForwardCacheRestore" then found.lifecycle = { DOMContentLoaded = true, load = true, networkIdle = true } end
  page.events:emit("navigation", { frame = found, url = found.frame_url, same_document = false, loader = info.loaderId })
  M.rearm(found)
  found:change()
  page:wake()
end

on["Page.documentOpened"] = function(page, params)
  local found = page.frames_by_id[params.frame.id]
  if found then M.rearm(found) end
end

on["Page.navigatedWithinDocument"] = function(page, params)
  local found = page.frames_by_id[params.frameId]
  if not found then return end
  found.frame_url = params.url
  page.events:emit("navigation", { frame = found, url = params.url, same_document = true, loader = found.loader })
  found:change()
  page:wake()
end

on["Page.lifecycleEvent"] = function(page, params)
  local found = page.frames_by_id[params.frameId]
  if not found or (found.loader and found.loader ~= params.loaderId) then return end
  found.lifecycle[params.name] = true
  if found == page.top then
    if params.name == "DOMContentLoaded" then page.events:emit("dom", page) end
    if params.name == "load" then page.events:emit("load", page) end
  end
  found:change()
end

-- A new document in the same window keeps our world and its agent, with observers on the dead one.
function M.rearm(found)
  local context = found.contexts.karun
  if not context then return end
  found.session:send("Runtime.callFunctionOn", {
    executionContextId = context, functionDeclaration = "function() { return __karun.ask({ op: 'rearm' }); }",
    awaitPromise = false, returnByValue = true,
  })
end

on["Runtime.executionContextCreated"] = function(page, params, session)
  local context = params.context
  local aux = context.auxData or {}
  local found = page.frames_by_id[aux.frameId]
  if not found then return end
  if found.session ~= session then return end -- the old process of a frame that moved
  if aux.isDefault then
    found.contexts.main = context.id
  elseif context.name == WORLD then
    found.contexts.karun = context.id
  else
    return
  end
  found:change()
end

local function forget(page, session, id)
  for _, found in ipairs(page.frame_order) do
    if found.session == session then
      for world, context in pairs(found.contexts) do
        if not id or context == id then found.contexts[world] = nil end
      end
    end
  end
end

on["Runtime.executionContextDestroyed"] = function(page, params, session)
  forget(page, session, params.executionContextId)
end

on["Runtime.executionContextsCleared"] = function(page, _, session)
  forget(page, session)
end

return M
