-- karun report [RUN]: makes the report of a run afresh and says where it is; --advise: what the waits of all
-- runs say about the timings.

local advice = require "karun.report.advice"
local fault = require "karun.error"
local files = require "karun.report.files"
local history = require "karun.report.history"
local html = require "karun.report.html"
local json = require "karun.json"
local settings = require "karun.settings"
local sides = require "karun.report.sides"

local M = {}

local function advise(context)
  local lines, runs = advice.lines()
  local edit = advice.edit(lines)
  if settings.flags().json then
    context.stdout:write(json.encode({ schema = 1, runs = runs, timings = json.array(lines), edit = edit }, { pretty = true }), "\n")
    return 0
  end
  for _, line in ipairs(lines) do
    context.stderr:write(("%-20s now %g s, %d waits%s: %s\n"):format(line.name, line.now, line.n,
      line.sufficed_s and (", 99 %% within %.2f s"):format(line.sufficed_s) or "",
      line.proposed and ("%g s would do"):format(line.proposed) or line.why))
  end
  if not edit then
    context.stderr:write(("no timing needs another value, as far as %d run%s can tell\n"):format(runs, runs == 1 and "" or "s"))
    return 0
  end
  context.stderr:write("to take this over, put it into timing.lua of your project:\n")
  context.stdout:write(edit)
  return 0
end

function M.run(values, args, context)
  if values.advise then return advise(context) end
  if #args > 1 then fault.raise("usage", "karun report takes one run: karun report [RUN]", { where = false }) end
  local model, folder = sides.run(args[1] or "latest")
  if settings.flags().json then
    context.stdout:write(json.encode(model, { pretty = true }), "\n")
    return 0
  end
  local path = values.html or folder .. "/report.html"
  files.put(path, html.text(model, { pictures = files.pictures(folder, model), history = history.of(model) }))
  context.stdout:write(path, "\n")
  return 0
end

return M
