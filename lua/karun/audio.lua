-- karun.audio: what a finished MP3 sounds like, for proofs. Decoded to its very end; an error of kind
-- `content` when it is no MP3, cut, or broken on the way.

local fault = require "karun.error"
local file = require "karun.file"
local known = require "karun.known"
local native = require "karun.native.audio"
local native_file = require "karun.native.file"
local trace = require "karun.trace"

local M = {}

local patience = 300 -- seconds; a song takes less than one

local sounds = setmetatable({}, { __mode = "k" }) -- what probe answered -> its samples

local function check_path(path, what)
  if type(path) ~= "string" or path == "" or path:find("\0", 1, true) or not utf8.len(path) then
    fault.raise("usage", ("%s wants a path, got %s"):format(what, tostring(path)))
  end
  return path
end

local Sound = { __name = "karun.sound" }
known.class("a sound", Sound,
  { "path", "duration_s", "rate", "channels", "frames", "rms", "peak", "fingerprint" })

-- { path, duration_s, rate, channels, frames, rms, peak, fingerprint }: levels from 0 to 1; the fingerprint
-- is that of the sound's bytes, which tags do not change.
function M.probe(path, opts)
  opts = known.check(opts, { "timeout" }, "audio.probe")
  local facts, samples = native.probe(check_path(path, "audio.probe"), opts.timeout or patience)
  facts.path = path
  sounds[facts] = samples
  return setmetatable(facts, Sound)
end

local function samples_of(value, what)
  local samples = sounds[value] or (type(value) == "string" and sounds[M.probe(value)])
  if not samples then fault.raise("usage", what .. " wants what audio.probe answered, or a path") end
  return samples
end

-- How much of b is in a: 1 when a holds b as it is (a mix its stem), near 0 for nothing of it. Also how
-- alike they are (1: one sound), and by how many seconds a is later.
function M.project(a, b, opts)
  opts = known.check(opts, { "timeout" }, "audio.project")
  return native.project(samples_of(a, "audio.project"), samples_of(b, "audio.project"), opts.timeout or patience)
end

function Sound:contains(other, opts)
  return M.project(self, other, opts)
end

-- Writes `out`, a 16-bit WAV of the same sound, `length` seconds long where given (cut, or filled up with
-- silence): stems of one song then lie sample on sample. Answers { duration_s, rate, channels, frames }.
function M.wav(path, out, opts)
  opts = known.check(opts, { "length", "replace", "timeout" }, "audio.wav")
  if opts.length ~= nil and (math.type(opts.length) == nil or opts.length <= 0 or opts.length > 24 * 3600) then
    fault.raise("usage", "audio.wav: length is seconds, got " .. tostring(opts.length))
  end
  local part <close> = native_file.part((file.split(check_path(out, "audio.wav"))))
  local facts = native.wav(check_path(path, "audio.wav"), part:fd(), opts.length, opts.timeout or patience)
  native_file.publish(part:path())
  native_file.sync(part:path())
  file.move(part:path(), out, { replace = opts.replace })
  return facts
end

trace.wrap(M, { "probe", "project", "wav" }, { kind = "file", prefix = "audio.", shows_arg = true })

return setmetatable(M, { __index = known.methods("karun.audio", M) })
