-- karun doctor: is all there that karun needs, and do a site table's selectors still match the live
-- pages. Each line on stdout begins with a status or with a selector's name. Reads; presses nothing
-- that changes or buys.

local config = require "karun.config"
local edit = require "karun.doctor.edit"
local environment = require "karun.doctor.environment"
local fault = require "karun.error"
local mend = require "karun.doctor.mend"
local settings = require "karun.settings"
local site_pass = require "karun.doctor.site"

local M = {}

local shown_selectors <const> = 3

local function say(context, format, ...)
  context.stdout:write((format:format(...):gsub("[%c\127]", "?")), "\n")
  context.stdout:flush()
end

-- ---- karun doctor --config ----

local function show_config(values, context)
  local conf = settings.config()
  local out = {}
  for _, name in ipairs(config.names) do
    local value = conf.values[name]
    if config.keys[name].secret and value ~= nil then value = "***" end
    out[name] = { value = value, from = conf.from[name] }
    if not values.json then say(context, "%-19s %-40s %s", name, value == nil and "-" or tostring(value), conf.from[name]) end
  end
  if values.json then
    context.stdout:write(require("karun.json").encode({ schema = 1, config = out }, { pretty = true }), "\n")
  end
  return 0
end

-- ---- lines ----

local function tell_environment(context, finding)
  local fix = finding.fix and finding.status ~= "ok" and "; to do: " .. finding.fix or ""
  say(context, "%-5s %-17s %s%s", finding.status, finding.name, finding.message, fix)
  for _, line in ipairs(finding.changes or {}) do
    say(context, "diff  %-17s %s", finding.name, line)
  end
end

local function tell_selector(context, verdict)
  say(context, "%-19s %-5s %s", verdict.name, verdict.status, verdict.message)
  local proposal = verdict.proposal
  if not proposal then
    if verdict.status == "fail" then
      say(context, "%-19s fix   nothing on the page is like it; look at the page (--visible) and edit %s", verdict.name, verdict.file)
    end
    return
  end
  say(context, "%-19s found %s", verdict.name, proposal.about)
  for i = 1, math.min(shown_selectors, #proposal.selectors) do
    local one = proposal.selectors[i]
    say(context, "%-19s %-5s %d/100 `%s` by %s", verdict.name, i == 1 and "best" or "or", one.lasts, one.selector, one.kind)
  end
  say(context, "%-19s fix   %s: %s = %s,", verdict.name, verdict.file, verdict.name, edit.list(verdict.list))
end

-- ---- the site ----

local function wants_site(values, args)
  return #args > 0 or values.site ~= nil
end

local function one_url(args)
  if #args > 1 then
    fault.raise("usage", "karun doctor takes one URL; run it once for each page", { where = false })
  end
  return args[1]
end

local function add_fix(verdict, site)
  if verdict.status == "fail" or verdict.proposal then verdict.file = mend.target(site.name).path end
  if verdict.proposal then verdict.list = mend.list(site.selectors[verdict.name], verdict.proposal.selectors[1].selector) end
end

local function try_site(run, url, values, context)
  local site = settings.site()
  if not values.json then say(context, "%-5s %-17s %s", "site", site.name, url or site.base_url) end
  site_pass.run(run.browser, site, site_pass.address(site, url), function(verdict)
    local is_selector = site.selectors[verdict.name] ~= nil
    if not is_selector then
      if not values.json then tell_environment(context, verdict) end
      run.environment[#run.environment + 1] = verdict
      local clock = environment.clock_against(verdict.date)
      verdict.date = nil
      if clock and not run.clock then
        run.clock = true
        run.out(clock)
      end
      return
    end
    add_fix(verdict, site)
    run.selectors[#run.selectors + 1] = verdict
    if not values.json then tell_selector(context, verdict) end
  end)
end

local function changes_of(run)
  local changes = {}
  for _, verdict in ipairs(run.selectors) do
    if verdict.list then changes[#changes + 1] = { name = verdict.name, list = verdict.list } end
  end
  return changes
end

-- Applies what was proposed; a selector mended so no longer counts as failed.
local function write(run, values, context)
  local changes = changes_of(run)
  if #changes == 0 then return end
  local written = mend.write(settings.site().name, changes)
  run.written = written
  for _, verdict in ipairs(run.selectors) do
    verdict.mended = verdict.list ~= nil or nil
  end
  if values.json then return end
  for _, line in ipairs(written.diff) do
    say(context, "diff  %s", line)
  end
  say(context, "wrote %s%s", written.path, written.backup and (" (as it was: %s)"):format(written.backup) or "")
end

local function count_failed(run)
  local failed = 0
  for _, list in ipairs { run.environment, run.selectors } do
    for _, one in ipairs(list) do
      if one.status == "fail" and not one.mended then failed = failed + 1 end
    end
  end
  return failed
end

local function as_json(run, failed, context)
  local json = require "karun.json"
  context.stdout:write(json.encode({
    schema = 1, failed = failed, environment = json.array(run.environment), selectors = json.array(run.selectors),
    written = run.written,
  }, { pretty = true }), "\n")
end

function M.run(values, args, context)
  if values.config then return show_config(values, context) end
  local url = one_url(args)
  local run = { environment = {}, selectors = {} }
  function run.out(finding)
    run.environment[#run.environment + 1] = finding
    if not values.json then tell_environment(context, finding) end
  end
  settings.check()
  local browser
  local guard <close> = setmetatable({}, { __close = function() if browser then browser:close() end end }) -- luacheck: ignore
  environment.run(run.out, function(started)
    browser, run.browser = started, started
  end)
  if not wants_site(values, args) then
    run.out { name = "site", status = "skip", message = "not looked at: karun doctor --site NAME [URL] tries its selectors" }
  elseif browser then
    try_site(run, url, values, context)
    if values.write then write(run, values, context) end
  end
  local failed = count_failed(run)
  if values.json then as_json(run, failed, context) end
  local fixable = #changes_of(run) > 0 and not run.written and "; --write applies the fixes" or ""
  context.stderr:write(failed == 0 and ("nothing fails%s\n"):format(fixable) or ("%d fail%s\n"):format(failed, fixable))
  return failed == 0 and 0 or 3
end

return M
