-- karun.audio: finished files as sound. A file is decoded to its end: what does not decode is `content`.

local fault = require "karun.error"
local known = require "karun.known"
local native = require "karun.native.audio"

local M = {}

local PATIENCE = 120 -- seconds to decode a file of an hour on a slow machine
local LAG = 0.06     -- seconds by which two encoders' delays may differ

local Sound = { __name = "karun.sound" }
Sound.__index = known.methods("a sound", Sound,
  { "path", "duration_s", "rate", "channels", "bitrate", "samples", "frames", "peak", "rms", "fingerprint", "native" })

local function check_path(path, what)
  if type(path) ~= "string" then fault.raise("usage", ("%s takes a path, got %s"):format(what, type(path))) end
  return path
end

-- -> { path, duration_s, rate (Hz), channels, bitrate (kbit/s), samples, frames, peak, rms (0 to 1), fingerprint }
function M.probe(path, opts)
  opts = known.check(opts, { "timeout" }, "audio.probe")
  local sound = native.read(check_path(path, "audio.probe"), opts.timeout or PATIENCE)
  local facts = sound:facts()
  facts.path, facts.native = path, sound
  return setmetatable(facts, Sound)
end

-- How much of `other` is in this sound: <a,b>/<b,b>. 1: it is in there as it is; 0: they have nothing in common.
-- -> ratio, the lag in seconds at which it was found
function Sound:contains(other, opts)
  opts = known.check(opts, { "lag", "timeout" }, "sound:contains")
  if getmetatable(other) ~= Sound then fault.raise("usage", "sound:contains takes another sound (audio.probe)") end
  return self.native:project(other.native, opts.lag or LAG, opts.timeout or PATIENCE)
end

-- Decodes into a 16-bit WAV file of exactly `samples` a channel (default: all there are) -> samples.
function M.wav(path, out, opts)
  opts = known.check(opts, { "samples", "timeout" }, "audio.wav")
  return native.wav(check_path(path, "audio.wav"), check_path(out, "audio.wav"), opts.samples or 0, opts.timeout or PATIENCE)
end

return setmetatable(M, { __index = known.methods("karun.audio", M) })
