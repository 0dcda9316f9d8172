-- Going somewhere: open, reload, back, forward. A navigation is followed by its
-- loader id (Page.navigate), so that another document's load is never taken for ours.

local arrival = require "karun.browser.arrival"
local emitter = require "karun.browser.emitter"
local fault = require "karun.error"
local known = require "karun.known"
local native = require "karun.native.task"
local Page = require("karun.browser.page").Page
local network = require "karun.browser.network"

local M = { events = {} }

local STATES, time_out, held_by_dialog = arrival.STATES, arrival.time_out, arrival.held_by_dialog
local OPTIONS = { "wait", "timeout", "referer", "ok" }

local function check_options(page, opts, what)
  opts = known.check(opts, OPTIONS, what)
  local wait = opts.wait or "load"
  if not STATES[wait] then
    fault.raise("usage", ("%s: wait=%q: it is one of load, dom, idle, commit"):format(what, tostring(wait)))
  end
  page.events:raise_failed()
  if page:closed() then page:check_alive() end
  if page.dialog and page.dialog.held then page:ready_for(what) end
  local timeout = opts.timeout or page:default_timeout()
  return opts, wait, timeout, native.now() + timeout
end

-- Kind of a navigation that did not become a document: the network's fault, or it was stopped.
local function failed(what, url, text)
  local kind = text == "net::ERR_ABORTED" and "navigation" or "net"
  local words = kind == "navigation" and "it ended without a new document (204, stopped, or replaced by another)" or text
  return fault.new(kind, ("%s %s: %s"):format(what, url, words), { url = url, net = text })
end

-- Waits until the main frame shows the document of `loader` (or, once it did, what followed it) in the state.
local function await_document(page, loader, wait, deadline, what, url, timeout)
  local top, before = page.top, page.top.loader
  local replaced
  while top.loader ~= loader and not replaced do
    if not top:await_change(deadline) then time_out(page, what, url, timeout, wait) end
    page:check_alive()
    held_by_dialog(page, what)
    replaced = top.loader ~= before and top.loader ~= loader
    local entry = page.documents[loader]
    if entry and entry.failed and top.loader ~= loader then error(failed(what, url, entry.failed), 0) end
  end
  if replaced then
    fault.raise("navigation", ("%s %s: replaced by a navigation to %s"):format(what, url, top.frame_url), { url = url })
  end
  while not (wait == "commit" or top.lifecycle[STATES[wait]]) do
    held_by_dialog(page, what)
    if page.downloads_begun ~= page.begun_before then return end -- the page itself went for a file: its load ends so
    local entry = page.documents[top.loader]
    local why = entry and entry.failed
    if why and why ~= "net::ERR_ABORTED" then error(failed(what, url, why), 0) end -- cut off on its way
    if not top:await_change(deadline) then time_out(page, what, url, timeout, wait) end
    page:check_alive()
  end
end

-- The answer to a document's request; its head may come just after the commit.
local function finish(page, opts, what, deadline)
  local loader = page.top.loader
  local document = page.documents[loader]
  while document and not document.response and not document.failed do
    if not page:await_change(deadline) then break end
    page:check_alive()
  end
  local response = network.document_response(page, loader, page.top.frame_url)
  if opts.ok and response.status >= 400 then
    fault.raise("http", ("%s %s: status %d"):format(what, response.url, response.status),
      { url = response.url, status = response.status, retry_after = network.retry_after(response.headers) })
  end
  return response
end

local function absolute(page, url)
  if url:match("^%a[%w+.-]*:") then return url end
  local base = page.top.frame_url
  if not base:match("^https?:") and not base:match("^file:") then
    fault.raise("usage", ("page:open(%q): an address without a scheme needs a page to be relative to; write http://…"):format(url))
  end
  return require("karun.browser.url").join(base, url)
end

-- A crashed page comes back by navigating it.
local function revive(page)
  if page.gone ~= "page_crashed" then return end
  page.gone, page.gone_words, page.session.gone = false, nil, nil
  for _, frame in ipairs(page:frames()) do
    if frame ~= page.top then require("karun.browser.frame_tree").remove(page, frame) end
  end
  page.top.contexts, page.top.lifecycle = {}, {}
end

-- While the flow itself sends the page somewhere (strayed.lua looks at it).
local function going(page)
  page.going, page.begun_before = (page.going or 0) + 1, page.downloads_begun
  return setmetatable({}, { __close = function()
    page.going = page.going > 1 and page.going - 1 or nil
  end })
end

-- A page whose beforeunload was dismissed stays where it is; the call that asked it to go may get no answer.
local function refused(what, url)
  return fault.new("navigation", ("%s %s: the page refused to be left (its beforeunload dialog was dismissed)"):format(what, url),
    { url = url })
end

-- The call's answer, or nil and its error; a refusal ends it too.
local function ask_to_go(page, method, params, what, deadline)
  local waiter = emitter.waiter()
  local off = page.events:listen("stayed", function()
    waiter:done(nil, refused(what, params.url or page.top.frame_url))
  end)
  local asking = native.spawn(function()
    waiter:done(page.session:try(method, params, math.max(0, deadline - native.now())))
  end)
  local _ <close> = setmetatable({}, { __close = function()
    off()
    asking:cancel()
  end })
  local ended, answer, err = waiter:await(deadline)
  if ended then return answer, err end
  return nil, fault.new("timeout", "no answer", { timed_out = true })
end

-- What Page.navigate answered when it led to no document: a download, or an error to raise.
local function no_document(page, answer, url, download, deadline)
  if answer.isDownload or answer.errorText == "net::ERR_ABORTED" then
    while answer.isDownload and not download() and page.top:await_change(math.min(deadline, native.now() + 5)) do end
    if download() then return network.download_response(page, answer.loaderId, url, download()) end
    if page.stayed then return nil, refused("page:open", url) end
  else -- the browser shows an error page of its own: let it come, lest it replaces the next navigation
    local limit = math.min(deadline, native.now() + 5)
    while page.top.loader ~= answer.loaderId and page.top:await_change(limit) do
      page:check_alive()
    end
  end
  local entry = page.documents[answer.loaderId]
  return nil, failed("page:open", url, entry and entry.failed or answer.errorText)
end

local function navigate(page, url, opts, wait, timeout, deadline)
  local download
  local off = page.events:listen("download_started", function(started)
    download = started
    page.top:change()
  end)
  local _ <close> = setmetatable({}, { __close = off })
  local flag <close> = going(page) -- luacheck: ignore
  page.stayed = nil
  local answer, err = ask_to_go(page, "Page.navigate", { url = url, referrer = opts.referer }, "page:open", deadline)
  if not answer then
    if err.kind == "timeout" then time_out(page, "page:open", url, timeout, wait) end
    if err.message:find("invalid URL", 1, true) then
      fault.raise("usage", ("page:open: %q is no address"):format(url))
    end
    error(err, 0)
  end
  if answer.errorText then
    local response, no = no_document(page, answer, url, function() return download end, deadline)
    if no then error(no, 0) end
    return response
  end
  if answer.loaderId then -- else only the part behind # changed
    await_document(page, answer.loaderId, wait, deadline, "page:open", url, timeout)
  end
  return finish(page, opts, "page:open", deadline)
end

function Page:open(url, opts)
  if type(url) ~= "string" then fault.raise("usage", "page:open takes an address, got " .. type(url)) end
  local wait, timeout, deadline
  opts, wait, timeout, deadline = check_options(self, opts, "page:open")
  revive(self)
  url = absolute(self, url)
  local ok, result = fault.try(navigate, self, url, opts, wait, timeout, deadline)
  if ok then return result end
  if result.net ~= "net::ERR_INVALID_AUTH_CREDENTIALS" then error(result, 0) end
  return require("karun.browser.route").refusing_auth(self, function()
    return navigate(self, url, opts, wait, timeout, deadline)
  end)
end

-- Starts a navigation whose loader nobody tells, and waits for the next document, or the next place in this one.
local function follow(page, what, method, params, opts, wait, timeout, deadline)
  local arrived, stopped
  local offs = {
    page.events:listen("navigation", function(event)
      if event.frame == page.top then arrived = arrived or event end
    end),
    page.events:listen("navigation_failed", function(text)
      stopped = text
      page.top:change()
    end),
  }
  local _ <close> = setmetatable({}, { __close = function()
    offs[1]()
    offs[2]()
  end })
  local flag <close> = going(page) -- luacheck: ignore
  local _, err = ask_to_go(page, method, params, what, deadline)
  if err and err.kind == "timeout" then time_out(page, what, page.top.frame_url, timeout, wait) end
  if err then error(err, 0) end
  while not arrived do
    if stopped then error(failed(what, page.top.frame_url, stopped), 0) end
    held_by_dialog(page, what)
    if page.stayed then error(refused(what, page.top.frame_url), 0) end
    if not page.top:await_change(deadline) then time_out(page, what, page.top.frame_url, timeout, wait) end
    page:check_alive()
  end
  local document = page.documents[arrived.loader]
  if document and document.failed and not document.response then
    error(failed(what, page.top.frame_url, document.failed), 0)
  end
  if not arrived.same_document then
    await_document(page, arrived.loader, wait, deadline, what, page.top.frame_url, timeout)
  end
  return finish(page, opts, what, deadline)
end

function Page:reload(opts)
  local wait, timeout, deadline
  opts, wait, timeout, deadline = check_options(self, opts, "page:reload")
  revive(self)
  self.stayed = nil
  return follow(self, "page:reload", "Page.reload", {}, opts, wait, timeout, deadline)
end

-- The browser's list of where the page was; asked again while the page changes its process.
function M.history(page, deadline)
  while true do
    local list, err = page.session:try("Page.getNavigationHistory", nil, math.max(0, deadline - native.now()))
    if list then return list end
    if err.kind ~= "context_lost" or native.now() >= deadline then error(err, 0) end
    page.top:await_change(math.min(deadline, native.now() + 0.05))
    page:check_alive()
  end
end

local function history(page, what, step, opts)
  local wait, timeout, deadline
  opts, wait, timeout, deadline = check_options(page, opts, what)
  page.stayed = nil
  local entries = M.history(page, deadline)
  local entry = entries.entries[entries.currentIndex + 1 + step]
  if not entry then return nil end
  return follow(page, what, "Page.navigateToHistoryEntry", { entryId = entry.id }, opts, wait, timeout, deadline)
end

function Page:back(opts)
  return history(self, "page:back", -1, opts)
end

function Page:forward(opts)
  return history(self, "page:forward", 1, opts)
end

return M
