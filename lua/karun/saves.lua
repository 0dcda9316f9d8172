-- Tells when a file of a set was saved with another content. Watches folders, not files: editors put a
-- new file in the old one's place.

local data_file = require "karun.data_file"
local fault = require "karun.error"
local file = require "karun.file"
local task = require "karun.task"

local M = {}

local Saves = {}
Saves.__index = Saves

function M.new()
  return setmetatable({ texts = {}, folders = {}, events = task.queue() }, Saves)
end

local function standing_folder(path)
  local folder = file.split(path)
  local stat = file.stat(folder)
  return stat and stat.type == "directory" and folder or nil
end

local function pump(self, watch)
  local _ <close> = watch
  while true do
    local event = watch:next { timeout = math.huge }
    self.events:put(event.name)
  end
end

-- What was read of the file `path`; nil: it is not there (and may come).
function Saves:add(path, text)
  self.texts[path] = text or false
  local folder = standing_folder(path)
  if folder and not self.folders[folder] then
    local watch = file.watch(folder) -- at once: the next save may come before the task has begun
    self.folders[folder] = task.spawn(function()
      local ok, err = fault.try(pump, self, watch)
      if not ok and err.kind ~= "cancelled" then error(err, 0) end
    end)
  end
end

function Saves:count()
  local n = 0
  for _, text in pairs(self.texts) do
    n = n + (text and 1 or 0)
  end
  return n
end

local function text_of(path)
  local ok, text = fault.try(data_file.read, path)
  return ok and text or false
end

-- A file that was read differs now -> its path. One that is empty is in the middle of being saved.
local function changed(self)
  for path, before in pairs(self.texts) do
    local now = text_of(path)
    if now ~= before and now ~= "" then
      self.texts[path] = now
      return path
    end
  end
end

-- Waits for the next save -> the path.
function Saves:next()
  while true do
    local path = changed(self)
    if path then return path end
    self.events:get { timeout = math.huge }
  end
end

function Saves:close()
  for _, pumping in pairs(self.folders) do
    pumping:cancel()
  end
  self.folders = {}
end

Saves.__close = Saves.close

return M
