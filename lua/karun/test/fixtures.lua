-- What a test may ask for and need not clean up: a browser for the whole run, fresh pages, servers,
-- folders, and karun itself as a child process.

local fault = require "karun.error"
local known = require "karun.known"
local native_task = require "karun.native.task"
local proc = require "karun.native.proc"

local M = {}

-- of the whole run
local shared = { browser = nil, pages = 0 }
-- of the running test
local test

local function karun()
  return require "karun"
end

-- Things alive now: tasks, waits, timers.
local levels = native_task.stats

function M.begin(name)
  test = { name = name, after = {}, pages = {}, base = levels() }
end

function M.after(fn)
  if not test then fault.raise("usage", "t.after is only to be had inside a test") end
  test.after[#test.after + 1] = fn
end

-- Runs what was put off, last first; answers the first error.
function M.finish(call)
  local first
  while #test.after > 0 do
    local fn = table.remove(test.after)
    local ok, err = call(fn)
    if not ok then first = first or err end
  end
  return first
end

local function alive(browser)
  return browser ~= nil and pcall(browser.version, browser)
end

local function launch(options)
  local settings = require "karun.settings"
  local all = { headless = not settings.config().values.visible, executable = settings.config().values.browser }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return karun().launch(all)
end

-- The run's one browser; with options one of the test's own, closed after it.
function M.browser(options)
  if options then
    local own = launch(options)
    M.after(function() own:close() end)
    return own
  end
  if not alive(shared.browser) then
    local before = levels()
    shared.browser = launch()
    shared.pages = #shared.browser:pages()
    local after = levels()
    for name, level in pairs(test and test.base or {}) do
      test.base[name] = level + math.max(0, after[name] - before[name])
    end
  end
  return shared.browser
end

-- A fresh page in a context of its own; options are those of browser:context.
function M.page(options)
  local context = M.browser():context(options or {})
  M.after(function() context:close() end)
  local page = context:page()
  test.pages[#test.pages + 1] = page
  return page
end

local server_keys = { host = true, port = true, routes = true, static = true, ws = true }

-- A server on loopback: routes ({["GET /"] = fn or text}), or all options of karun.serve.
function M.serve(options)
  local is_options = false
  for key in pairs(options) do
    is_options = is_options or server_keys[key] ~= nil
  end
  if not is_options then options = { routes = options } end
  for route, answer in pairs(options.routes or {}) do
    if type(answer) ~= "function" then options.routes[route] = function() return answer end end
  end
  local server = karun().serve(options)
  M.after(function() server:close() end)
  return server
end

-- A fresh page that shows `html`, served over loopback; then the server.
function M.html(html, options)
  local server = M.serve {
    ["GET /"] = function()
      return { status = 200, headers = { ["content-type"] = "text/html; charset=utf-8" }, body = html }
    end,
  }
  local page = M.page(options)
  page:open(server.url)
  return page, server
end

-- A private folder, gone at the end of the run.
function M.tmp()
  return karun().file.temp()
end

local function home()
  if not test.home then test.home = M.tmp() end
  return test.home
end

-- The environment of a child: ours, with `changes` laid over it.
local function environment(changes)
  local out = {}
  for _, pair in ipairs(proc.environ()) do
    if changes[pair:match("^[^=]*")] == nil then out[#out + 1] = pair end
  end
  for name, value in pairs(changes) do
    if value then out[#out + 1] = name .. "=" .. tostring(value) end
  end
  return out
end

local function run_child(spec, timeout)
  local child = proc.start(spec)
  local ended = child:wait(timeout)
  if not ended then
    child:kill(9)
    child:wait(10)
  end
  local code, signal = child:status()
  local out, err = child:out(), child:err()
  child:close()
  if not ended then
    fault.raise("timeout", ("%s did not end within %g s; it said:\n%s%s"):format(table.concat(spec.argv, " "), timeout,
      out, err), { timed_out = true, timeout = timeout, stderr = err })
  end
  return { code = code, signal = signal, out = out, err = err }
end

-- karun itself with these arguments -> { code, signal, out, err }. Its HOME and XDG folders are the
-- test's own; env adds variables (false takes one away).
function M.run(argv, options)
  options = known.check(options, { "env", "input", "timeout", "cwd", "program" }, "t.run")
  local folder = home()
  local env = {
    HOME = folder, XDG_CONFIG_HOME = folder .. "/config", XDG_DATA_HOME = folder .. "/data",
    XDG_STATE_HOME = folder .. "/state", XDG_CACHE_HOME = folder .. "/cache",
  }
  for name, value in pairs(options.env or {}) do
    env[name] = value
  end
  local all = { options.program or "/proc/self/exe" }
  table.move(argv, 1, #argv, 2, all)
  return run_child({ argv = all, env = environment(env), cwd = options.cwd, input = options.input, capture = true },
    options.timeout or 60)
end

-- Pictures of the test's pages into the folder that `folder()` names; answers their paths.
function M.screenshots(folder)
  local paths = {}
  folder = #test.pages > 0 and folder()
  for i, page in ipairs(test.pages) do
    local path = ("%s/%s%s.png"):format(folder, test.name:gsub("[^%w]+", "-"):sub(1, 80), i > 1 and "-" .. i or "")
    if pcall(page.screenshot, page, path) then paths[#paths + 1] = path end
  end
  return paths
end

local function too_many()
  local out = {}
  local now = levels()
  for name, level in pairs(now) do
    local more = level - (test.base[name] or level)
    if more > 0 then out[#out + 1] = ("%d %s"):format(more, name) end
  end
  if shared.browser and #shared.browser:pages() > shared.pages then
    out[#out + 1] = ("%d pages"):format(#shared.browser:pages() - shared.pages)
  end
  table.sort(out)
  return #out > 0 and table.concat(out, ", ") or nil
end

-- What the test left behind, or nil. What is ending gets a moment: closing is told by events.
function M.leaks(limit)
  local ok, found = pcall(too_many)
  local waited = 0
  while ok and found and waited < limit do
    karun().sleep(0.05)
    waited = waited + 0.05
    ok, found = pcall(too_many)
  end
  return found
end

function M.close()
  if shared.browser then pcall(shared.browser.close, shared.browser) end
  shared.browser = nil
end

return M
