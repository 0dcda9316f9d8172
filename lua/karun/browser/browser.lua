-- A browser: started by us or attached to. Its own context is one among others; what a flow asks the
-- browser for, it asks that context for.

local context = require "karun.browser.context"
local fault = require "karun.error"
local known = require "karun.known"
local launch = require "karun.browser.launch"
local native = require "karun.native.task"
local session = require "karun.browser.session"
local task = require "karun.task"
local witness = require "karun.browser.witness"

local Browser = { __name = "karun.browser" }
known.class("a browser", Browser, {
  "pid", "profile", "session", "targets", "contexts", "own", "started", "gone", "gone_words", "timeout", "changed",
  "user_agent", "attached", "own_events", "product", "downloads", "stats_base", "slow", "claimed_first", "conn", "closed", "closing", "download_folder",
  "openers", "running_downloads", "frame_pages", "heartbeat", "leave", "clock_offset",
})

local function new(fields)
  local self = setmetatable(fields, Browser)
  self.contexts, self.changed = {}, native.signal()
  self.openers, self.running_downloads = setmetatable({}, { __mode = "v" }), {} -- by target id; by guid
  self.frame_pages = setmetatable({}, { __mode = "v" }) -- by frame id, also of frames that are gone
  self.own_events = require("karun.browser.download").events
  self.session = session.new(self.conn, "")
  require("karun.stats").add(self.conn)
  return self
end

function Browser:wake()
  local signal = self.changed
  self.changed = native.signal()
  signal:fire()
end

function Browser:await_change(deadline)
  return self.changed:wait(math.max(0, deadline - native.now()))
end

function Browser:check()
  if self.gone then fault.raise("browser_gone", self.gone_words, { pid = self.pid }) end
end

-- The connection has ended: every page with it.
function Browser:lost(why)
  if self.gone then return end
  self.gone = "browser_gone"
  self.gone_words = self.closing and "the browser was closed" or "the browser is gone (" .. why .. ")"
  self.session:lose("browser_gone", self.gone_words)
  require("karun.browser.download").lost(self)
  for _, page in pairs(self.targets and self.targets.pages or {}) do
    page:lose("browser_gone", self.gone_words)
    page.events:emit("close", page)
  end
  self:wake()
end

function Browser:context_of(id)
  return self.contexts[id or ""] or self.own
end

-- The blank tab that Chromium starts with serves as the first page: one page less to make.
function Browser:claim_first_page(for_context)
  if self.attached or self.claimed_first or for_context ~= self.own then return nil end
  self.claimed_first = true
  for id, page in pairs(self.targets.pages) do
    if page.context == self.own and not page.is_popup then return id end
  end
end

function Browser:context(opts)
  opts = known.check(opts, context.OPTIONS, "browser:context")
  context.check(opts)
  self:check()
  local id = self.session:call("Target.createBrowserContext", { disposeOnDetach = true }).browserContextId
  local made = context.new(self, id, opts)
  self.contexts[id] = made
  require("karun.browser.download").prepare(self, id)
  if opts.session then made:load_session(opts.session) end
  return made
end

function Browser:version()
  return self.product
end

-- The calls of the browser's own context.
for _, name in ipairs {
  "page", "pages", "on", "route", "cookies", "set_cookies", "clear_cookies", "save_session", "load_session",
} do
  Browser[name] = function(self, ...)
    self:check()
    return self.own[name](self.own, ...)
  end
end

function Browser:close()
  if self.closed then return end
  self.closed, self.closing = true, true
  task.shielded(function()
    if self.started then
      launch.stop(self.started)
    else
      if self.heartbeat then self.heartbeat:cancel() end
      self.conn:close()
      if self.leave then self.leave() end
    end
  end)
  self:lost("closed")
end

function Browser:__close(err)
  if err ~= nil and self.targets and not self.gone then task.shielded(witness.look, err, self.targets.pages) end
  self:close()
end

function Browser:__tostring()
  return ("browser %s%s"):format(self.product or "", self.pid and " (pid " .. self.pid .. ")" or "")
end

-- After the connection stands: attach to what is there, tell where downloads go.
local function begin(self, opts)
  self.own = context.new(self, nil, opts)
  self.contexts[""] = self.own
  require("karun.browser.target").start(self, self.conn)
  require("karun.browser.download").prepare(self, nil)
  return self
end

local M = { Browser = Browser }

function M.launched(started, opts)
  local self = new {
    conn = started.conn, started = started, pid = started.child:pid(), profile = started.profile, timeout = opts.timeout or false,
    product = started.version.product, user_agent = started.version.userAgent, downloads = opts.downloads,
    download_folder = started.downloads, slow = opts.slow,
  }
  local ok, err = pcall(begin, self, { viewport = opts.viewport, locale = opts.locale })
  if not ok then
    task.shielded(launch.stop, started)
    error(err, 0)
  end
  return self
end

-- leave(): how to say goodbye besides closing the connection.
function M.connected(conn, version, opts, leave)
  local connect = require "karun.browser.connect"
  local self = new {
    conn = conn, attached = true, timeout = opts.timeout or false, product = version.product, user_agent = version.userAgent,
    downloads = opts.downloads or "downloads", slow = opts.slow, leave = leave,
  }
  local ok, err = fault.try(function()
    begin(self, {})
    local deadline = native.now() + (opts.timeout or 30)
    for _, page in pairs(self.targets.pages) do -- what was there is ours to use, once we know it
      page.ready:await(deadline)
    end
  end)
  if not ok then
    self:close()
    error(err, 0)
  end
  self.heartbeat = connect.watch(self, opts.heartbeat or connect.HEARTBEAT)
  return self
end

return M
