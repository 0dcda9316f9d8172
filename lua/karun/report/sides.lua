-- The sides of a comparison: a run (its id, part of it, `latest`, or its folder), runs joined by commas, or a
-- baseline's name. Baselines lie in the state folder, baselines/NAME.json: the run.json of each of its runs.

local fault = require "karun.error"
local file = require "karun.file"
local files = require "karun.report.files"
local json = require "karun.json"
local known = require "karun.known"
local run_folder = require "karun.run_folder"
local settings = require "karun.settings"

local M = {}

local function baselines()
  return settings.dirs().state .. "/baselines"
end

local function check_name(name)
  if not name:match("^[%w][%w_.-]*$") then
    fault.raise("usage", ("`%s` is no name for a baseline: letters, digits, - and _"):format(name), { where = false })
  end
  return name
end

-- The names of all baselines, sorted.
function M.baselines()
  local ok, list = pcall(file.list, baselines())
  local names = {}
  for _, name in ipairs(ok and list or {}) do
    names[#names + 1] = name:match("^(.+)%.json$")
  end
  return names
end

-- What a baseline keeps of a run: enough to compare and to lay the timelines over one another.
local function kept(model)
  return {
    schema = model.schema, id = model.id, flow = model.flow, started = model.started, wall_s = model.wall_s, phases = model.phases,
    songs = model.songs, run_spans = model.run_spans, counts = model.counts, bound_s = model.bound_s,
  }
end

-- The folder of the run that `word` means, or nil.
function M.folder(word)
  if file.exists(word .. "/run.json") then return (word:gsub("(.)/+$", "%1")) end
  local runs, names = run_folder.all()
  if word == "latest" and #names > 0 then
    for i = #names, 1, -1 do -- the newest that has ended
      if file.exists(runs .. "/" .. names[i] .. "/run.json") then return runs .. "/" .. names[i] end
    end
  end
  local found
  for _, name in ipairs(names) do
    if name == word then return runs .. "/" .. name end
    if #word >= 4 and name:find(word, 1, true) then
      if found then fault.raise("usage", ("several runs are meant by `%s`; give the whole id"):format(word), { where = false }) end
      found = runs .. "/" .. name
    end
  end
  return found
end

-- The model of one run, with its folder.
function M.run(word)
  local folder = M.folder(word)
  local model = folder and files.read(folder)
  if model then return model, folder end
  local _, names = run_folder.all()
  local all = table.move(names, 1, #names, 1, M.baselines())
  fault.raise("usage", ("there is no finished run `%s`%s"):format(word, known.hint(word, all)), { where = false })
end

local function baseline(name)
  local path = baselines() .. "/" .. name .. ".json"
  if not name:match("^[%w][%w_.-]*$") or not file.exists(path) then return nil end
  return json.decode(file.read(path)).runs
end

-- -> { name, runs = { model, … } }
function M.side(word)
  local runs = baseline(word)
  if runs then return { name = word, runs = runs, is_baseline = true } end
  local list = {}
  for part in word:gmatch("[^,]+") do
    list[#list + 1] = M.run(part)
  end
  if #list == 0 then fault.raise("usage", "a side is a run, runs joined by commas, or a baseline", { where = false }) end
  return { name = word, runs = list }
end

-- Keeps runs under a name; without runs the last one.
function M.save(name, words)
  check_name(name)
  local runs = {}
  for _, word in ipairs(#words > 0 and words or { "latest" }) do
    for part in word:gmatch("[^,]+") do
      runs[#runs + 1] = kept((M.run(part)))
    end
  end
  file.mkdir(baselines())
  file.write(baselines() .. "/" .. name .. ".json", json.encode({ schema = 1, name = name, runs = runs }) .. "\n")
  return runs
end

function M.remove(name)
  local path = baselines() .. "/" .. check_name(name) .. ".json"
  if not file.exists(path) then
    fault.raise("usage", ("there is no baseline `%s`%s"):format(name, known.hint(name, M.baselines())), { where = false })
  end
  file.remove(path)
end

return M
