-- What kind of content a file holds, by its first bytes. Never by its name or by what a server says.

local M = {}

local head_size = 4096

-- Length in bytes of the MPEG layer III frame whose header is the text's four bytes at `at`, or nil.
local rates = {
  [3] = { 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320 },
  [2] = { 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160 },
}
local samples = { [3] = { 44100, 48000, 32000 }, [2] = { 22050, 24000, 16000 }, [0] = { 11025, 12000, 8000 } }

local function frame_length(text, at)
  local a, b, c = text:byte(at, at + 2)
  if not c or a ~= 0xff or b & 0xe0 ~= 0xe0 then return nil end
  local version, layer = b >> 3 & 3, b >> 1 & 3
  local rate = rates[version == 3 and 3 or 2][c >> 4]
  local frequency = samples[version] and samples[version][(c >> 2 & 3) + 1]
  if layer ~= 1 or not rate or not frequency then return nil end
  return (version == 3 and 144 or 72) * rate * 1000 // frequency + (c >> 1 & 1)
end

-- Two frames in a row, or one that fills the file: two bytes alone are found in anything.
local function is_mpeg(text, size)
  local length = frame_length(text, 1)
  if not length then return false end
  return frame_length(text, 1 + length) ~= nil or length == size
end

-- Bytes of an ID3v2 tag before the audio; 0 for none.
local function tag_length(head)
  if not head:match("^ID3.......") then return 0 end
  local a, b, c, d = head:byte(7, 10)
  return 10 + (a << 21 | b << 14 | c << 7 | d)
end

local function is_audio(head, handle, size)
  if head:match("^RIFF....WAVE") or head:match("^OggS") or head:match("^fLaC") or head:match("^....ftypM4A") then
    return true
  end
  local tag = tag_length(head)
  if tag > 0 then
    handle:seek("set", tag)
    head = handle:read(head_size) or ""
  end
  return is_mpeg(head, size - tag)
end

local function is_html(head)
  local text = head:gsub("^\239\187\191", ""):gsub("^%s+", ""):sub(1, 200):lower()
  return text:match("^<!doctype html") or text:match("^<html") or text:match("^<head") or text:match("^<body")
    or text:match("^<!%-%-")
end

-- "audio", "a web page", "text", or nil.
function M.kind(path)
  local handle <close> = assert(io.open(path, "rb"))
  local size = handle:seek("end")
  handle:seek("set", 0)
  local head = handle:read(head_size) or ""
  if is_audio(head, handle, size) then return "audio" end
  if is_html(head) then return "a web page" end
  if not head:find("[%z\1-\8\14-\31]") then return "text" end
  return nil
end

return M
