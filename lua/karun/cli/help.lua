-- Help texts, made from cli/commands.lua and from what flows declare. Examples come first.

local commands = require "karun.cli.commands"
local fault = require "karun.error"
local known = require "karun.known"

local M = {}

local manual = "man karun; docs/guide.md"

local function columns(rows)
  local width = 0
  for _, row in ipairs(rows) do
    width = math.max(width, utf8.len(row[1]) or #row[1])
  end
  width = math.min(width, 48)
  local out = {}
  for i, row in ipairs(rows) do
    local length = utf8.len(row[1]) or #row[1]
    local gap = length > width and "\n" .. (" "):rep(width + 4) or (" "):rep(width - length + 2)
    out[i] = "  " .. row[1] .. (row[2] and row[2] ~= "" and gap .. row[2] or "")
  end
  return table.concat(out, "\n")
end

local function flag_row(flag)
  local left = (flag.letter and "-" .. flag.letter .. ", " or "    ") .. "--" .. flag.name
  if flag.arg then left = left .. " " .. flag.arg end
  local text = flag.help or ""
  if flag.default ~= nil and flag.default ~= false then
    local default = type(flag.default) == "table" and table.concat(flag.default, ",") or tostring(flag.default)
    if default ~= "" then text = ("%s (%s)"):format(text, default) end
  end
  return { left, text }
end

local function flag_rows(flags, only_common)
  local rows = {}
  for _, flag in ipairs(flags) do
    if not only_common or flag.common then rows[#rows + 1] = flag_row(flag) end
  end
  return rows
end

local function section(out, title, rows)
  if #rows == 0 then return end
  out[#out + 1] = title .. "\n" .. columns(rows)
end

function M.short()
  local out = {}
  section(out, "karun runs flows: Lua scripts that drive a real browser.\n\nExamples", commands.examples)
  out[#out + 1] = "karun --help says more."
  return table.concat(out, "\n\n") .. "\n"
end

function M.main()
  local out = {}
  section(out, "Examples", commands.examples)
  out[#out + 1] = "Usage\n  karun FLOW.lua [ARG…]\n  karun COMMAND [ARG…]"
  local rows = {}
  for _, command in ipairs(commands.commands) do
    if not command.hidden then rows[#rows + 1] = { command.name, command.summary } end
  end
  section(out, "Commands", rows)
  section(out, "Flags, before or after the flow", flag_rows(commands.flags))
  out[#out + 1] = "Manual: " .. manual
  return table.concat(out, "\n\n") .. "\n"
end

function M.command(command)
  local out = { ("karun %s: %s"):format(command.name, command.summary) }
  section(out, "Examples", command.examples or {})
  out[#out + 1] = "Usage\n  karun " .. command.name .. (command.args ~= "" and " " .. command.args or "")
  section(out, "Flags", flag_rows(command.flags or {}))
  section(out, "karun's own flags (karun --help lists all)", flag_rows(commands.flags, true))
  out[#out + 1] = "Manual: " .. manual
  return table.concat(out, "\n\n") .. "\n"
end

-- A flow's help: { about, examples, arguments } and its flags.
function M.flow(path, spec, flags)
  local out = {}
  if spec.about then out[#out + 1] = spec.about end
  local examples = {}
  for i, example in ipairs(spec.examples or {}) do
    examples[i] = type(example) == "table" and example or { example, "" }
  end
  section(out, "Examples", examples)
  out[#out + 1] = ("Usage\n  karun %s [FLAGS]%s"):format(path, spec.arguments and " " .. spec.arguments or "")
  section(out, "Flags of this flow", flag_rows(flags))
  section(out, "karun's own flags (karun --help lists all)", flag_rows(commands.flags, true))
  out[#out + 1] = "Manual: " .. manual
  return table.concat(out, "\n\n") .. "\n"
end

function M.run(_, args, context)
  if not args[1] then
    context.stdout:write(M.main())
    return 0
  end
  local command = commands.find(args[1])
  if not command then
    fault.raise("usage", ("there is no command `%s`%s"):format(args[1], known.hint(args[1], commands.names())))
  end
  context.stdout:write(M.command(command))
  return 0
end

return M
