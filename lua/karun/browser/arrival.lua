-- Where a page is and how far its document has come: wait_url, wait_load, and what navigation.lua needs
-- of them.

local fault = require "karun.error"
local known = require "karun.known"
local native = require "karun.native.task"
local pattern = require "karun.browser.pattern"
local Page = require("karun.browser.page").Page

local M = {}

-- api name -> lifecycle event that must have come
local STATES = { commit = "commit", dom = "DOMContentLoaded", load = "load", idle = "networkIdle" }
M.STATES = STATES

local function last_words(page, wait)
  local seen = {}
  for _, name in ipairs { "commit", "DOMContentLoaded", "load", "networkIdle" } do
    if page.top.lifecycle[name] then seen[#seen + 1] = name end
  end
  return ("waited for %s, seen: %s, at %s"):format(wait, #seen > 0 and table.concat(seen, ", ") or "nothing", page.top.frame_url)
end

function M.time_out(page, what, url, timeout, wait)
  fault.raise("timeout", ("%s: not done after %g s: %s (%s)"):format(what, timeout, url, last_words(page, wait)),
    { timed_out = true, timeout = timeout, url = url, waited_for = wait, last_state = last_words(page, wait) })
end

-- A dialog that the flow has to answer ends the wait: nothing more will happen before.
function M.held_by_dialog(page, what)
  if page.dialog and page.dialog.held then page:ready_for(what) end
end

function Page:wait_url(wanted, opts)
  opts = known.check(opts, { "timeout" }, "page:wait_url")
  local matches = pattern.compile(wanted, "page:wait_url")
  local timeout = opts.timeout or self:default_timeout()
  local deadline = native.now() + timeout
  self.events:raise_failed()
  while true do
    self:check_alive()
    if matches(self.top.frame_url) then return self.top.frame_url end
    if not self.top:await_change(deadline) then
      fault.raise("timeout", ("page:wait_url: the address is still %s after %g s, wanted %s"):format(
        self.top.frame_url, timeout, tostring(wanted)),
        { timed_out = true, timeout = timeout, url = self.top.frame_url, waited_for = tostring(wanted) })
    end
  end
end

function Page:wait_load(state, opts)
  if type(state) == "table" and opts == nil then state, opts = nil, state end
  opts = known.check(opts, { "timeout" }, "page:wait_load")
  state = state or "load"
  if not STATES[state] then
    fault.raise("usage", ("page:wait_load(%q): it is one of load, dom, idle, commit"):format(tostring(state)))
  end
  local timeout = opts.timeout or self:default_timeout()
  local deadline = native.now() + timeout
  self.events:raise_failed()
  while true do
    self:check_alive()
    if state == "commit" or self.top.lifecycle[STATES[state]] then return end
    if not self.top:await_change(deadline) then M.time_out(self, "page:wait_load", self.top.frame_url, timeout, state) end
  end
end

return M
