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
local function prune(runs)
  local names = {}
  for _, name in ipairs(file().list(runs)) do
    if name:match(pattern) then names[#names + 1] = name end
  end
  table.sort(names)
  for i = 1, #names - settings.timing().limits.keep_runs do
    pcall(file().remove, runs .. "/" .. names[i], { recursive = true })
  end
end

function M.path()
  if made then return made end
  local runs = settings.dirs().state .. "/runs"
  made = ("%s/%s-%04x"):format(runs, os.date("%Y%m%d-%H%M%S"), math.random(0, 0xffff))
  file().mkdir(made)
  pcall(prune, runs)
  return made
end

-- Where rejected files and screenshots go.
function M.failures()
  local path = M.path() .. "/failures"
  file().mkdir(path)
  return path
end

return M
