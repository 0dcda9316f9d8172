-- Sessions that outlive a run: a context's cookies and the local storage of its origins in one file,
-- readable by its owner only.

local fault = require "karun.error"
local file = require "karun.file"
local json = require "karun.json"
local log = require "karun.log"
local native = require "karun.native.task"
local target = require "karun.browser.target"
local Context = require("karun.browser.context").Context

local SCHEMA, LIMIT = 1, 64 << 20
local READ = "() => Object.fromEntries(Object.entries(localStorage))"
local WRITE = "(items) => { for (const [k, v] of Object.entries(items)) localStorage.setItem(k, v); }"

-- ---- local storage: only a document of the origin can reach it ----

-- Runs fn(page) in a page that no flow sees; everything it asks the network for is answered here.
local function with_hidden_page(context, fn)
  local browser, deadline = context.browser, native.now() + context:default_timeout()
  local id = browser.session:call("Target.createTarget", { url = target.HIDDEN, browserContextId = context.id }).targetId
  local page <close> = browser.targets:page(id, deadline)
  page:route("", function(request)
    request:fulfill { body = "<!doctype html>" }
  end)
  return fn(page)
end

local function visit(page, origin)
  page:open(origin .. "/", { wait = "commit" })
end

local function sorted(set)
  local list = {}
  for name in pairs(set) do
    list[#list + 1] = name
  end
  table.sort(list)
  return list
end

local function read_storage(context)
  local origins, out = sorted(context.origins), json.array {}
  if #origins == 0 then return out end
  with_hidden_page(context, function(page)
    for _, origin in ipairs(origins) do
      visit(page, origin)
      local ok, items = fault.try(page.eval, page, READ)
      if ok and next(items) then out[#out + 1] = { origin = origin, local_storage = items } end
      if not ok and items.kind ~= "script" then error(items, 0) end -- a script error: no storage there
    end
  end)
  return out
end

local function write_storage(context, origins)
  if #origins == 0 then return end
  with_hidden_page(context, function(page)
    for _, entry in ipairs(origins) do
      visit(page, entry.origin)
      page:eval(WRITE, entry.local_storage)
      context.origins[entry.origin] = true
    end
  end)
end

-- ---- the file ----

-- Cookies and local storage into a file of mode 0600, whole or not at all.
function Context:save_session(path)
  if type(path) ~= "string" or path == "" then fault.raise("usage", "save_session takes a path") end
  self:check()
  local text = json.encode({ schema = SCHEMA, cookies = json.array(self:cookies()), origins = read_storage(self) }, { pretty = true })
  local folder = file.split(path)
  if not file.exists(folder) then file.mkdir(folder, { mode = "700" }) end
  file.write(path, text .. "\n", { mode = "600" })
end

local function is_text_table(value)
  if type(value) ~= "table" then return false end
  for name, item in pairs(value) do
    if type(name) ~= "string" or type(item) ~= "string" then return false end
  end
  return true
end

-- What a file says, or nil and what is wrong with it.
local function parse(text)
  local ok, tree = fault.try(json.decode, text)
  if not ok then return nil, "it is no JSON" end
  if type(tree) ~= "table" or type(tree.cookies) ~= "table" or type(tree.origins) ~= "table" then return nil, "it holds no session" end
  if tree.schema ~= SCHEMA then return nil, ("its schema is %s, not %d"):format(tostring(tree.schema), SCHEMA) end
  for _, entry in ipairs(tree.origins) do
    if type(entry) ~= "table" or type(entry.origin) ~= "string" or not entry.origin:find("^https?://[^/]+$")
      or not is_text_table(entry.local_storage) then
      return nil, "its local storage is damaged"
    end
  end
  return tree
end

local function set_aside(path, why)
  local bad = ("%s.bad-%s"):format(path, os.date("!%Y%m%dT%H%M%SZ"))
  file.move(path, bad, { replace = true })
  log.warn(("the session file %s cannot be used (%s); it is now %s. Sign in afresh"):format(path, why, bad))
  return false
end

local function check_private(path, stat)
  if stat.type == "link" then fault.raise("path", ("load_session: %s is a link"):format(path), { path = path }) end
  if stat.mode & 63 ~= 0 then
    fault.raise("config", ("load_session: %s can be read by others and may hold a sign-in; chmod 600 '%s'"):format(path, path),
      { path = path })
  end
end

-- true, or false when there is none or a broken one, which is set aside.
function Context:load_session(path)
  if type(path) ~= "string" or path == "" then fault.raise("usage", "load_session takes a path") end
  self:check()
  local stat = file.stat(path)
  if not stat then return false end
  check_private(path, stat)
  local tree, why = parse(file.read(path, { limit = LIMIT }))
  if not tree then return set_aside(path, why) end
  local ok, err = fault.try(self.set_cookies, self, tree.cookies)
  if not ok and err.kind == "usage" then return set_aside(path, err.message) end
  if not ok then error(err, 0) end
  write_storage(self, tree.origins)
  return true
end
