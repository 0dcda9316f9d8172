-- Where the stubs of the API lie: beside the installed Lua, or in docs/ of the source.

local dirs = require "karun.dirs"
local file = require "karun.file"

local M = {}

function M.folder()
  for _, place in ipairs { "/../api", "/../docs/api" } do
    if file.exists(dirs.shipped .. place) then return dirs.shipped .. place end
  end
end

function M.copy_to(folder)
  file.mkdir(folder)
  for _, name in ipairs(M.folder() and file.list(M.folder()) or {}) do
    if name:match("%.lua$") then file.copy(M.folder() .. "/" .. name, folder .. "/" .. name, { replace = true }) end
  end
end

return M
