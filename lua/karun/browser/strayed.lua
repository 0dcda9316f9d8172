-- A page that went elsewhere although a file was to come: the answer was a page (404, 503, a sign-in).
-- It is taken back, and the wait for the download ends with what was seen instead.

local fault = require "karun.error"
local native = require "karun.native.task"
local navigation = require "karun.browser.navigation"
local network = require "karun.browser.network"

local M = {}

local PATIENCE = 15 -- seconds to be where it was again

-- The browser's own account of where the page is; it may lag behind the page's.
local function history_of(page, deadline)
  while true do
    local list = navigation.history(page, deadline)
    local here = list.entries[list.currentIndex + 1]
    if here and here.url == page.top.frame_url or native.now() >= deadline then return list end
    page.top:await_change(math.min(deadline, native.now() + 0.05))
  end
end

-- Back to `home` by its history, else by its address -> true when it is there.
local function take_back(page, home)
  local deadline = native.now() + PATIENCE
  local top, failed = page.top, false
  local off = page.events:listen("navigation_failed", function(_, document)
    failed = document.response and document.response.status == 204 or failed
    top:change()
  end)
  local _ <close> = setmetatable({}, { __close = off })
  return (fault.try(function()
    local list = history_of(page, deadline)
    local entry = list.entries[list.currentIndex] -- the one before, counted from 1
    if entry and entry.url == home then
      page.session:call("Page.navigateToHistoryEntry", { entryId = entry.id }, PATIENCE)
    else
      page.session:call("Page.navigate", { url = home }, PATIENCE)
    end
    while top.frame_url ~= home or not top.lifecycle.load do
      if failed or not top:await_change(deadline) then fault.raise("timeout", "not back in time") end
      page:check_alive()
    end
  end))
end

-- The document's head has come, or what kept it from coming.
local function await_answer(page, loader)
  local deadline = native.now() + PATIENCE
  while true do
    local document = page.documents[loader]
    if not document or document.response or document.failed then return document or {} end
    if not page:await_change(deadline) then return document end
  end
end

local function fault_of(url, document, went_back)
  local response = document.response
  local fields = { url = url, navigated_away = not went_back or nil }
  if not response then
    if document.failed then
      fields.net = document.failed
      return fault.new("net", ("no download: %s: %s"):format(url, document.failed), fields)
    end
    return fault.new("no_download", ("no download began; the page went to %s"):format(url), fields)
  end
  fields.status, fields.retry_after = response.status, network.retry_after(response.headers)
  if response.status >= 400 then
    return fault.new("http", ("no download: %s answered %d"):format(url, response.status), fields)
  end
  return fault.new("no_download", ("no download began; %s is a page (status %d, %s)"):format(url, response.status,
    response.headers["content-type"] or "of no type"), fields)
end

-- Listens on behalf of a download's waiter; answers off(). A page that the flow itself sends somewhere is
-- not meant (page.going), nor a frame; of a tab that was opened only an error's page (404).
function M.watch(page, waiter)
  local home, went = page.top.frame_url, false
  local function stray(loader, url)
    native.spawn(function()
      local document = await_answer(page, loader)
      if page.gone then return end
      waiter:fail(fault_of(url, document, take_back(page, home)))
    end)
  end
  local offs = {
    page.events:listen("navigation", function(event)
      if event.frame ~= page.top or event.same_document or page.going or went or waiter.values then return end
      went = true
      stray(event.loader, event.url)
    end),
    page.events:listen("navigation_failed", function(_, document)
      if went then return end
      local status = document.response and document.response.status
      if status == 204 or status == 205 then waiter:fail(fault_of(document.response.url, document, true)) end
    end),
    page.events:listen("popup", function(tab)
      local document = not tab.gone and tab.documents[tab.top.loader]
      if not document or not document.response or document.response.status < 400 then return end
      waiter:fail(fault_of(tab.top.frame_url, document, true))
      page.browser.session:send("Target.closeTarget", { targetId = tab.target_id })
    end),
  }
  return function()
    for _, off in ipairs(offs) do
      off()
    end
  end
end

return M
