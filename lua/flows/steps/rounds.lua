-- The songs of a run, one after the other; or several at once, each worker with a page of its own and never
-- two on one song. Then what is left of all of them once more, then the failures, told.

local karun = require "karun"
local prepare = require "steps.prepare"
local retry = require "steps.retry"
local session = require "steps.session"
local slug = require "karun.slug"
local song = require "steps.song"
local telling = require "karun.run"
local log = karun.log

local M = {}

-- One song, through browser deaths.
local function through_deaths(run, worker, work, what)
  while true do
    local browser = run.browser
    local ok, err = karun.try(function()
      work.page = session.page(run, worker)
      what(work)
    end)
    if ok then return end
    if err.kind ~= "browser_gone" then error(err) end
    session.restart(run, err, browser)
  end
end

local function tell(name, wanted, i, n)
  return telling.song { name = name or slug.title_case(wanted.url:match("([^/]+)%.html") or wanted.url), url = wanted.url,
    number = i, count = n }
end

-- Nothing of it was done, and something failed: the reason, or nil.
local function failed_wholly(run, work)
  if work.err then return work.err end
  local entry = work.song and run.tally:song(work.song)
  if entry and entry.done == 0 and entry.skipped == 0 and work.failed[1] then return work.failed[1].err end
end

local function song_in_turn(run, worker, i, wanted, n)
  local work = song.work(run, nil, wanted, tell(wanted.name, wanted, i, n))
  run.past[#run.past + 1] = work
  through_deaths(run, worker, work, song.download)
  if work.err or #work.failed > 0 then run.leave(work) end
  local reason = retry.song_over(run, failed_wholly(run, work))
  if reason then run.stopped = run.stopped or reason end
end

-- Each worker takes the next song until there is none.
local function in_turn(run, list, each)
  local next_i = 1
  local function worker(number)
    while next_i <= #list and not run.stopped do
      local i = next_i
      next_i = i + 1
      each(run, number, i, list[i], #list)
      if next_i <= #list and not run.stopped then karun.sleep(run.timing.pause.songs * run.jitter()) end -- manners
    end
  end
  local workers = {}
  for number = 1, math.min(run.options.jobs, #list) do
    workers[number] = function()
      worker(number)
    end
  end
  if #workers == 1 then workers[1]() else karun.wait.all(workers, { timeout = math.huge }) end
  return next_i
end

-- One song twice in a list would be two builds of it at once.
local function without_doubles(list)
  local out, seen = {}, {}
  for _, wanted in ipairs(list) do
    local key = ("%s %s %s"):format(wanted.url, wanted.key, wanted.count_in)
    if not seen[key] then out[#out + 1] = wanted end
    seen[key] = true
  end
  return out
end

-- With several pages at once the same song at two keys must not be built side by side either.
local function no_song_at_once(each)
  local busy = {}
  return function(run, worker, i, wanted, n)
    while busy[wanted.url] do
      busy[wanted.url]:get()
    end
    busy[wanted.url] = karun.queue()
    local free <close> = setmetatable({}, { __close = function() -- luacheck: ignore
      local queue = busy[wanted.url]
      busy[wanted.url] = nil
      queue:close()
    end })
    return each(run, worker, i, wanted, n)
  end
end

local function not_tried(run, list, from)
  for i = from, #list do
    local wanted = list[i]
    local told = tell(wanted.name, wanted, i, #list)
    run.song_failed({ url = wanted.url, title = told.name, told = told, settings = wanted }, retry.not_tried(run.stopped), nil)
  end
end

local function once_more(run)
  local left = run.left
  run.left = {}
  for _, work in ipairs(left) do
    local failures = work.failed
    local first = work.err or failures[1] and failures[1].err
    if not run.stopped and first and retry.may(run, work, first) then
      log.info(("%s: left over; once more"):format(work.song and work.song.title or work.told.name))
      karun.sleep(retry.rest(run, first, 1))
      through_deaths(run, 1, work, song.redo)
    end
  end
  return left
end

-- All of it.
function M.download(run, list)
  list = without_doubles(list)
  local waiting = {}
  function run.leave(work)
    if not waiting[work] then run.left[#run.left + 1] = work end
    waiting[work] = true
  end
  local next_i = in_turn(run, list, no_song_at_once(song_in_turn))
  local left = once_more(run)
  for _, work in ipairs(left) do
    song.tell(work)
  end
  if run.stopped then
    log.warn("stopped: " .. run.stopped)
    telling.note("stopped: " .. run.stopped)
    not_tried(run, list, next_i)
  end
  if run.options.prepare and not run.stopped then
    for i, wanted in ipairs(list) do
      local work = song.work(run, nil, wanted, nil)
      through_deaths(run, 1, work, prepare.song)
      if i < #list then karun.sleep(run.timing.pause.songs * run.jitter()) end -- manners
    end
  end
end

-- What would be ordered.
function M.plan(run, list)
  for _, wanted in ipairs(list) do
    session.print_plan(run, song.plan(run, session.page(run), wanted))
  end
end

return M
