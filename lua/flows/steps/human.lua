-- A page that asks for a person. karun never tries to get round one: headless it stops, with
-- --visible it waits for the person and goes on.

local karun = require "karun"
local log = karun.log

local M = {}

-- One look at the page: the title or marker that gives it away, or nil.
local LOOK = [[(titles, markers) => {
  const title = document.title, html = document.documentElement.outerHTML;
  return titles.find((t) => title.includes(t)) ?? markers.find((m) => html.includes(m)) ?? undefined;
}]]

local PASSED = "(...args) => document.readyState === 'complete' && !(" .. LOOK .. ")(...args)"

function M.sign(page, site)
  return page:eval(LOOK, site.challenge.titles, site.challenge.markers)
end

-- Waits until the page is one.
function M.await(page, site, timeout)
  page:wait_js(LOOK, { args = { site.challenge.titles, site.challenge.markers }, timeout = timeout })
end

-- Lets a person do what only a person may. what: for the message; passed: waits until it is done.
-- Headless it raises `human_needed` at once.
function M.step_in(run, page, what, passed)
  if not run.visible then
    error(karun.error("human_needed", ("the site asks for a person (%s, at %s); nothing was pressed. "
      .. "Run again with --visible, answer it in the window, and karun goes on"):format(what, page:url()),
      { url = page:url() }))
  end
  log.warn(("the site asks for a person (%s): please answer it in the window; waiting %d s at most"):format(what,
    math.floor(run.timing.auth.human)))
  page:bring_to_front()
  local ok, err = karun.try(passed)
  if not ok then
    if not err.timed_out then error(err) end
    error(karun.error("human_needed", ("what the site asked at %s was not answered within %d s"):format(page:url(),
      math.floor(run.timing.auth.human)), { url = page:url(), timed_out = true }))
  end
  log.info("thank you; going on")
end

-- Raises `human_needed`, or answers when the person has let us through. true: there was a check.
function M.check(run, page)
  local sign = M.sign(page, run.site)
  if not sign then return false end
  M.step_in(run, page, ("%q"):format(sign), function()
    page:wait_js(PASSED,
      { args = { run.site.challenge.titles, run.site.challenge.markers }, timeout = run.timing.auth.human })
  end)
  return true
end

return M
