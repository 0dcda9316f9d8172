-- karun test: runs *_test.lua files; TAP on stdout and one plain line at the end.

local complaint = require "karun.cli.complaint"
local expect = require "karun.test.expect"
local fault = require "karun.error"
local fixtures = require "karun.test.fixtures"
local loader = require "karun.loader"
local output = require "karun.test.output"
local run_folder = require "karun.run_folder"
local registry = require "karun.test.registry"
local units = require "karun.units"

local M = {}

local default_timeout = 60
local leak_patience = 1 -- what is ending gets this long before it counts as left behind

local function kind_of(path, context)
  local ok, stat = pcall(context.stat, path)
  return ok and stat and stat.type or nil
end

local function gather(path, context, out)
  for _, name in ipairs(context.list(path) or {}) do
    local inner = path == "." and name or path .. "/" .. name
    if name:match("_test%.lua$") then
      out[#out + 1] = inner
    elseif not name:match("^%.") and name ~= "node_modules" and not name:match("%.%w+$")
      and kind_of(inner, context):match("^dir") then
      gather(inner, context, out)
    end
  end
  return out
end

local function find_files(paths, context)
  if #paths == 0 then paths = { kind_of("tests", context) and "tests" or "." } end
  local out = {}
  for _, path in ipairs(paths) do
    path = path:gsub("(.)/+$", "%1")
    if path:match("%.lua$") then
      out[#out + 1] = path
    else
      local before = #out
      gather(path, context, out)
      if #out == before then
        fault.raise("usage", ("there is no *_test.lua in %s"):format(path), { where = false })
      end
    end
  end
  return out
end

-- Runs fn under a limit; answers ok, error. On time-out the error says where fn waited.
local function bounded(limit, context, fn)
  local waited_at
  local ok, err = pcall(context.timeout, limit, function()
    local fine, inner = xpcall(fn, function(raised)
      if type(raised) == "table" and raised.kind == "cancelled" then waited_at = debug.traceback("", 2) end
      local trace = debug.traceback("", 2)
      raised = type(raised) == "table" and raised or fault.of(raised)
      if rawget(raised, "traceback") == nil then rawset(raised, "traceback", trace) end
      return raised
    end)
    if not fine then error(inner, 0) end
  end)
  if ok then return true end
  if waited_at and err.kind == "timeout" then
    err = { message = ("it took longer than %s"):format(units.show_duration(limit)), traceback = waited_at }
  end
  return false, err
end

local function message_of(err)
  if type(err) ~= "table" then return tostring(err) end
  if expect.is_failure(err) then return tostring(err) end
  if err.kind then return ("%s (%s)"):format(tostring(err), err.kind) end
  return err.message or tostring(err)
end

local function details_of(err, pictures, verbose)
  local out = {}
  for _, path in ipairs(pictures) do
    out[#out + 1] = "screenshot: " .. path
  end
  local trace = type(err) == "table" and rawget(err, "traceback")
  if trace then table.move(complaint.frames(tostring(trace), verbose), 1, 99, #out + 1, out) end
  return #out > 0 and table.concat(out, "\n") or nil
end

local function run_once(test, limit, context)
  fixtures.begin(test.name)
  local ok, err = bounded(test.timeout or limit, context, test.fn)
  local skipped = not ok and registry.skipped(err) or nil
  local pictures = {}
  if not ok and not skipped then
    bounded(10, context, function() pictures = fixtures.screenshots(run_folder.failures) end)
  end
  local late = fixtures.finish(function(fn) return bounded(30, context, fn) end)
  if ok and late then ok, err = false, late end
  if ok then
    local leaks = fixtures.leaks(leak_patience)
    if leaks then ok, err = false, { message = "left behind: " .. leaks } end
  end
  if ok or skipped then return { ok = true, skipped = skipped } end
  return { ok = false, message = message_of(err), details = details_of(err, pictures, context.verbose) }
end

local function load_file(path)
  local ok, err = fault.try(function() loader.new({ flow = path }).run() end)
  local tests = registry.take()
  if not ok then
    tests = { { name = "the file loads", fn = function() error(err, 0) end } }
  end
  return tests
end

local function clock(context)
  local ok, now = pcall(context.now)
  return ok and now or os.clock()
end

local function run_test(test, values, context)
  local result
  local started = clock(context)
  for try = 1, 1 + (values.retries or 0) do
    result = run_once(test, values.timeout or default_timeout, context)
    result.tries = try
    if result.ok then break end
  end
  result.name, result.dur_s = test.name, clock(context) - started
  return result
end

local function write(path, text)
  local file, why = io.open(path, "w")
  if not file then fault.raise("disk", ("%s cannot be written: %s"):format(path, why), { path = path }) end
  file:write(text)
  file:close()
end

local function count(results)
  local passed, failed, skipped = 0, 0, 0
  for _, result in ipairs(results) do
    if result.skipped then
      skipped = skipped + 1
    elseif result.ok then
      passed = passed + 1
    else
      failed = failed + 1
    end
  end
  return passed, failed, skipped
end

function M.run(values, args, context)
  local results = {}
  local function say(text)
    if values.json then return end
    context.stdout:write(text)
    context.stdout:flush()
  end
  local filter = values.filter and values.filter:lower()
  say("TAP version 13\n")
  for _, path in ipairs(find_files(args, context)) do
    for _, test in ipairs(load_file(path)) do
      if not filter or test.name:lower():find(filter, 1, true) then
        local result = run_test(test, values, context)
        result.file, result.number = path, #results + 1
        results[#results + 1] = result
        say(output.tap(result))
      end
    end
  end
  fixtures.close()
  local passed, failed, skipped = count(results)
  say(("1..%d\n"):format(#results))
  if values.junit then write(values.junit, output.junit(results, failed)) end
  if values.json then context.stdout:write(output.json(results, passed, failed, skipped)) end
  if skipped > 0 then say(("# %d skipped\n"):format(skipped)) end
  say(("%d passed, %d failed\n"):format(passed, failed))
  if #results == 0 then
    context.stderr:write("karun: no test was run\n")
    return 2
  end
  return failed == 0 and 0 or 1
end

return M
