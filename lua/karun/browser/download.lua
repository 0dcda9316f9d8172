-- Downloads: each is tied to the page that began it by its guid (Browser.downloadWillBegin), goes into
-- a private folder under a name of Chromium's making, and reaches its final name only when it is whole.

local fault = require "karun.error"
local file = require "karun.file"
local known = require "karun.known"
local native = require "karun.native.task"

local M = { events = {} }
local on = M.events

local PATIENCE, STALL = 900, 30 -- seconds: api.md
local MIN_FREE = 1 << 20        -- a disk with less is called full

local Download = { __name = "karun.download" }
local FIELDS = { "url", "suggested_name" }
local inner = setmetatable({}, { __mode = "k" })
local lookup = known.methods("a download", Download, FIELDS)

-- ---- state, told by the browser ----

local function change(its)
  local signal = its.changed
  its.changed = native.signal()
  signal:fire()
end

-- Tells the browser where downloads of a context go (Browser.setDownloadBehavior). One that we did not
-- start keeps its own folder; it only tells.
function M.prepare(browser, context_id)
  local folder = browser.download_folder
  browser.session:call("Browser.setDownloadBehavior", {
    behavior = folder and "allowAndName" or "default", browserContextId = context_id, downloadPath = folder, eventsEnabled = true,
  })
end

-- The connection has ended: whoever waits looks again.
function M.lost(browser)
  for _, download in pairs(browser.running_downloads) do
    change(inner[download])
  end
end

-- The page that was clicked: a tab that was opened only for the file is closed.
local function owner_of(browser, frame_id)
  local page = browser.frame_pages[frame_id] -- also of a frame that was removed as soon as it had asked
  if page and page:closed() then page = nil end
  local opener = page and page.opener_page or not page and browser.openers[frame_id]
  if page and opener and page.top.id == frame_id and page.top.commits <= 1
    and (page.top.frame_url == "" or page.top.frame_url == "about:blank") then
    page.for_download = true
    page.top:change()
    browser.session:send("Target.closeTarget", { targetId = page.target_id })
    return opener
  end
  return page or opener
end

on["Browser.downloadWillBegin"] = function(browser, params)
  local download = setmetatable({ url = params.url, suggested_name = params.suggestedFilename }, Download)
  local its = {
    browser = browser, guid = params.guid, received = 0, state = "running", changed = native.signal(), heard = {},
    moved_at = native.now(), path = browser.download_folder and browser.download_folder .. "/" .. params.guid,
  }
  inner[download] = its
  browser.running_downloads[params.guid] = download
  local page = owner_of(browser, params.frameId)
  if not page then return end
  its.page = page
  page.downloads_begun = (page.downloads_begun or 0) + 1
  page.top:change()
  page.events:emit("download", download)
  page.events:emit("download_started", download)
end

-- Each listener is a task that runs while there is something new for it; it may wait.
local function tell(its)
  for _, heard in ipairs(its.heard) do
    if not heard.busy then
      heard.busy = true
      native.spawn(function()
        local seen
        repeat
          seen = its.received
          local ok, err = fault.try(heard.fn, its.received, its.total)
          if not ok and its.page then its.page.events:fail(err) end
        until its.received == seen
        heard.busy = false
      end)
    end
  end
end

on["Browser.downloadProgress"] = function(browser, params)
  local download = browser.running_downloads[params.guid]
  local its = download and inner[download]
  if not its then return end
  if params.receivedBytes > its.received then its.moved_at = native.now() end
  its.received, its.total = params.receivedBytes, params.totalBytes > 0 and params.totalBytes or nil
  if params.state ~= "inProgress" then
    its.state = params.state == "completed" and "completed" or its.cancelled and "cancelled" or "failed"
    browser.running_downloads[params.guid] = nil
  end
  tell(its)
  change(its)
end

-- ---- what a flow asks ----

-- -> bytes received, bytes in all or nil
function Download:progress()
  local its = inner[self]
  return its.received, its.total
end

-- fn(received, total|nil) at each step, as a task.
function Download:on_progress(fn)
  if type(fn) ~= "function" then fault.raise("usage", "download:on_progress takes a function") end
  local heard = inner[self].heard
  heard[#heard + 1] = { fn = fn }
end

function Download:cancel()
  local its = inner[self]
  if its.state ~= "running" then return end
  its.cancelled = true
  its.browser.session:try("Browser.cancelDownload", { guid = its.guid })
  its.state = "cancelled"
  change(its)
end

local function facts(self, its)
  return { url = self.url, received = its.received, total = its.total, status = its.status }
end

local function failed(self, its)
  if its.fault then return its.fault end
  if its.browser.closing then return fault.new("browser_gone", "the browser was closed before the download had ended: " .. self.url) end
  if its.state == "cancelled" then
    return fault.new("cancelled", "the download was cancelled: " .. self.url, facts(self, its))
  end
  local ok, free = pcall(file.free_space, its.browser.download_folder)
  if ok and free < MIN_FREE then
    return fault.new("disk", "the disk is full: " .. its.browser.download_folder, { path = its.browser.download_folder })
  end
  return fault.new("incomplete", ("the download broke off after %d of %s bytes: %s"):format(
    its.received, its.total or "?", self.url), facts(self, its))
end

-- `completed` may come before the last bytes are on disk (measured): wait for the file's size.
local function await_bytes(self, its, deadline)
  local watch <close> = file.watch(its.browser.download_folder)
  while true do
    local stat = file.stat(its.path)
    if stat and stat.size >= its.received then return stat.size end
    if native.now() >= deadline then
      fault.raise("incomplete", ("the file has %d of %d bytes: %s"):format(stat and stat.size or 0, its.received, self.url),
        facts(self, its))
    end
    pcall(watch.next, watch, { timeout = math.max(0.01, math.min(1, deadline - native.now())) })
  end
end

-- Ends it for this reason, now and for whoever asks later.
local function give_up(self, err)
  inner[self].fault = err
  self:cancel()
  error(err, 0)
end

-- Waits for the end; raises incomplete, stalled, cancelled, disk, or timeout.
local function await_end(self, opts, what)
  local its = inner[self]
  if not its.path then
    fault.raise("unsupported", what .. ": the browser is remote and keeps its files; use karun.http.fetch(download.url, …)")
  end
  local timeout, stall = opts.timeout or PATIENCE, opts.stall or STALL
  local deadline = native.now() + timeout
  while its.state == "running" do
    its.browser:check()
    if opts.limit and its.received > opts.limit then
      give_up(self, fault.new("too_large", ("the download is larger than %d bytes: %s"):format(opts.limit, self.url),
        facts(self, its)))
    end
    local stalls_at = its.moved_at + stall
    if native.now() >= stalls_at then
      give_up(self, fault.new("stalled", ("no byte came for %g s, %d of %s are here: %s"):format(stall, its.received,
        its.total or "?", self.url), facts(self, its)))
    end
    if native.now() >= deadline then
      fault.raise("timeout", ("the download has not ended after %g s, %d of %s bytes are here: %s"):format(timeout,
        its.received, its.total or "?", self.url), { timed_out = true, timeout = timeout, url = self.url })
    end
    its.changed:wait(math.max(0, math.min(deadline, stalls_at) - native.now()))
  end
  if its.state ~= "completed" then error(failed(self, its), 0) end
  if its.total and its.received ~= its.total then error(failed(self, its), 0) end
  if not its.saved then await_bytes(self, its, math.min(deadline, native.now() + 5)) end
  return its
end

function Download:wait(opts)
  opts = known.check(opts, { "timeout", "stall" }, "download:wait")
  await_end(self, opts, "download:wait")
end

function Download:sha256(opts)
  opts = known.check(opts, { "timeout", "stall" }, "download:sha256")
  local its = await_end(self, opts, "download:sha256")
  return file.sha256(its.saved or its.path)
end

-- Puts the whole file in its place -> the path it got.
function Download:save(path, opts)
  if type(path) == "table" and opts == nil then path, opts = nil, path end
  local landing = require "karun.landing"
  opts = known.check(opts, landing.options { "timeout", "stall" }, "download:save")
  local its = await_end(self, opts, "download:save")
  if not path or path == "" then path = its.browser.downloads .. "/" end
  its.saved = landing.place(its.saved or its.path, path, {
    name = self.suggested_name, keep = its.saved ~= nil, checks = opts, url = self.url, replace = opts.replace,
  })
  return its.saved
end

-- The finished file while nobody has saved it: for proofs before it gets a name.
function Download:path(opts)
  opts = known.check(opts, { "timeout", "stall" }, "download:path")
  local its = await_end(self, opts, "download:path")
  return its.saved or its.path
end

function Download:__tostring()
  local its = inner[self]
  return ("download %s (%s, %d bytes)"):format(self.url, its.state, its.received)
end

Download.__index = lookup
M.Download = Download

return M
