-- --watch: a page on this machine that shows the run while it goes on. Its address holds a token, so that
-- no other page and no other user can read along; it is said on the screen and written nowhere.

local json = require "karun.native.json"
local log = require "karun.log"
local markup = require "karun.report.markup"
local native_task = require "karun.native.task"
local run = require "karun.run"
local serve = require "karun.serve"
local task = require "karun.task"
local term = require "karun.term"
local timeline = require "karun.report.timeline"
local trace = require "karun.trace"

local M = {}

local PACE = 0.2 -- seconds between two messages: an eye sees no more

local Watch = {}
Watch.__index = Watch

local function token()
  local file = assert(io.open("/dev/urandom", "rb"))
  local bytes = file:read(16)
  file:close()
  return (bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

local function page(title)
  local body = '<header><p class="soft">live</p><h1 id="title">' .. markup.escape(title) .. '</h1><p id="state" class="state" role="status">'
    .. 'connecting</p><div class="facts" id="facts"></div></header><section><h2>Tracks</h2>' .. timeline.legend()
    .. '<div id="tracks" class="live"></div></section><section><h2>What was said</h2><ul id="said"></ul></section>'
  return '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
    .. '<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer"><title>karun, live</title><style>\n'
    .. markup.file("style.css") .. "</style></head><body><main>\n" .. body .. "</main><script>\n" .. markup.file("watch.js")
    .. "</script></body></html>\n"
end

-- ---- what is shown ----

local function span_of(span, started, now)
  return { name = span.name, start_s = span.start - started, dur_s = span.dur or now - span.start, open = not span.dur or nil,
    bad = span.outcome ~= nil and span.outcome ~= "ok" or nil }
end

-- Everything a page needs, afresh each time: a page that comes late misses nothing.
local function snapshot(self)
  local record, now = trace.recording(), native_task.now()
  local by_track, songs = {}, {}
  for _, list in ipairs { record and record.spans or {}, self.open_spans } do
    for _, span in pairs(list) do
      if span.track and trace.is_phase[span.name] then
        local key = (span.song or "") .. "\0" .. span.track
        by_track[key] = by_track[key] or {}
        table.insert(by_track[key], span_of(span, self.life.started, now))
      end
    end
  end
  for i, song in ipairs(run.data().songs) do
    local tracks = json.array {}
    for j, track in ipairs(song.tracks) do
      tracks[j] = { name = track.name, status = track.status, received = track.got, total = track.total,
        why = track.error or track.why, spans = json.array(by_track[song.name .. "\0" .. track.name] or {}) }
    end
    songs[i] = { name = song.name, artist = song.artist, status = song.status, tracks = tracks }
  end
  local told = {}
  for name, value in pairs(term.state()) do told[name] = value end
  return { schema = 1, elapsed_s = now - self.life.started, progress = told, waiting = term.waiting(), songs = json.array(songs),
    said = json.array(table.move(self.said, 1, #self.said, 1, {})), ended = self.ended }
end

local function text_of(self)
  return log.mask(json.encode(snapshot(self)))
end

function Watch:change()
  local signal = self.changed
  self.changed = native_task.signal()
  signal:fire()
end

-- A page: a message at each change, at most one in PACE, and one a second for the clock.
local function feed(self, socket)
  self.sockets[socket] = true
  while not self.ended and not socket:closed() do
    local changed = self.changed
    if not pcall(socket.send, socket, text_of(self), { timeout = 5 }) then break end
    native_task.sleep(PACE)
    changed:wait(1)
  end
  self.sockets[socket] = nil
end

local function listen(self)
  trace.listen(function(event, span)
    self.open_spans[span] = event == "begin" and span or nil
    self:change()
  end)
  term.listen(function() self:change() end)
  run.listen(function(event, thing)
    local words = event == "failure" and "failed: " .. thing.message or event == "note" and thing.text
      or event == "press" and ("again: %s (%s)"):format(thing.what or "", thing.why or "")
    if words then
      table.insert(self.said, words)
      if #self.said > 50 then table.remove(self.said, 1) end
    end
    self:change()
  end)
end

function M.open(life)
  local secret = token()
  local self = setmetatable({ life = life, sockets = {}, said = {}, open_spans = {}, changed = native_task.signal() }, Watch)
  self.server = serve {
    routes = { ["GET /" .. secret .. "/"] = function()
      return { headers = { ["content-type"] = "text/html; charset=utf-8", ["cache-control"] = "no-store" }, body = page(life.flow) }
    end },
    ws = { ["/" .. secret .. "/ws"] = function(socket) feed(self, socket) end },
  }
  listen(self)
  local url = ("%s/%s/"):format(self.server.url, secret)
  term.announce("watch", "live: " .. url, { url = url })
  return self
end

-- The last message, then the end. A page that does not take it is left.
function Watch:finish(result)
  self.ended = { exit_code = result.exit_code, counts = result.counts, wall_s = result.wall_s, report = self.life.path .. "/report.html" }
  local text = text_of(self)
  pcall(task.shielded, function()
    for socket in pairs(self.sockets) do
      pcall(socket.send, socket, text, { timeout = 1 })
    end
    if next(self.sockets) then native_task.sleep(PACE) end
  end)
  self.server:close()
end

return M
