-- The run folder, `$XDG_STATE_HOME/karun/runs/YYYYMMDD-HHMMSS-xxxx/`: log, report, failures. It is
-- made when first asked for; older ones are pruned by count.

local native_log = require "karun.native.log"
local settings = require "karun.settings"

local M = {}

local made
local pattern = "^%d%d%d%d%d%d%d%d%-%d%d%d%d%d%d%-%x%x%x%x$"

local function file()
  return require "karun.file"
end

-- A run that goes on holds its journal.
local function is_running(folder)
  local journal = folder .. "/journal.jsonl"
  if not file().exists(journal) then return false end
  local free, lock = pcall(require("karun.native.file").lock, journal)
  if free then lock:close() end
  return not free
end

-- Never deletes what karun did not make: only folders with such a name, and the oldest of them.
local function prune()
  local runs, names = M.all()
  for i = 1, #names - settings.timing().limits.keep_runs do
    local folder = runs .. "/" .. names[i]
    if not is_running(folder) then pcall(file().remove, folder, { recursive = true }) end
  end
end

function M.path()
  if made then return made end
  local runs = settings.dirs().state .. "/runs"
  local now = native_log.wall()
  local part = math.floor(now % 1 * 0x10000) -- of the second: names are in the order of their runs
  repeat
    made = ("%s/%s-%04x"):format(runs, os.date("%Y%m%d-%H%M%S", math.floor(now)), part)
    part = (part + 1) % 0x10000
  until not file().exists(made)
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
