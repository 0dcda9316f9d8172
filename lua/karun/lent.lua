-- A browser that outlives the flows it is lent to (karun watch): a flow's `close` gives it back, its
-- cookies and its sign-in stay. After each flow it has one blank page and nothing else.

local fault = require "karun.error"
local json = require "karun.json"
local native = require "karun.native.task"
local task = require "karun.task"

local M = {}

local patience <const> = 10 -- seconds; closing a page takes a hundredth of one

local Lender = {}
Lender.__index = Lender

-- Puts itself in place of karun.launch and karun.connect. `close` puts them back and ends the browser.
function M.new()
  local module = require "karun.browser"
  local self = setmetatable({ module = module, launch = module.launch, connect = module.connect, offs = {} }, Lender)
  module.launch = function(opts)
    return self:lend("launch " .. json.encode(opts or {}), function() return self.launch(opts) end)
  end
  module.connect = function(url, opts)
    return self:lend("connect " .. tostring(url), function() return self.connect(url, opts) end)
  end
  return self
end

-- The flow's view of the browser: everything is the browser's own, but for its end.
local function view(self, browser)
  local lent = {}
  local function give_back() end -- tidied when the flow has ended: until then its pages can be looked at
  return setmetatable(lent, {
    __name = "karun.browser",
    __index = function(_, key)
      if key == "close" then return give_back end
      local value = browser[key]
      if type(value) ~= "function" then return value end
      return function(first, ...)
        local results = table.pack(value(first == lent and browser or first, ...))
        if key == "on" then self.offs[#self.offs + 1] = results[1] end
        return table.unpack(results, 1, results.n)
      end
    end,
    __newindex = function(_, key, value) browser[key] = value end,
    __close = give_back,
    __tostring = function() return tostring(browser) end,
  })
end

function Lender:lend(key, start)
  if self.browser and (self.browser.gone or self.key ~= key) then self:end_browser() end
  if not self.browser then
    self.browser, self.key = start(), key
  end
  return view(self, self.browser)
end

-- The pages the flow has open, the newest last.
function Lender:pages()
  local browser, out = self.browser, {}
  if not browser or browser.gone then return out end
  for _, page in pairs(browser.targets.pages) do
    if page.claimed and not page:closed() then out[#out + 1] = page end
  end
  table.sort(out, function(a, b) return a.number < b.number end)
  return out
end

-- Closes what the flow left, and has a blank page ready for the next one.
function Lender:tidy()
  for _, off in ipairs(self.offs) do
    off()
  end
  self.offs = {}
  local browser = self.browser
  if not browser or browser.gone then return end
  local left = self:pages()
  if not browser.attached and #left > 0 then
    local deadline = native.now() + patience
    local id = browser.session:call("Target.createTarget", { url = "about:blank" }, patience).targetId
    browser.targets:page(id, deadline)
    browser.claimed_first = false
  end
  for id, context in pairs(browser.contexts) do
    if id ~= "" then fault.try(context.close, context) end
  end
  for _, page in ipairs(left) do
    fault.try(page.close, page)
  end
end

function Lender:end_browser()
  local browser = self.browser
  self.browser = nil
  if browser then browser:close() end
end

function Lender:close()
  self.module.launch, self.module.connect = self.launch, self.connect
  task.shielded(self.end_browser, self)
end

Lender.__close = Lender.close

return M
