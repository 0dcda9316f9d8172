-- The agent's text: the files of agent/ in the order of their names, as one function.

local M = {}

local files = {
  "00_protocol.js", "10_dom.js", "20_read.js", "30_role.js", "40_select.js", "42_engines.js",
  "45_path.js", "50_wait.js", "55_still.js", "60_aim.js", "70_guard.js", "80_act.js", "90_ask.js",
}

local function folder()
  return (assert(package.searchpath("karun.browser.agent", package.path)):gsub("%.lua$", "/"))
end

-- A script that may run twice in one window: the second time it only looks at the new document.
function M.source()
  local parts = { "if (globalThis.__karun) __karun.ask({ op: 'rearm' }); else (() => {\n\"use strict\";\n" }
  local at = folder()
  for _, name in ipairs(files) do
    local file = assert(io.open(at .. name, "rb"))
    parts[#parts + 1] = file:read("a")
    file:close()
  end
  parts[#parts + 1] = "\n})();\n"
  return table.concat(parts)
end

return M
