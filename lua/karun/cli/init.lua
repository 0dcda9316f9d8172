-- karun init NAME: a project folder with a flow, a site table, timings, a test and what editors need.
-- The files stand in lua/template/ as they will be; {{name}} and {{site}} are filled in.

local data_file = require "karun.data_file"
local dirs = require "karun.dirs"
local fault = require "karun.error"
local file = require "karun.file"
local stubs = require "karun.stub_files"

local M = {}

-- Template -> where it goes in the project.
local files = {
  { "README.md", "README.md" }, { "karun.lua", "karun.lua" }, { "timing.lua", "timing.lua" },
  { "sites/site.lua", "sites/{{site}}.lua" }, { "flows/first.lua", "flows/first.lua" },
  { "tests/first_test.lua", "tests/first_test.lua" },
}

local ignored = "/downloads/\n"

-- The stubs are copied, so that a project works wherever it is moved.
local luarc = [[
{
  "runtime.version": "Lua 5.4",
  "runtime.path": ["?.lua", "flows/?.lua", "lua/?.lua"],
  "workspace.library": [".karun/api"],
  "workspace.checkThirdParty": false
}
]]

local function filled(text, values)
  return (text:gsub("{{(%w+)}}", values))
end

local function check_name(args)
  local name = args[1]
  if not name or #args > 1 then
    fault.raise("usage", "karun init wants one name: karun init NAME", { where = false })
  end
  local last = name:gsub("(.)/+$", "%1"):match("[^/]+$") or ""
  local site = last:lower():gsub("[^%w]+", "_"):gsub("^_+", ""):gsub("_+$", "")
  if not site:match("^%a") then
    fault.raise("usage", ("`%s` is no name for a project: it begins with a letter, as in my-songs"):format(name),
      { where = false })
  end
  local stat = file.stat(name)
  if stat and (stat.type ~= "directory" or #file.list(name) > 0) then
    fault.raise("usage", ("%s is there already; nothing was written. Choose another name"):format(name),
      { path = name, where = false })
  end
  return name, { name = last, site = site }
end

function M.run(_, args, context)
  local name, values = check_name(args)
  local function put(path, text)
    local folder = file.split(name .. "/" .. path)
    file.mkdir(folder)
    file.write(name .. "/" .. path, text, { replace = false })
    context.stdout:write(name, "/", path, "\n")
  end
  for _, pair in ipairs(files) do
    put(filled(pair[2], values), filled(data_file.text(dirs.shipped .. "/template/" .. pair[1]), values))
  end
  put(".luarc.json", luarc)
  put(".gitignore", ignored)
  stubs.copy_to(name .. "/.karun/api")
  context.stderr:write(("\nNow: cd %s && karun test && karun flows/first.lua\n"):format(name))
  return 0
end

return M
