-- karun auth: flows/auth.lua under its own name.

local run = require "karun.cli.run"

local M = {}

function M.run(values, args, context)
  local flow = { "flows/auth.lua" }
  for _, name in ipairs { "force", "show", "test", "clear" } do
    if values[name] then flow[#flow + 1] = "--" .. name end
  end
  table.move(args, 1, #args, #flow + 1, flow)
  return run.run(values, flow, context)
end

return M
