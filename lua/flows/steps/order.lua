-- Ordering the file of what the mixer plays: press, basket, build, ready. Followed by what the requests
-- say; the ready dialog, in the page or in a window, is the second witness. Exactly one order a track:
-- another would cancel the build under way.

local karun = require "karun"
local levels = require "steps.levels"
local mixer = require "steps.mixer"
local setting = require "steps.setting"
local log = karun.log

local M = {}

local Order = {}
Order.__index = Order

local function header(response, name)
  return name and response.headers[name:lower()]
end

-- An address in a header or a link may be relative to what named it.
local function absolute(page, base, address)
  if address:match("^https?://") then return address end
  return page:eval("(address, base) => new URL(address, base).href", address, base)
end

local function retry_after(run, response)
  local seconds = tonumber(header(response, "retry-after") or "")
  return seconds and math.min(seconds, run.timing.retry.max_delay)
end

-- What a response means for the order, as an event; nil: nothing.
local function meaning(run, response)
  local paths, url, status = run.site.paths, response.url, response.status
  local function is(name)
    return paths[name] ~= nil and url:find(paths[name], 1, true) ~= nil
  end
  local address = header(response, run.site.headers.file)
  if address then return { what = "file", address = address, base = url, begin = url } end
  if is "basket" then
    return { what = "basket", status = status, location = header(response, "location"), retry_after = retry_after(run, response) }
  end
  if is "begin" or is "waitfor" then
    return { what = "build", status = status, begin = is "begin" and url or nil, retry_after = retry_after(run, response) }
  end
  if is "login" and status < 400 then return { what = "login" } end
end

-- A window that opens while we wait: its link is the file, and it is closed afterwards.
local function follow_window(self, window)
  self.windows[#self.windows + 1] = window
  self.tasks[#self.tasks + 1] = karun.spawn(function()
    karun.try(function()
      local link = window:find(self.run.site.selectors.file_link_anywhere):first()
      link:wait { state = "attached", timeout = self.run.timing.prepare.build }
      self.events:put { what = "file", address = link:attr("href"), base = window:url() }
    end)
  end)
end

-- The dialog in the page; the previous track's file may still hang in it.
local function follow_dialog(self)
  self.tasks[#self.tasks + 1] = karun.spawn(function()
    karun.try(function()
      local link = self.page:find(self.run.site.selectors.file_link):first()
      link:wait { timeout = self.run.timing.prepare.build }
      self.events:put { what = "file", address = link:attr("href"), base = self.page:url() }
    end)
  end)
end

-- This page's requests, and those of its windows: another page may order another song meanwhile.
local function listen(self, page)
  local run, basket = self.run, self.run.site.paths.basket
  self.offs[#self.offs + 1] = page:on("response", function(response)
    local event = meaning(run, response)
    if event then self.events:put(event) end
  end)
  self.offs[#self.offs + 1] = page:on("request", function(request)
    if not basket or not request.url:find(basket, 1, true) then return end
    self.events:put { what = "asked", url = request.url, levels = levels.of_request(run, request.url) }
  end)
end

local function follow(run, page, settings)
  local self = setmetatable({
    run = run, page = page, settings = settings, events = karun.queue(), tasks = {}, windows = {}, offs = {}, previous = run.previous[page],
  }, Order)
  listen(self, page)
  self.offs[#self.offs + 1] = page:on("popup", function(window)
    listen(self, window)
    follow_window(self, window)
  end)
  -- a question at the press of Download ("generate this track now?") means the order that we want
  self.offs[#self.offs + 1] = page:on("dialog", function(dialog)
    log.info(("the page asks %q; answered yes"):format(dialog.message))
    dialog:accept()
  end)
  return self
end

-- The next event, or nil when the deadline has passed.
function Order:next(deadline, what)
  local left = math.max(0, deadline - karun.now())
  local ok, event = karun.try(karun.trace.waiting, what, { site = true, timeout = left }, function()
    return self.events:get { timeout = left }
  end)
  if ok then return event end
  if event.kind ~= "timeout" then error(event) end
end

local function login_needed(page)
  return karun.error("login_needed", "the session has ended: the site asks to sign in again", { url = page:url() })
end

local function check_basket(self, event)
  if event.status == 429 or event.status == 503 then
    error(karun.error("rate_limited", ("the site is busy: it answers %d to the order"):format(event.status),
      { status = event.status, retry_after = event.retry_after }))
  end
  if event.location and event.location:find(self.run.site.paths.login, 1, true) then error(login_needed(self.page)) end
  if event.status >= 400 then
    error(karun.error("http", ("the site refused the order: it answers %d"):format(event.status), { status = event.status }))
  end
end

-- The order was taken by the server, or this raises. A press that nothing answered is repeated.
function Order:press(track)
  local run, page, timing = self.run, self.page, self.run.timing.prepare
  local link = page:find(run.site.selectors.download):first()
  if link:has_class(run.site.classes.buy) then
    error(karun.error("not_purchased", "this song is not bought; nothing was pressed", { url = page:url() }))
  end
  for press = 1, timing.presses do
    mixer.press(run, page, link, { timeout = timing.press })
    local deadline, asked = karun.now() + timing.start, false
    while true do
      local event = self:next(deadline, "the site to take the order")
      if not event then break end
      if event.what == "login" then error(login_needed(page)) end
      if event.what == "asked" and not asked then
        asked, deadline = true, karun.now() + timing.basket
        if event.levels and track then levels.check(track, event.levels) end
        local wrong = self.settings and setting.contradiction(event.url, self.settings)
        if wrong then error(karun.error("not_applied", wrong, { url = page:url() })) end
      elseif event.what == "basket" then
        check_basket(self, event)
        self.ordered_at = karun.now()
        follow_dialog(self)
        return
      elseif event.what == "file" then -- a site without a basket step answers at once
        self.events:put(event)
        return
      end
    end
    if asked then
      error(karun.error("timeout", ("the site did not answer the order within %g s"):format(timing.basket), { timed_out = true }))
    end
    if press < timing.presses then
      run.note("press", ("the press of Download was lost (no request within %g s); pressed again"):format(timing.start))
    end
  end
  error(karun.error("not_applied", ("%d presses of Download were answered by no request"):format(timing.presses)))
end

-- The server still offers the file before this one: it is asked again, without a second order.
local function ask_again(self, begin, deadline)
  local run = self.run
  log.info("the site still offers the previous file; asking again")
  while karun.now() < deadline do
    local answer = karun.http.fetch(begin, {
      cookies = run.browser:cookies(begin), headers = { ["x-requested-with"] = "XMLHttpRequest" },
      timeout = run.timing.prepare.build,
    })
    local address, building = header(answer, run.site.headers.file), header(answer, run.site.headers.building)
    if answer.status >= 400 then
      error(karun.error("http", ("the build failed: the site answers %d"):format(answer.status), { status = answer.status }))
    end
    if address and absolute(self.page, begin, address) ~= self.previous then
      return { what = "file", address = address, base = begin }
    end
    if building then
      karun.http.fetch(absolute(self.page, begin, building), {
        cookies = run.browser:cookies(begin), timeout = run.timing.prepare.build,
      })
    else
      karun.sleep(run.timing.prepare.ask) -- manners: how long a stale offer stands is the server's secret
    end
  end
end

-- -> the address of this order's file.
function Order:ready()
  local run, page = self.run, self.page
  local deadline = karun.now() + run.timing.prepare.build
  local begin
  while true do
    local event = self:next(deadline, "the site to build the file")
    if not event then
      error(karun.error("timeout", ("the site has not built the file within %g s"):format(run.timing.prepare.build),
        { timed_out = true, timeout = run.timing.prepare.build }))
    end
    begin = event.begin or begin
    if event.what == "login" then error(login_needed(page)) end
    if event.what == "build" and event.status >= 400 then
      error(karun.error("http", ("the build failed: the site answers %d"):format(event.status),
        { status = event.status, retry_after = event.retry_after }))
    end
    if event.what == "file" then
      local address = absolute(page, event.base, event.address)
      if address ~= self.previous then return self:found(address) end
      local fresh = begin and ask_again(self, begin, karun.now() + run.timing.prepare.fresh)
      if fresh then return self:found(absolute(page, fresh.base, fresh.address)) end
    end
  end
end

function Order:found(address)
  self.run.previous[self.page] = address
  self.run.ours[address] = true
  return address
end

-- Closes the ready dialog and windows: left open they cover the mixer.
function Order:dismiss()
  local run, page, timing = self.run, self.page, self.run.timing.prepare
  for _, task in ipairs(self.tasks) do
    task:cancel()
  end
  for _, window in ipairs(self.windows) do
    karun.try(window.close, window)
  end
  if #self.windows > 0 then return end
  local shown = karun.try(function()
    page:find(run.site.selectors.ready):first():wait { timeout = timing.ready }
  end)
  if not shown then return end
  karun.try(function()
    page:find(run.site.selectors.modal_close):first():click { timeout = timing.close }
    page:find(run.site.selectors.ready):first():wait { state = "hidden", timeout = timing.close }
  end)
end

function Order:close()
  for _, off in ipairs(self.offs) do
    off()
  end
  for _, task in ipairs(self.tasks) do
    task:cancel()
  end
end

Order.__close = Order.close

-- An order for what the mixer plays now; nothing is pressed yet. settings: what key and count-in it must say.
function M.new(run, page, settings)
  return follow(run, page, settings)
end

return M
