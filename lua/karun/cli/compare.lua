-- karun compare A B: which is quicker, phase by phase, and whether that is more than chance.

local comparison = require "karun.report.comparison"
local fault = require "karun.error"
local sides = require "karun.report.sides"

local M = {}

-- "10%", "10 %" or 0.1 -> 0.1
local function share(text)
  local number, percent = tostring(text):match("^%s*(%d+%.?%d*)%s*(%%?)%s*$")
  if not number then fault.raise("usage", ("--fail-on wants a share such as 10%%, got `%s`"):format(text), { where = false }) end
  return percent == "%" and tonumber(number) / 100 or tonumber(number)
end

-- Writes what was asked for; the exit code.
function M.tell(result, a, b, values, context)
  if values.html then require("karun.file").write(values.html, comparison.html(result, a, b)) end
  if require("karun.settings").flags().json then
    context.stdout:write(require("karun.json").encode(result, { pretty = true }), "\n")
  else
    context.stdout:write(comparison.text(result))
    if context.stdout.flush then context.stdout:flush() end -- what follows on stderr comes after it
    if values.html then context.stderr:write("page: ", values.html, "\n") end
  end
  if result.passed then return 0 end
  context.stderr:write(("worse by more than %g %%: %s\n"):format(result.fail_on * 100, table.concat(result.failing, ", ")))
  return 9
end

function M.run(values, args, context)
  if #args ~= 2 then
    fault.raise("usage", "karun compare wants two sides: runs (id, folder, several by commas) or baselines", { where = false })
  end
  local a, b = sides.side(args[1]), sides.side(args[2])
  return M.tell(comparison.of(a, b, values.fail_on and share(values.fail_on)), a, b, values, context)
end

M.share = share

return M
