-- karun.audio: whole or not, how loud, and which sound is in which.

local audio = require "karun.audio"
local file = require "karun.file"
local proc = require "karun.native.proc"
local t = require "karun.test"

local rate = 44100

-- 16-bit WAV of fn(seconds) -> -1..1
local function wav(fn, seconds)
  local samples = {}
  for i = 0, math.floor(seconds * rate) - 1 do
    local value = math.max(-1, math.min(1, fn(i / rate)))
    samples[#samples + 1] = ("<i2"):pack(math.floor(value * 32767 + 0.5))
  end
  local data = table.concat(samples)
  return "RIFF" .. ("<I4"):pack(#data + 36) .. "WAVEfmt " .. ("<I4I2I2I4I4I2I2"):pack(16, 1, 1, rate, rate * 2, 2, 16)
    .. "data" .. ("<I4"):pack(#data) .. data
end

local function mp3(dir, name, fn, options)
  options = options or {}
  file.write(dir .. "/" .. name .. ".wav", wav(fn, options.seconds or 3))
  local argv = { "lame", "--quiet", "-b", "128" }
  if options.plain then table.move({ "--nores", "-t" }, 1, 2, #argv + 1, argv) end
  table.move({ dir .. "/" .. name .. ".wav", dir .. "/" .. name .. ".mp3" }, 1, 2, #argv + 1, argv)
  local child = proc.start { argv = argv, capture = true }
  t.equal(child:wait(60), true)
  t.equal(child:status(), 0)
  child:close()
  return dir .. "/" .. name .. ".mp3"
end

local function bass(at) return 0.3 * math.sin(2 * math.pi * 110 * at) * (math.floor(at * 4) % 2) end
local function lead(at) return 0.3 * math.sin(2 * math.pi * 523.25 * at) * (math.floor(at * 3) % 2) end
local function both(at) return bass(at) + lead(at) end
local function silence() return 0 end

t.test("probe: length, level, format, fingerprint", function()
  local dir = t.tmp()
  local path = mp3(dir, "bass", bass)
  local facts = audio.probe(path)
  t.ok(math.abs(facts.duration_s - 3) < 0.06, facts.duration_s)
  t.equal(facts.rate, rate)
  t.equal(facts.channels, 1)
  t.ok(facts.frames > 100)
  t.ok(facts.peak > 0.25 and facts.peak < 0.4, facts.peak)
  t.ok(facts.rms > 0.1 and facts.rms < 0.2, facts.rms)
  t.match(facts.fingerprint, "^%x+$")
  local quiet = audio.probe(mp3(dir, "silence", silence))
  t.ok(quiet.peak < 0.001, quiet.peak)
  t.ok(quiet.fingerprint ~= facts.fingerprint)
  local bytes = file.read(path)
  local id3 = "ID3\4\0\0\0\0\2\0" .. ("\0"):rep(256)
  file.write(dir .. "/tagged.mp3", id3 .. bytes .. "TAG" .. ("x"):rep(125))
  t.equal(audio.probe(dir .. "/tagged.mp3").fingerprint, facts.fingerprint)
end)

t.test("probe: cut, broken, or no MP3 is `content`", function()
  local dir = t.tmp()
  local bytes = file.read(mp3(dir, "bass", bass))
  local plain = file.read(mp3(dir, "plain", bass, { plain = true }))
  local function try(text, message)
    file.write(dir .. "/try.mp3", text)
    t.match(t.error("content", audio.probe, dir .. "/try.mp3").message, message)
  end
  try("", "empty")
  try("<html>no</html>", "no MP3")
  try(bytes:sub(1, 20000), "cut")
  try(plain:sub(1, #plain - 1), "cut")
  try(plain:sub(1, 10000) .. ("garbage"):rep(100) .. plain:sub(10001), "broken at byte")
  try(plain:sub(1, 10000) .. plain:sub(10050), "broken at byte")
  -- at the end of a frame: only the first frame's count can tell
  local frame = 417
  for cut = frame * 20, frame * 21 do
    if bytes:byte(cut + 1) == 0xff and bytes:byte(cut + 2) == 0xfb then
      try(bytes:sub(1, cut), "cut: %d+ of %d+ frames")
      break
    end
  end
  t.error("file", audio.probe, dir .. "/none.mp3")
  t.error("file", audio.probe, dir)
  t.error("usage", audio.probe, 12)
end)

t.test("probe: frames may be repeated to any length", function()
  local dir = t.tmp()
  local plain = file.read(mp3(dir, "plain", bass, { plain = true }))
  local once = audio.probe(dir .. "/plain.mp3").duration_s
  file.write(dir .. "/long.mp3", plain:rep(10))
  t.ok(math.abs(audio.probe(dir .. "/long.mp3").duration_s - 10 * once) < 0.2)
end)

t.test("project: a mix holds its stems, a stem not its sibling", function()
  local dir = t.tmp()
  local b, l, m = mp3(dir, "bass", bass), mp3(dir, "lead", lead), mp3(dir, "mix", both)
  local sound_b, sound_l, sound_m = audio.probe(b), audio.probe(l), audio.probe(m)
  local ratio = audio.project(sound_m, sound_b)
  t.ok(math.abs(ratio - 1) < 0.05, ratio)
  ratio = audio.project(sound_m, sound_l)
  t.ok(math.abs(ratio - 1) < 0.05, ratio)
  ratio = audio.project(sound_b, sound_l)
  t.ok(math.abs(ratio) < 0.05, ratio)
  local _, likeness = audio.project(sound_b, b)
  t.ok(likeness > 0.99, likeness)
  t.equal(audio.project(sound_b, mp3(dir, "silence", silence)), 0)
  t.error("usage", audio.project, {}, sound_b)
end)

t.test("project: the same sound behind another encoder delay", function()
  local dir = t.tmp()
  local told, untold = mp3(dir, "told", bass), mp3(dir, "untold", bass, { plain = true })
  local ratio, likeness, lag = audio.project(untold, told)
  t.ok(ratio > 0.9, ratio)
  t.ok(likeness > 0.9, likeness)
  t.ok(lag > 0.01 and lag < 0.06, lag)
end)

t.test("wav: same sound, the asked length to the sample", function()
  local dir = t.tmp()
  local path = mp3(dir, "bass", bass)
  local facts = audio.wav(path, dir .. "/out.wav", { length = 2.5 })
  t.equal(facts.duration_s, 2.5)
  local bytes = file.read(dir .. "/out.wav")
  t.equal(#bytes, 44 + 2.5 * rate * 2)
  t.equal((("<I4"):unpack(bytes, 41)), 2.5 * rate * 2)
  audio.wav(path, dir .. "/long.wav", { length = 4 })
  local long = file.read(dir .. "/long.wav")
  t.equal(#long, 44 + 4 * rate * 2)
  t.equal(long:sub(-1000), ("\0"):rep(1000))
  audio.wav(path, dir .. "/whole.wav")
  t.ok(#file.read(dir .. "/whole.wav") > 44 + 2.9 * rate * 2)
  -- sample on sample with what went in: the encoder's delay is taken off
  local before, after, error_sum, sum = file.read(dir .. "/bass.wav"), file.read(dir .. "/whole.wav"), 0, 0
  for i = 20000, 60000 do
    local a, b = ("<i2"):unpack(before, 45 + 2 * i), ("<i2"):unpack(after, 45 + 2 * i)
    error_sum, sum = error_sum + (a - b) ^ 2, sum + a ^ 2
  end
  t.ok(error_sum < 0.01 * sum, error_sum / sum)
  t.error("file", audio.wav, path, dir .. "/out.wav")
  t.error("content", audio.wav, dir .. "/bass.wav", dir .. "/no.wav")
  t.error("usage", audio.wav, path, dir .. "/no.wav", { length = -1 })
  t.equal(#file.glob(dir .. "/.karun*"), 0)
  t.equal(file.exists(dir .. "/no.wav"), false)
end)
