-- Runs that were killed leave a journal. The next start makes their report from it.

local fault = require "karun.error"
local json = require "karun.native.json"
local native_file = require "karun.native.file"
local run_folder = require "karun.run_folder"

local M = {}

local function lines_of(path)
  local out = {}
  for line in io.lines(path) do
    local ok, value = pcall(json.decode, line) -- the last line may be cut
    if ok and type(value) == "table" then out[#out + 1] = value end
  end
  return out
end

local function find(list, fields)
  for _, item in ipairs(list) do
    if item.name == fields.name and item.number == fields.number then return item end
  end
  local item = { name = fields.name, number = fields.number, tracks = {} }
  list[#list + 1] = item
  return item
end

local function merge(item, fields)
  for key, value in pairs(fields) do
    if key ~= "what" and key ~= "song" then item[key] = value end
  end
end

local TELLS = { failure = "failures", press = "presses", drift = "drifts", note = "notes" }

-- What the journal says, as input for the model. Phases that had not ended end with the last line.
function M.input(list)
  local input = { spans = {}, songs = {}, failures = {}, presses = {}, drifts = {}, notes = {}, samples = {}, wall_s = 0 }
  local open = {}
  for _, line in ipairs(list) do
    if line.start_s then input.wall_s = math.max(input.wall_s, line.start_s + (line.dur_s or 0)) end
    if line.at_s then input.wall_s = math.max(input.wall_s, line.at_s) end
    local key = ("%s\0%s\0%s"):format(line.name, line.song, line.track)
    if line.what == "begin" then open[key] = line
    elseif line.what == "end" then
      open[key] = nil
      input.spans[#input.spans + 1] = line
    elseif line.what == "song" then merge(find(input.songs, line), line)
    elseif line.what == "track" then
      local song = input.songs[line.song] or input.songs[#input.songs]
      if song then merge(find(song.tracks, line), line) end
    elseif line.what == "sample" then input.samples[#input.samples + 1] = line
    elseif TELLS[line.what] then table.insert(input[TELLS[line.what]], line) end
  end
  for _, line in pairs(open) do
    line.dur_s, line.outcome = math.max(0, input.wall_s - line.start_s), "killed"
    input.spans[#input.spans + 1] = line
  end
  return input
end

local function counts(input)
  local out = { done = 0, skipped = 0, failed = 0 }
  for _, song in ipairs(input.songs) do
    for _, item in ipairs(#song.tracks > 0 and song.tracks or { song }) do
      if out[item.status] then out[item.status] = out[item.status] + 1 end
    end
  end
  return out
end

local function report(folder)
  local list = lines_of(folder .. "/journal.jsonl")
  local head = list[1] or {}
  local input = M.input(list)
  local files = require "karun.report.files" -- there is seldom a report to make
  input.meta = files.meta { id = folder:match("[^/]+$"), flow = head.flow or "?", counts = counts(input), killed = true,
    started = head.started_at and os.date("!%Y-%m-%dT%H:%M:%SZ", head.started_at // 1) or nil }
  files.write_model(folder, require("karun.report.model").build(input))
  os.remove(folder .. "/journal.jsonl")
end

-- Makes the reports that are missing. A journal that is locked belongs to a run that still goes on.
function M.look()
  local runs, names = run_folder.all()
  for _, name in ipairs(names) do
    local folder = runs .. "/" .. name
    if native_file.stat(folder .. "/journal.jsonl") then
      local free, lock = pcall(native_file.lock, folder .. "/journal.jsonl")
      if free then
        local ok, why = fault.try(report, folder)
        if not ok then require("karun.log").debug("no report of the killed run " .. name .. ": " .. tostring(why)) end
        lock:close()
      end
    end
  end
end

return M
