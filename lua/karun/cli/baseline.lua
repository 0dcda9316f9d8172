-- karun baseline save NAME [RUN…] · list · remove NAME: runs kept under a name, to compare with later.

local fault = require "karun.error"
local sides = require "karun.report.sides"

local M = {}

local verbs = {}

function verbs.save(args, context)
  local name = table.remove(args, 1)
  if not name then fault.raise("usage", "karun baseline save wants a name: karun baseline save NAME [RUN…]", { where = false }) end
  local runs = sides.save(name, args)
  context.stderr:write(("baseline %s: %d run%s\n"):format(name, #runs, #runs == 1 and "" or "s"))
end

function verbs.list(_, context)
  for _, name in ipairs(sides.baselines()) do
    local side = sides.side(name)
    context.stdout:write(("%-20s %d run%s, the last %s\n"):format(name, #side.runs, #side.runs == 1 and "" or "s",
      side.runs[#side.runs].id or "?"))
  end
end

function verbs.remove(args)
  if #args ~= 1 then fault.raise("usage", "karun baseline remove wants a name", { where = false }) end
  sides.remove(args[1])
end

function M.run(_, args, context)
  local verb = table.remove(args, 1)
  if not verbs[verb or ""] then
    fault.raise("usage", ("karun baseline wants save, list or remove%s"):format(verb and ", got `" .. verb .. "`" or ""), { where = false })
  end
  verbs[verb](args, context)
  return 0
end

return M
