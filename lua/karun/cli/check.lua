-- karun check: reads flows and data files for mistakes, without a browser.

local config = require "karun.config"
local data_file = require "karun.data_file"
local dirs = require "karun.dirs"
local fault = require "karun.error"
local rules_of = require "karun.check.rules"
local settings = require "karun.settings"
local site_file = require "karun.site_file"
local songs = require "karun.songs"
local stubs = require "karun.check.stubs"
local timing_file = require "karun.timing_file"
local tokens = require "karun.tokens"
local walk = require "karun.check.walk"

local M = {}

local skipped = { node_modules = true, runs = true, downloads = true, build = true }

local function kind_of(path, context)
  local ok, stat = pcall(context.stat, path)
  return ok and stat and stat.type or nil
end

local function gather(folder, context, out)
  for _, name in ipairs(context.list(folder) or {}) do
    local path = folder == "." and name or folder .. "/" .. name
    if name:match("%.lua$") then
      out[#out + 1] = path
    elseif not name:match("^%.") and not skipped[name] and kind_of(path, context) == "directory" then
      gather(path, context, out)
    end
  end
  return out
end

local function find_files(args, context)
  local out = {}
  for _, path in ipairs(#args > 0 and args or { "." }) do
    path = path:gsub("(.)/+$", "%1")
    local kind = kind_of(path, context)
    if kind == "directory" then
      gather(path, context, out)
    elseif kind then
      out[#out + 1] = path
    else
      fault.raise("config", "there is no file " .. path, { path = path, where = false })
    end
  end
  return out
end

local function is_data(text)
  for _, token in ipairs(tokens.list(text)) do
    if token.kind ~= "comment" then return token.text == "return" end
  end
  return false
end

-- What a file is, by its name and first word.
local function sort_of(path, text)
  if text:match("^%-%-%-@meta") then return "stub" end
  if not path:match("%.lua$") then return "songs" end
  if not is_data(text) then return "code" end
  local name = path:match("[^/]+$")
  if name == "timing.lua" then return "timing" end
  if name == "karun.lua" or name == "config.lua" then return "config" end
  if path:match("sites/[^/]+$") then return "site" end
  if name:match("songs") and text:find("url", 1, true) then return "songs" end
  return "code"
end

-- Runs a loader that raises one error for many problems; adds them to the list.
local function collect(problems, path, fn, ...)
  local ok, err = pcall(fn, ...)
  if ok then return end
  if type(err) ~= "table" or err.kind ~= "config" then error(err, 0) end
  for _, problem in ipairs(err.problems or {}) do
    problems[#problems + 1] = { file = path, line = problem.line or 1, message = problem.message }
  end
  if not err.problems then
    local line, message = err.message:match(":(%d+): (.*)$")
    problems[#problems + 1] = { file = path, line = tonumber(line) or 1, message = message or err.message }
  end
end

local function check_site(path)
  local tree, lines = data_file.load(path)
  local name = path:match("([^/]+)%.lua$")
  local over = path ~= dirs.shipped .. "/sites/" .. name .. ".lua"
    and data_file.text(dirs.shipped .. "/sites/" .. name .. ".lua") ~= nil
  local found = site_file.problems(tree, over)
  for _, problem in ipairs(found) do
    problem.line = lines[problem.name] or lines[problem.name:match("^[^.]+")]
  end
  data_file.complain(path, found)
end

local data_checks = {
  timing = function(path)
    timing_file.load { shipped = dirs.shipped .. "/timing.lua", files = { path } }
  end,
  config = function(path)
    config.load { files = { path }, getenv = function() end }
  end,
  site = check_site,
  songs = function(path)
    local ok, site = pcall(settings.site)
    songs.read(path, ok and site or settings.site(config.keys.site.default), { without_url = true })
  end,
}

local function check_code(path, text, rules, problems)
  local _, why = load(text, "@" .. path, "t", {})
  if why then
    local line, message = why:match(":(%d+): (.*)$")
    problems[#problems + 1] = { file = path, line = tonumber(line) or 1, message = "syntax: " .. (message or why) }
    return
  end
  rules.is_library = path:match("lua/karun/") ~= nil -- may use what is not public
  local is_short = path:match("_test%.lua$") or path:match("%f[%w]examples/") -- may keep all in one place
  rules.is_flow = not is_short and not rules.is_library
  walk.run(text, path, rules)
end

-- The stubs lie beside the installed Lua, or in docs/ of the source.
local function api_of(context)
  for _, place in ipairs { "/../api", "/../docs/api" } do
    local folder = dirs.shipped .. place
    if kind_of(folder, context) then return stubs.read(gather(folder, context, {})) end
  end
  return stubs.read {}
end

local function is_used(used, group, key, library)
  local name = group .. "." .. key
  return used.timing[name] or used.groups[group] or used.groups["*"] or library:find(name, 1, true)
    or used.site[name] or used.site[group .. ".*"]
end

-- What shipped flows and the library use counts too: an override of theirs is not idle.
local function shipped_use(rules, context)
  for _, path in ipairs(gather(dirs.shipped .. "/flows", context, {})) do
    local text = data_file.text(path)
    if load(text, "=flow", "t", {}) then walk.run(text, path, rules) end
  end
  local library = {}
  for _, path in ipairs(gather(dirs.shipped .. "/karun", context, {})) do
    library[#library + 1] = data_file.text(path)
  end
  return table.concat(library, "\n")
end

local function idle(path, sort, used, library, problems)
  local tree, lines = data_file.load(path)
  local groups = sort == "timing" and tree or { selectors = tree.selectors }
  for group, members in pairs(groups) do
    for key in pairs(type(members) == "table" and members or {}) do
      if not is_used(used, group, tostring(key), library) then
        problems[#problems + 1] = { file = path, line = lines[group .. "." .. tostring(key)] or 1,
          message = ("no flow uses `%s.%s`"):format(group, tostring(key)) }
      end
    end
  end
end

local function by_place(a, b)
  if a.file ~= b.file then return a.file < b.file end
  if a.line ~= b.line then return a.line < b.line end
  return a.message < b.message
end

-- The names a flow may find in a site table: those of mixer sites, and of the tables being read.
local function site_keys(files)
  local out = {}
  for _, group in ipairs { "selectors", "paths" } do
    out[group] = {}
    for name in pairs(site_file.keys[group]) do
      out[group][name] = true
    end
  end
  for _, path in ipairs(files) do
    local ok, tree = pcall(data_file.load, path)
    for group, names in pairs(out) do
      for name in pairs(ok and type(tree[group]) == "table" and tree[group] or {}) do
        names[name] = true
      end
    end
  end
  return out
end

-- The timings a flow may use: the shipped ones, and those that the files being read add.
local function timings(files)
  local shipped = dirs.shipped .. "/timing.lua"
  local ok, book = pcall(timing_file.load, { shipped = shipped, files = files })
  return ok and book or timing_file.load { shipped = shipped }
end

-- All problems in these files, sorted; each { file, line, message }.
function M.problems(files, context)
  local sorts, of = {}, { timing = {}, site = {} }
  for _, path in ipairs(files) do
    local sort = sort_of(path, data_file.text(path))
    sorts[path] = sort
    if of[sort] then table.insert(of[sort], path) end
  end
  local rules, state = rules_of.new {
    api = api_of(context), timing = timings(of.timing), site_keys = site_keys(of.site),
  }
  local problems, data = state.problems, {}
  for _, path in ipairs(files) do
    local sort = sorts[path]
    if sort == "code" then
      check_code(path, data_file.text(path), rules, problems)
    elseif data_checks[sort] then
      local before = #problems
      collect(problems, path, data_checks[sort], path)
      if #problems == before and (sort == "timing" or sort == "site") then data[#data + 1] = { path, sort } end
    end
  end
  local seen = #problems
  if #data > 0 then
    local library = shipped_use(rules, context)
    for i = #problems, seen + 1, -1 do
      problems[i] = nil -- shipped flows are not what was asked about
    end
    for _, one in ipairs(data) do
      idle(one[1], one[2], state.used, library, problems)
    end
  end
  table.sort(problems, by_place)
  return problems
end

function M.run(values, args, context)
  local files = find_files(args, context)
  local problems = M.problems(files, context)
  if values.json then
    local json = require "karun.json"
    context.stdout:write(json.encode({ schema = 1, files = #files, problems = json.array(problems) },
      { pretty = true }), "\n")
    return #problems == 0 and 0 or 3
  end
  for _, problem in ipairs(problems) do
    context.stdout:write(("%s:%d: %s\n"):format(problem.file, problem.line, problem.message))
  end
  context.stderr:write(("%d file%s read, %d problem%s\n"):format(#files, #files == 1 and "" or "s", #problems,
    #problems == 1 and "" or "s"))
  return #problems == 0 and 0 or 3
end

return M
