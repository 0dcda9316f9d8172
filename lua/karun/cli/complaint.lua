-- An error for a person: what failed and where in their script, what was seen, what to try.

local fault = require "karun.error"

local M = {}

local advice = {
  usage = "",
  config = "",
  launch = "is a browser installed? name it with --browser PATH or KARUN_BROWSER",
  profile_locked = "close the other browser, or give another --profile",
  locked = "wait for the other run to end",
  auth = "check user and password; nothing was tried a second time",
  login_needed = "set KARUN_USERNAME and KARUN_PASSWORD, or run `karun auth` at a terminal",
  human_needed = "run again with --visible and answer the page yourself; karun goes on by itself",
  not_purchased = "buy the song on the site first; karun never presses a purchase link",
  rate_limited = "wait, then run again: what is done is not asked for again",
  disk = "make room or choose another folder with --out",
  covered = "close what covers it first, for example a cookie notice",
  ambiguous = "make the selector narrower, or use :first() or :nth(n)",
  browser_gone = "run again: what is done is not asked for again",
}

-- The source line a place speaks of: "file.lua:12" -> "   12 | text", or nil.
local function source_line(where)
  local path, number = where:match("^(.-):(%d+)")
  local file = path and io.open(path, "r")
  if not file then return nil end
  local at = 0
  for line in file:lines() do
    at = at + 1
    if at == tonumber(number) then
      file:close()
      return ("%6d | %s"):format(at, line:sub(1, 160))
    end
  end
  file:close()
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
  local text = clean(tostring(err))
  local out = { "karun: " .. text }
  local where = type(err.where) == "string" and err.where or text:match("^([^%s:]+%.lua:%d+):")
  local line = where and source_line(where)
  if line then out[#out + 1] = line end
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
  local is_advised = text:find("To do:", 1, true) ~= nil
  if advice[err.kind] and advice[err.kind] ~= "" and not is_advised then out[#out + 1] = "  try: " .. advice[err.kind] end
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
