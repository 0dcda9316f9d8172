-- ID3v2.4 tags at the head of an MP3. The sound's bytes are never touched: a tag that is there is taken
-- away, ours is put in its place.

local M = {}

-- Four bytes of seven bits each.
local function syncsafe(n)
  return string.char(n >> 21 & 127, n >> 14 & 127, n >> 7 & 127, n & 127)
end

local function text_frame(id, text)
  local body = "\3" .. text .. "\0" -- UTF-8
  return id .. syncsafe(#body) .. "\0\0" .. body
end

-- tags: title, artist, album, track (number), tracks (how many), bpm -> the bytes of a tag.
function M.tag(tags)
  local frames = {}
  local function add(id, text)
    if text and text ~= "" then frames[#frames + 1] = text_frame(id, tostring(text)) end
  end
  add("TIT2", tags.title)
  add("TPE1", tags.artist)
  add("TALB", tags.album)
  add("TRCK", tags.track and (tags.tracks and ("%d/%d"):format(tags.track, tags.tracks) or tostring(tags.track)))
  add("TBPM", tags.bpm and ("%d"):format(math.floor(tags.bpm + 0.5)))
  local body = table.concat(frames)
  return "ID3\4\0\0" .. syncsafe(#body) .. body
end

-- Where the sound begins in these bytes (1 without a tag).
function M.sound_starts(bytes)
  local at = 1
  while bytes:sub(at, at + 2) == "ID3" and #bytes >= at + 9 do
    local a, b, c, d = bytes:byte(at + 6, at + 9)
    local footer = bytes:byte(at + 5) & 0x10 ~= 0 and 10 or 0
    at = at + 10 + (a << 21 | b << 14 | c << 7 | d) + footer
  end
  return at
end

-- The bytes with this tag instead of the one they had.
function M.with_tag(bytes, tags)
  return M.tag(tags) .. bytes:sub(M.sound_starts(bytes))
end

return M
