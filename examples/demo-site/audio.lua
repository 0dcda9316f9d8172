-- Valid MP3 made on the spot: each track has a tone and a rhythm of its own, a mix is their sum.
-- Two seconds are encoded once for each mix and their frames repeated: without bit reservoir
-- (--nores) and info frame (-t) every frame stands alone. lame runs beside us from the order on,
-- so that the loop waits for it only when a file is wanted sooner than the 0.05 s it takes.

local karun = require "karun"

local rate <const> = 22050 -- of the samples; lame doubles it
local frame_samples <const> = 576 -- of one MP3 frame, at our rate
local loop_frames <const> = 77 -- 2.011 s
local samples <const> = frame_samples * loop_frames
local steps <const> = 8 -- of a rhythm, in one loop
local keep <const> = 300 -- encoded loops held, 80 kB each

local Audio = {}
Audio.__index = Audio
Audio.__name = "demo.audio"

local M = {}

function M.new(folder)
  return setmetatable({ folder = folder, loops = {}, made = 0 }, Audio)
end

-- Adds a fading tone. Sine and fade go on from their last values, which is quicker than asking anew.
local function add_note(out, from, frequency, decay, level)
  local length = samples // steps
  local turn = 2 * math.pi * frequency / rate
  local twice, before, now = 2 * math.cos(turn), math.sin(-turn), 0.0
  local fade, less = level, math.exp(-decay / length)
  for i = from, from + length - 1 do
    local rise = i - from < 120 and (i - from) / 120 or 1
    out[i] = out[i] + rise * fade * now
    before, now = now, twice * now - before
    fade = fade * less
  end
end

local function silence()
  local out = {}
  for i = 1, samples do
    out[i] = 0.0
  end
  return out
end

-- Adds one loop of a track. Tones are 2.6 semitones apart, so that no key change turns one track into
-- another; the rhythms are 255 patterns of eight, of which no song has one twice.
local function add_track(out, song, place, pitch, gain)
  local level = math.min(0.5, 1.6 / #song.tracks) * gain
  local step = samples // steps
  if place == song.click then
    for beat = 0, 3 do
      add_note(out, beat * 2 * step + 1, beat == 0 and 3100 or 2700, 8, level)
    end
    return
  end
  local frequency = 220 * 2 ^ ((place * 2.6 + song.id % 3 * 0.7 + pitch) / 12)
  local rhythm = (place * 37 + song.id * 11) % 255 + 1
  for i = 0, steps - 1 do
    if rhythm >> i & 1 == 1 then add_note(out, i * step + 1, frequency, 1.5 + place % 3, level) end
  end
end

-- -> left, right; one and the same table when nothing is panned.
local function mixed(song, levels, pannings, pitch)
  local left = silence()
  local right = next(pannings) and silence() or left
  for place, level in ipairs(levels) do
    if level > 0 then
      local pan = (pannings[place] or 0) / 100
      add_track(left, song, place, pitch, level / 100 * math.min(1, 1 - pan))
      if right ~= left then add_track(right, song, place, pitch, level / 100 * math.min(1, 1 + pan)) end
    end
  end
  return left, right
end

local function packed(left, right)
  local pieces, per <const> = {}, 96
  local form <const> = "<" .. ("i2"):rep(2 * per)
  local values = {}
  for from = 1, samples, per do
    for i = 0, per - 1 do
      local l, r = left[from + i], right[from + i]
      values[2 * i + 1] = (l > 1 and 1 or l < -1 and -1 or l) * 32767 // 1 | 0
      values[2 * i + 2] = (r > 1 and 1 or r < -1 and -1 or r) * 32767 // 1 | 0
    end
    pieces[#pieces + 1] = string.pack(form, table.unpack(values))
  end
  return table.concat(pieces)
end

local function write(path, bytes)
  local file = assert(io.open(path, "wb"))
  file:write(bytes)
  file:close()
end

local command <const> = "lame --quiet -r -s 22.05 --resample 44.1 --signed --bitwidth 16 --little-endian "
  .. "-m s -b 320 --nores -t -q 7 '%s' '%s' 2>&1"

-- recipe: {song=, levels=, pannings=, pitch=}. Answers a loop that may still be in the making.
function Audio:prepare(recipe)
  local name = { recipe.song.id, recipe.pitch }
  for place, level in ipairs(recipe.levels) do
    name[#name + 1] = level
    name[#name + 1] = level > 0 and recipe.pannings[place] or 0
  end
  name = table.concat(name, " ")
  local loop = self.loops[name]
  if loop then return loop end
  if self.made % keep == keep - 1 then self.loops = {} end
  self.made = self.made + 1
  local path = self.folder .. "/" .. self.made
  write(path .. ".raw", packed(mixed(recipe.song, recipe.levels, recipe.pannings, recipe.pitch)))
  loop = { path = path, lame = assert(io.popen(command:format(path .. ".raw", path .. ".mp3"))) }
  self.loops[name] = loop
  return loop
end

-- The whole frames in what lame wrote, without the first (it holds the encoder's run-in).
local function frames_of(bytes)
  local at, starts = 1, {}
  while at + 3 < #bytes do
    local a, b, c = bytes:byte(at, at + 2)
    assert(a == 0xFF and b & 0xFE == 0xFA and c >> 2 == 0xE0 >> 2, "lame wrote no 320 kbit/s frame")
    starts[#starts + 1] = at
    at = at + 1044 + (c >> 1 & 1)
  end
  assert(#starts > loop_frames, "lame wrote too few frames")
  return bytes:sub(starts[2], (starts[loop_frames + 2] or #bytes + 1) - 1)
end

local function frames(loop)
  if not loop.frames then
    if loop.lame then
      loop.said = loop.lame:read "a"
      loop.lame:close()
      loop.lame = nil
    end
    local file = io.open(loop.path .. ".mp3", "rb")
    if not file then error(karun.error("file", "lame made no MP3 (is it installed?): " .. loop.said)) end
    loop.frames = frames_of(file:read "a")
    file:close()
    os.remove(loop.path .. ".raw")
    os.remove(loop.path .. ".mp3")
  end
  return loop.frames
end

-- An ID3v2.3 tag with a title and the number of the render: two renders of one mix differ.
local function tag(title, render)
  local function frame(id, text)
    local body = "\3" .. text
    return id .. (">I4"):pack(#body) .. "\0\0" .. body
  end
  local body = frame("TIT2", title) .. frame("TXXX", "render\0" .. render)
  body = body .. ("\0"):rep(500 - #body)
  return "ID3\3\0\0" .. string.char(0, 0, #body >> 7 & 127, #body & 127) .. body
end

-- A file of whole loops, never held in memory: {size=, read(offset, count)}.
-- With a count-in the click comes first, one loop of it.
function Audio:file(recipe, seconds, title, render)
  local head = tag(title:sub(1, 200), render)
  if recipe.count_in then
    local levels = {}
    for i in ipairs(recipe.song.tracks) do
      levels[i] = i == recipe.song.click and 100 or 0
    end
    head = head .. frames(self:prepare { song = recipe.song, levels = levels, pannings = {}, pitch = 0 })
  end
  local loop = frames(self:prepare(recipe))
  local twice = loop .. loop
  local count = math.max(1, math.ceil(seconds * rate / samples))
  local file = { size = #head + count * #loop }
  -- At most one loop's length at a time.
  function file.read(offset, wanted)
    wanted = math.min(wanted, #loop, file.size - offset)
    if offset < #head then return head:sub(offset + 1, math.min(offset + wanted, #head)) end
    local at = (offset - #head) % #loop
    return twice:sub(at + 1, at + wanted)
  end
  return file
end

return M
