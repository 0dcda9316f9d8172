-- An error for a person: what failed and where in their script, what was seen, what to try.

local advice = require "karun.cli.advice"
local fault = require "karun.error"

local M = {}

-- The source line a place speaks of: "file.lua:12" -> its text, number and path, or nil.
local function source_line(where)
  local path, number = where:match("^(.-):(%d+)")
  local file = path and io.open(path, "r")
  if not file then return nil end
  local at = 0
  for line in file:lines() do
    at = at + 1
    if at == tonumber(number) then
      file:close()
      return line:sub(1, 160), at, path
    end
  end
  file:close()
end

-- Where Lua speaks of two lines ("to close 'if' at line 5") the other one is shown too.
local function other_line(where, text)
  local other = text:match("%(to close .- at line (%d+)%)")
  if not other or not where then return nil end
  return source_line((where:gsub(":%d+$", ":" .. other)))
end

local function is_ours(line)
  return line:match("%.%.%.tail calls") or line:match("/lua/karun/") or line:match("%[C%]") or line:match("^lua/karun/")
end

-- The traceback with the person's own frames only; all of it when `all`.
function M.frames(traceback, all)
  local out = {}
  for line in traceback:gmatch("[^\n]+") do
    line = line:match("^%s*(.-)%s*$")
    if line ~= "stack traceback:" and line ~= "" and (all or not is_ours(line)) then
      out[#out + 1] = "    " .. line
    end
  end
  return out
end

local facts = { "selector", "url", "status", "waited_for", "last_state", "covered_by", "matches", "net", "path", "pid" }

local function clean(text)
  return (tostring(text):gsub("[%c\127]", function(c)
    return c == "\n" and c or "?"
  end))
end

-- The whole text, ending in a line break. Options: verbose (all frames and fields).
function M.text(err, options)
  options = options or {}
  err = fault.of(err)
  if err.kind == "interrupted" and not options.verbose then return "karun: interrupted; what is done is kept\n" end
  local text = clean(tostring(err))
  local out = { "karun: " .. text }
  local where = type(err.where) == "string" and err.where or text:match("^([^%s:]+%.lua:%d+):")
  local line, number, path
  if where then line, number, path = source_line(where) end
  local other, other_number = other_line(where, text)
  if other then out[#out + 1] = ("%6d | %s"):format(other_number, other) end
  if line then out[#out + 1] = ("%6d | %s"):format(number, line) end
  for _, name in ipairs(facts) do
    local value = rawget(err, name)
    if value ~= nil and type(value) ~= "table" and (options.verbose or not text:find(tostring(value), 1, true)) then
      out[#out + 1] = ("  %s: %s"):format(name:gsub("_", " "), clean(value))
    end
  end
  if type(err.stderr) == "string" and err.stderr ~= "" then
    out[#out + 1] = "  it said: " .. clean(err.stderr):gsub("\n", "\n    ")
  end
  if err.screenshot then out[#out + 1] = "  screenshot: " .. clean(err.screenshot) end
  local try = advice.of(err, text, path, line)
  if try then out[#out + 1] = "  try: " .. try end
  local wants_frames = err.kind ~= "config" and err.kind ~= "usage" or options.verbose
  if err.traceback and wants_frames then
    local list = M.frames(tostring(err.traceback), options.verbose)
    if #list > 1 or options.verbose then
      out[#out + 1] = "  called from"
      table.move(list, 1, #list, #out + 1, out)
    end
  end
  return table.concat(out, "\n") .. "\n"
end

return M
