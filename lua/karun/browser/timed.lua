-- Where the browser's verbs are timed for karun.trace: one list, so that the verbs themselves stay free of
-- it. `site`: only the site can end that wait.

local ask = require "karun.browser.ask"
local drift = require "karun.browser.drift"
local run = require "karun.run"
local trace = require "karun.trace"
local Download = require("karun.browser.download").Download
local Frame = require("karun.browser.frame").Frame
local Page = require("karun.browser.page").Page

-- Questions about elements, whichever verb asks them. The default limit is nobody's timing.
local function time_questions()
  local fn = ask.ask
  function ask.ask(locator, question, what, timeout, deadline, waited_for)
    if not trace.recording() then return fn(locator, question, what, timeout, deadline, waited_for) end
    local is_default = timeout == locator.frame.page:default_timeout()
    local is_wait = question.op == "wait"
    local _ <close> = trace.open { kind = is_wait and "wait" or "ask", name = is_wait and "locator:wait" or "locator:" .. what,
      subject = locator, waited_for = is_wait and waited_for or nil, timeout = not is_default and timeout or nil, start = 0, dur = 0 }
    return fn(locator, question, what, timeout, deadline, waited_for)
  end
end

local function start()
  drift.listen(function(found)
    run.drift { selectors = found.list, matched = found.entry, line = found.where }
  end)
  time_questions()
  local site = { kind = "wait", prefix = "page:", site = true, shows_arg = true }
  trace.wrap(Page, { "open", "reload", "back", "forward", "wait_url", "wait_load", "wait_request", "wait_response" }, site)
  trace.wrap(Page, { "expect" }, { kind = "wait", prefix = "page:", shows_arg = true,
    site = { download = true, response = true, request = true, navigation = true, popup = true } })
  trace.wrap(Page, { "wait_quiet" }, { kind = "wait", prefix = "page:" })
  trace.wrap(Frame, { "wait_js" }, { kind = "wait", prefix = "page:" })
  trace.wrap(Frame, { "eval" }, { kind = "ask", prefix = "page:" })
  trace.wrap(Download, { "wait", "save" }, { kind = "wait", prefix = "download:", site = true })
end

start()
return {}
