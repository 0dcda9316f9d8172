-- The life of one run of a flow, from the command line's side: its folder, log, recording, status line,
-- and at its end run.json, trace.json and report.html. `begin` when the flow is about to start, `finish`
-- when its exit code is known. Writes with plain, synchronous calls, so that it also works after Ctrl-C.

local fault = require "karun.error"
local log = require "karun.log"
local native_log = require "karun.native.log"
local native_task = require "karun.native.task"
local run = require "karun.run"
local run_folder = require "karun.run_folder"
local sample = require "karun.report.sample"
local settings = require "karun.settings"
local term = require "karun.term"
local trace = require "karun.trace"

local M = {}

local LOG_LIMIT = 64 << 20 -- bytes of log.txt; a flow that logs for ever must not fill the disk

local life             -- { path, log, journal, samples, alarm, flow, … } of the run that goes on

local function seconds_text(at)
  return os.date("!%Y-%m-%dT%H:%M:%S", math.floor(at)) .. ("Z")
end

-- "time level run song track phase text", fields with nothing to say as "-".
local function log_line(level, text)
  local span = trace.current() or {}
  local now = life.started_at + native_task.now() - life.started
  return ("%s.%03dZ %-5s %s %s | %s | %s | %s\n"):format(os.date("!%Y-%m-%dT%H:%M:%S", math.floor(now)),
    math.floor(now % 1 * 1000), level, life.id:sub(-4), log.plain(native_log.mask(span.song or "-")),
    log.plain(native_log.mask(span.track or "-")), span.phase or "-", text)
end

local function open_log()
  local file = io.open(life.path .. "/log.txt", "w")
  if not file then return end
  file:setvbuf("line")
  local written = 0
  life.log = file
  log.sink(function(level, text)
    if life and life.log == file and level ~= "trace" and written < LOG_LIMIT then
      local line = log_line(level, text)
      written = written + #line
      file:write(line)
    end
  end)
end

local PACE = 1 -- seconds between two looks at memory and time while something goes on

-- Something began: looks are taken again.
local function wake()
  if not life then return end
  life.is_active = true
  if not life.is_paced then life.alarm:set(PACE) end
  life.is_paced = true
end

-- A look at the run: its memory, its terminal. While nothing happens there is nothing to look at, and the
-- alarm is set only for a wait that is to be told.
local function look()
  if not life then return end
  if life.is_active then
    sample.take(native_task.now())
    life.looks = life.looks + 1
    if life.looks % 10 == 0 and #life.samples > 0 then life.journal:sample(life.samples[#life.samples]) end
  end
  term.tick()
  local next_look = life.is_active and PACE or term.due()
  life.is_paced = next_look ~= nil and next_look <= PACE
  if next_look then life.alarm:set(next_look) end
  life.is_active = false
  trace.on_next(wake)
end

-- Secrets of the environment are masked whether the flow asks for them or not.
local function mask_environment()
  for _, pair in ipairs(require("karun.native.proc").environ()) do
    local name, value = pair:match("^([^=]+)=(.+)$")
    if name and (name:match("^KARUN_SECRET_") or name == "KARUN_PASSWORD" or name == "KV_PASSWORD") then
      require("karun.secret").mask(value)
    end
  end
end

-- begin{ flow=, args=, context= }: everything that is recorded starts here.
function M.begin(options)
  if life then return end
  mask_environment()
  local config = settings.config().values
  require("karun.report.killed").look()
  life = { flow = options.flow, args = options.args, started = native_task.now(), started_at = native_log.wall(),
    path = run_folder.path(), looks = 0, alarm = require("karun.native.alarm").new(look) }
  life.id = life.path:match("[^/]+$")
  life.words = run.reset()
  if config.trace then life.record = trace.start() end
  life.samples = sample.start()
  life.journal = require("karun.report.journal").open(life)
  require("karun.report.failure").folder(function(name)
    return run_folder.failures(name)
  end)
  term.start { progress = config.progress, color = config.color, getenv = settings.getenv,
    silent = settings.timing().limits.silent, quiet = settings.flags().quiet }
  open_log()
  log.debug(("karun %s runs %s"):format(native_log.version, options.flow), { id = life.id })
  life.is_active = true
  look()
  if settings.flags().watch then life.watch = require("karun.report.watch").open(life) end
end

local function counts()
  local out = { done = 0, skipped = 0, failed = 0 }
  for _, song in ipairs(life.words.songs) do
    local items = #song.tracks > 0 and song.tracks or { song }
    for _, item in ipairs(items) do
      if item.status then out[item.status] = out[item.status] + 1 end
    end
  end
  if out.failed == 0 then out.failed = #life.words.failures end
  return out
end

local function write_all(result)
  local files = require "karun.report.files"
  local ok, why = fault.try(files.write, life, result)
  if not ok then
    log.error("the report could not be written: " .. tostring(why))
  end
  return ok
end

-- The last words of a run that had something to count: what became of it, and where the report is.
local function last_words(totals, code)
  local report = life.path .. "/report.html"
  local said = totals.done + totals.skipped + totals.failed > 0
  if said and not settings.flags().quiet or settings.get("progress") == "json" then
    for _, failure in ipairs(said and settings.get("progress") ~= "json" and life.words.failures or {}) do
      if failure.track or failure.song then
        native_log.write(log.plain(("failed: %s%s: %s: %s%s"):format(failure.song or "", failure.track and ": " .. failure.track or "",
          failure.kind, failure.message:match("^[^\n]*"), failure.next and " -> " .. failure.next or "")) .. "\n")
      end
    end
    term.last_words(("done %d, skipped %d, failed %d; report: %s"):format(totals.done, totals.skipped, totals.failed, report),
      { done = totals.done, skipped = totals.skipped, failed = totals.failed, report = report, exit_code = code })
  end
end

-- The run is over: `err` is what it ended with, or nil. Nothing happens when none had begun.
function M.finish(code, err)
  if not life then return end
  if settings.get("sandbox") then require("karun.native.budget").set(1e9, 1 << 40) end -- it held for the flow, not for us
  life.alarm:stop()
  if err then run.uncaught(err) end
  sample.take(native_task.now())
  local totals = counts()
  local result = { exit_code = code, counts = totals, wall_s = native_task.now() - life.started,
    started = seconds_text(life.started_at), ended = seconds_text(os.time()) }
  if life.watch then life.watch:finish(result) end
  result.record = trace.stop()
  term.stop()
  if write_all(result) then life.journal:remove() end
  last_words(totals, code)
  if life.log then life.log:close() end
  life = nil
end

-- The folder of the run that goes on, or nil.
function M.path()
  return life and life.path
end

return M
