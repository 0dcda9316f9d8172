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

-- Tells the browser where downloads of a context go (Browser.setDownloadBehavior).
function M.prepare(browser, context_id)
  if not browser.download_folder then return end
  browser.session:call("Browser.setDownloadBehavior", {
    behavior = "allowAndName", browserContextId = context_id, downloadPath = browser.download_folder, eventsEnabled = true,
  })
end

local function page_of(browser, frame_id)
  for _, page in pairs(browser.targets.pages) do
    if page.frames_by_id[frame_id] then return page end
  end
end

-- The page that was clicked: a tab that was opened only for the file is closed.
local function owner_of(browser, frame_id)
  local page = page_of(browser, frame_id)
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
  page.events:emit("download", download)
  page.events:emit("download_started", download)
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
  for _, fn in ipairs(its.heard) do
    fn(its.received, its.total)
  end
  change(its)
end

-- ---- what a flow asks ----

-- -> bytes received, bytes in all or nil
function Download:progress()
  local its = inner[self]
  return its.received, its.total
end

-- fn(received, total|nil) at each step; must not wait.
function Download:on_progress(fn)
  if type(fn) ~= "function" then fault.raise("usage", "download:on_progress takes a function") end
  local heard = inner[self].heard
  heard[#heard + 1] = fn
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
      self:cancel()
      fault.raise("too_large", ("the download is larger than %d bytes: %s"):format(opts.limit, self.url), facts(self, its))
    end
    local stalls_at = its.moved_at + stall
    if native.now() >= stalls_at then
      self:cancel()
      fault.raise("stalled", ("no byte came for %g s, %d of %s are here: %s"):format(stall, its.received,
        its.total or "?", self.url), facts(self, its))
    end
    if native.now() >= deadline then
      fault.raise("timeout", ("the download has not ended after %g s, %d of %s bytes are here: %s"):format(timeout,
        its.received, its.total or "?", self.url), { timed_out = true, timeout = timeout, url = self.url })
    end
    its.changed:wait(math.max(0, math.min(deadline, stalls_at) - native.now()))
  end
  if its.state ~= "completed" then error(failed(self, its), 0) end
  if its.total and its.received ~= its.total then error(failed(self, its), 0) end
  await_bytes(self, its, math.min(deadline, native.now() + 5))
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
