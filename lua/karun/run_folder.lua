-- The run folder, `$XDG_STATE_HOME/karun/runs/YYYYMMDD-HHMMSS-xxxx/`: log, report, failures. It is
-- made when first asked for; older ones are pruned by count.

local settings = require "karun.settings"

local M = {}

local made
local pattern = "^%d%d%d%d%d%d%d%d%-%d%d%d%d%d%d%-%x%x%x%x$"

local function file()
  return require "karun.file"
end

-- Never deletes what karun did not make: only folders with such a name, and the oldest of them.
local function prune()
  local runs, names = M.all()
  for i = 1, #names - settings.timing().limits.keep_runs do
    pcall(file().remove, runs .. "/" .. names[i], { recursive = true })
  end
end

function M.path()
  if made then return made end
  local runs = settings.dirs().state .. "/runs"
  made = ("%s/%s-%04x"):format(runs, os.date("%Y%m%d-%H%M%S"), math.random(0, 0xffff))
  file().mkdir(made)
  require("karun.native.file").point(runs .. "/latest", made:match("[^/]+$"))
  pcall(prune)
  return made
end

-- The folder of all runs, and the folders in it, oldest first.
function M.all()
  local runs = settings.dirs().state .. "/runs"
  local ok, listed = pcall(file().list, runs)
  local names = {}
  for _, name in ipairs(ok and listed or {}) do
    if name:match(pattern) then names[#names + 1] = name end
  end
  return runs, names
end

-- Where rejected files and what was seen of failures go.
function M.failures(name)
  local path = M.path() .. "/failures" .. (name and "/" .. name or "")
  file().mkdir(path)
  return path
end

return M
