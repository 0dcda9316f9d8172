-- karun.term: what a person sees while a run goes on. `karun.progress{ song=, songs=, track=, tracks=,
-- song_name=, track_name=, phase=, received=, total= }` tells what has changed; how it is shown is
-- --progress: a status line on a terminal (tty), a line per change (plain), JSON objects (json), nothing
-- (none). Whatever waits longer than limits.silent says what for. All of it goes to stderr.

local clean = require "karun.report.clean"
local known = require "karun.known"
local log = require "karun.log"
local native = require "karun.native.log"
local native_task = require "karun.native.task"
local trace = require "karun.trace"
local units = require "karun.units"

local M = {}

local FIELDS = { "song", "songs", "track", "tracks", "song_name", "track_name", "phase", "received", "total", "text", "done" }

local state = {}        -- what progress told last
local mode = "off"      -- "tty", "plain", "json", "none"; "off" outside of a run
local started, silent = 0, 2
local drawn = false     -- a status line stands on the screen
local said = nil        -- the last plain line
local waits_said = setmetatable({}, { __mode = "k" })
local listeners = {}
local is_utf8, is_colored = false, false

local function utf8_wanted(getenv)
  for _, name in ipairs { "LC_ALL", "LC_CTYPE", "LANG" } do
    local value = getenv(name)
    if value and value ~= "" then return value:lower():find("utf%-?8") ~= nil end
  end
  return false
end

-- `auto` is a status line on a capable terminal, else plain lines.
function M.mode_of(wanted, is_tty, getenv)
  if wanted ~= "auto" then return wanted end
  return is_tty and getenv("TERM") ~= "dumb" and "tty" or "plain"
end

function M.color_of(wanted, is_tty, getenv)
  if wanted ~= "auto" then return wanted == "always" end
  local no = getenv("NO_COLOR")
  return is_tty and not (no and no ~= "") and getenv("TERM") ~= "dumb"
end

-- ---- shapes ----

local function count(n, of)
  if not n then return nil end
  return type(n) == "number" and type(of) == "number" and ("%d/%d"):format(n, of) or tostring(n)
end

local bytes = units.show_size

local function named(what, n, of, name)
  local number = count(n, of)
  if not number and not name then return nil end
  return table.concat({ what, number or "", name or "" }, " "):gsub("%s+", " "):gsub(" $", "")
end

-- The parts of the line that a change of state is.
local function parts()
  local out = {}
  out[#out + 1] = named("song", state.song, state.songs, state.song_name)
  out[#out + 1] = named("track", state.track, state.tracks, state.track_name)
  out[#out + 1] = state.phase
  out[#out + 1] = state.text
  return out
end

local function separator()
  return is_utf8 and " · " or " - "
end

-- The longest present wait of the run: what it is for, since when.
local function present_wait()
  local record = trace.recording()
  local found
  for op in pairs(record and record.active or {}) do
    if op.kind ~= "protocol" and (not found or op.start > found.start) then found = op end
  end
  return found
end

local WORDS = { pause = "resting", wait = "waiting for", join = "waiting in", request = "asking", file = "busy with" }

local function wait_words(op)
  local about = trace.about(op)
  local words = op.kind == "pause" and "resting" or ("%s %s"):format(WORDS[op.kind] or "in", about or op.name)
  if about and op.kind ~= "pause" then words = words .. " (" .. op.name .. ")" end
  return words
end

local function after(op)
  local text = ("%.0f s"):format(native_task.now() - op.start)
  if op.timeout and op.timeout < math.huge then text = text .. " of " .. units.show_duration(op.timeout) end
  return text
end

-- Cut to the terminal's width by characters.
local function fitted(text)
  local width = (native.columns() or 80) - 1
  if (utf8.len(text) or #text) <= width then return text end
  local mark = is_utf8 and "…" or "..."
  local place = utf8.offset(text, width - utf8.len(mark) + 1)
  return text:sub(1, (place or width) - 1) .. mark
end

local function clear()
  if drawn then native.write("\r\27[K") end
  drawn = false
end

local function draw()
  local list = parts()
  if #list == 0 and not present_wait() then return end
  if state.received then
    list[#list + 1] = state.total and ("%s of %s"):format(bytes(state.received), bytes(state.total)) or bytes(state.received)
  end
  local op = present_wait()
  if op and native_task.now() - op.start >= silent then list[#list + 1] = wait_words(op) .. " " .. after(op) end
  list[#list + 1] = units.show_duration(math.floor(native_task.now() - started))
  local text = fitted(log.plain(clean.text(table.concat(list, separator()))))
  if is_colored then text = "\27[2m" .. text .. "\27[0m" end
  native.write("\r\27[K" .. text)
  drawn = true
end

local function json_line(event, fields)
  local json = require "karun.native.json"
  local out = { schema = 1, event = event, t_s = math.floor((native_task.now() - started) * 1000) / 1000 }
  for key, value in pairs(fields) do
    out[key] = type(value) == "string" and clean.text(value) or value
  end
  native.write(json.encode(out) .. "\n")
end

-- ---- from the flow and the runtime ----

local function state_line()
  local text = table.concat(parts(), separator())
  if text == "" or text == said then return end
  said = text
  native.write(log.plain(clean.text(text)) .. "\n")
end

function M.progress(fields)
  known.check(fields, FIELDS, "karun.progress")
  local changed = false
  if fields.done then state = {} end -- nothing more will come: the line goes
  for key, value in pairs(fields) do
    if state[key] ~= value then changed = changed or (key ~= "received" and key ~= "total") end
    state[key] = value ~= "" and value or nil
  end
  if fields.phase and not fields.received then state.received, state.total = nil, nil end
  for _, fn in ipairs(listeners) do
    fn(state)
  end
  if mode == "tty" then draw()
  elseif mode == "plain" and changed then state_line()
  elseif mode == "json" then json_line("progress", state) end
end

-- What progress holds now (for the live page).
function M.state()
  return state
end

-- fn(state) hears every change.
function M.listen(fn)
  listeners[#listeners + 1] = fn
end

-- The present wait, and the seconds until it is to be told (again); nil when there is none to tell.
local function untold_wait()
  local op = (mode == "plain" or mode == "json") and present_wait()
  if not op then return nil end
  return op, op.start + (waits_said[op] or silent) - native_task.now()
end

-- Seconds until tick has something to do; nil: nothing, unless something begins.
function M.due()
  if mode == "tty" then return 1 end -- its line holds a clock
  local _, left = untold_wait()
  return left
end

-- The status line's clock, and waits that have been silent too long.
function M.tick()
  if mode == "tty" then return draw() end
  local op, left = untold_wait()
  if not op or left > 0 then return end
  local waited = native_task.now() - op.start
  waits_said[op] = math.max(10, (waits_said[op] or silent) * 3)
  if mode == "json" then
    json_line("waiting", { what = wait_words(op), waited_s = math.floor(waited * 10) / 10, timeout_s = op.timeout })
  else
    native.write(log.plain(clean.text(("%s, %s"):format(wait_words(op), after(op)))) .. "\n")
  end
end

-- What is waited for now, in words, once it has taken a while; or nil.
function M.waiting()
  local op = present_wait()
  if op and native_task.now() - op.start >= silent then return clean.text(wait_words(op) .. ", " .. after(op)) end
end

-- Something for the screen alone, never for a file.
function M.announce(event, text, fields)
  if mode == "json" then return json_line(event, fields) end
  M.write(text .. "\n")
end

-- Any text for stderr, in the form that the mode wants.
function M.write(text)
  if mode ~= "json" then
    clear()
    native.write(text)
    if mode == "tty" and text:sub(-1) == "\n" then draw() end
    return
  end
  text = text:gsub("\n$", "")
  json_line("log", { level = "error", text = text })
end

local function screen(level, text)
  if mode == "json" then return json_line("log", { level = level, text = text }) end
  M.write((level == "info" and "" or level .. ": ") .. text .. "\n")
end

-- The last words: one line on a screen, one object in JSON.
function M.last_words(text, fields)
  if mode == "json" then return json_line("end", fields) end
  clear()
  native.write(log.plain(text) .. "\n")
end

-- start{ progress=, color=, getenv=, silent=, quiet= }
function M.start(options)
  local is_tty = native.isatty(2)
  mode = M.mode_of(options.progress, is_tty, options.getenv)
  if options.quiet and mode ~= "json" then mode = "none" end
  is_colored, is_utf8 = M.color_of(options.color, is_tty, options.getenv), utf8_wanted(options.getenv)
  started, silent, state, said, drawn, listeners = native_task.now(), options.silent or 2, {}, nil, false, {}
  native.json(mode == "json")
  log.screen(screen)
end

-- Nothing is shown any more but what is written; JSON stays JSON to the end of the process.
function M.stop()
  clear()
  if mode == "json" then return end
  mode = "off"
  log.screen(nil)
end

return M
