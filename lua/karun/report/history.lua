-- Earlier runs of the same flow, newest first: what the report shows of them.

local json = require "karun.native.json"
local run_folder = require "karun.run_folder"

local M = {}

local SHOWN = 10

local function of_flow(path)
  return type(path) == "string" and path:match("[^/]+$") or ""
end

-- Calls fn(model, folder) for each finished run, newest first, until it answers false. words: only runs
-- whose run.json holds them.
function M.each(fn, words)
  local runs, names = run_folder.all()
  for i = #names, 1, -1 do
    local folder = runs .. "/" .. names[i]
    local model = require("karun.report.files").read(folder, words)
    if model and fn(model, folder) == false then return end
  end
end

-- { id, started, wall_s, per_track_s, counts, exit_code } of the last runs of the same flow.
function M.of(built)
  local out = {}
  M.each(function(model)
    if model.id == built.id or of_flow(model.flow) ~= of_flow(built.flow) then return true end
    out[#out + 1] = { id = model.id, started = model.started, wall_s = model.wall_s, counts = model.counts,
      exit_code = model.exit_code, tracks = M.tracks(model) }
    return #out < SHOWN
  end, json.encode(of_flow(built.flow)):sub(2))
  return out
end

-- How many tracks a run had.
function M.tracks(model)
  local n = 0
  for _, song in ipairs(model.songs or {}) do
    n = n + #song.tracks
  end
  return n
end

return M
