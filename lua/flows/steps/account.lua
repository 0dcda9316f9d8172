-- Signing in: restore what was saved, prove it by a positive sign, else sign in once.

local karun = require "karun"
local address = require "karun.address"
local human = require "steps.human"
local sessions = require "karun.sessions"
local telling = require "karun.run"
local log = karun.log

local M = {}

-- The positive sign. No "Log in" link is none: an error page has none either.
function M.is_signed_in(page, site)
  return page:exists(site.selectors.signed_in)
end

-- After the press: signed in, refused, or something else that the caller must look at.
local function outcome(run, page)
  local sel, timeout = run.site.selectors, run.timing.auth.timeout
  local name = karun.wait.any {
    signed_in = function()
      page:find(sel.signed_in):first():wait { state = "attached", timeout = timeout }
    end,
    error_shown = sel.login_error and function()
      page:find(sel.login_error):first():wait { timeout = timeout }
    end,
    form_again = function()
      page:expect("navigation", nil, { timeout = timeout })
      page:wait_load("dom", { timeout = timeout })
      page:find(sel.login_form):first():wait { timeout = timeout }
    end,
    human = function()
      human.await(page, run.site, timeout)
    end,
    second_step = sel.second_step and function()
      page:find(sel.second_step):first():wait { timeout = timeout }
    end,
  }
  return name
end

-- Name and password are not enough for this site, this time: the rest is a person's.
local function hand_over(run, page)
  local signed_in = run.site.selectors.signed_in
  human.step_in(run, page, "a code or another step of signing in", function()
    page:find(signed_in):first():wait { state = "attached", timeout = run.timing.auth.human }
  end)
end

local function refused(page, words)
  error(karun.error("auth", ("sign-in was refused at %s%s; check the name and the password (KARUN_USERNAME, KARUN_PASSWORD). "
    .. "It was tried once"):format(page:url(), words and (": " .. words) or ""), { url = page:url() }))
end

local function fill_form(run, page)
  local sel, timing = run.site.selectors, run.timing.auth
  if not page:exists(sel.login_form) then
    page:find(sel.login_form):first():wait { timeout = timing.form }
  end
  page:find(sel.user):first():fill(run.credentials.username())
  page:find(sel.password):first():fill(run.credentials.password())
end

-- What stands at `url` once a person, where one is asked for, has let us through. A page that is leaving by
-- itself (its session has ended) may go elsewhere first: then once more.
local function visit(run, page, url)
  local function go()
    return karun.retry({ tries = 2, delay = 0, on = { "navigation" } }, function()
      return page:open(url, { wait = "dom", timeout = run.timing.open.timeout })
    end)
  end
  local response = go()
  if human.check(run, page) then response = go() end -- the first answer was the check's
  return response
end

-- Signs in afresh. A wrong password is tried once.
function M.sign_in(run, page, near)
  run.credentials.check()
  return telling.phase("login", function()
    log.info("signing in")
    visit(run, page, address.page(run.site, "login", near))
    if M.is_signed_in(page, run.site) then return end
    fill_form(run, page)
    local done = karun.spawn(outcome, run, page)
    page:find(run.site.selectors.submit):first():click()
    local ok, how = karun.try(done.join, done)
    if not ok and how.kind ~= "timeout" and how.kind ~= "not_found" then error(how) end
    if how == "human" then human.check(run, page) end
    if not M.is_signed_in(page, run.site) and (how == "second_step" or not page:exists(run.site.selectors.login_form)) then
      hand_over(run, page)
    end
    if M.is_signed_in(page, run.site) then
      run.signed_in = true
      return sessions.save(run.session_for(page:url()), run.browser)
    end
    local shown = run.site.selectors.login_error and page:exists(run.site.selectors.login_error)
      and page:find(run.site.selectors.login_error):first():text() or nil
    refused(page, shown)
  end)
end

-- The saved session holds, shown by a page that only those signed in can see; else `login_needed`.
function M.prove(run, page, url)
  visit(run, page, url)
  if M.is_signed_in(page, run.site) then return end
  error(karun.error("login_needed", "the saved sign-in does not hold any more: " .. page:url() .. " does not show it",
    { url = page:url() }))
end

-- A browser profile of one's own keeps its sign-in: it takes the site's own sign-out to start afresh.
function M.sign_out(run, page, near)
  if not run.site.paths.logout then return end
  visit(run, page, address.page(run.site, "logout", near))
end

-- The page stands at `url`, signed in: the saved session first, proven on that very page.
function M.open(run, page, url)
  local response = visit(run, page, url)
  if M.is_signed_in(page, run.site) then
    if not run.signed_in then log.info("signed in by the saved session") end
    run.signed_in = true
    return response
  end
  run.signed_in = false
  M.sign_in(run, page, url)
  response = visit(run, page, url)
  if not M.is_signed_in(page, run.site) then
    error(karun.error("login_needed", "signed in, but " .. page:url() .. " does not show it", { url = page:url() }))
  end
  return response
end

return M
