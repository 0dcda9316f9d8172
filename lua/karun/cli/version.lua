-- karun version

local M = {}

function M.run(values, _, context)
  local version = context.version
  if values.json then
    context.stdout:write(('{"schema":1,"version":"%s"}\n'):format(version))
  else
    context.stdout:write("karun ", version, "\n")
  end
  return 0
end

return M
