-- A made-up run of n tracks, as input for karun.report.model: the same figures each time.

local M = {}

local function series(seed)
  local state = seed
  return function(low, high)
    state = (state * 1103515245 + 12345) % 2147483648
    return low + (high - low) * state / 2147483648
  end
end

local NAMES = { "Intro Count (Click + Key)", "Drum Kit", "Bass", "Electric Guitar (left)", "Piano", "Backing Vocals", "Lead Vocal" }

-- options: tracks, scale (of every time), seed, failures, pictures
function M.input(options)
  local any, scale = series(options.seed or 1), options.scale or 1
  local at, input = 1.1, { spans = {}, ops = {}, requests = {}, songs = {}, failures = {}, presses = {}, drifts = {},
    notes = {}, samples = {}, totals = {} }
  local song = { name = "Night Drive", artist = "The Paper Lanterns", tracks = {} }
  input.songs[1] = song
  local function phase(name, dur, track, extra)
    dur = dur * scale
    local span = { name = name, phase = name, start_s = at, dur_s = dur, song = track and song.name, track = track and track.name,
      outcome = "ok" }
    for key, value in pairs(extra or {}) do
      span[key] = value
    end
    input.spans[#input.spans + 1] = span
    at = at + dur
    return span
  end
  local function op(kind, name, from, dur, fields)
    local one = { kind = kind, name = name, start_s = from, dur_s = dur, song = song.name }
    for key, value in pairs(fields) do
      one[key] = value
    end
    input.ops[#input.ops + 1] = one
  end
  input.requests[1] = { start_s = at, dur_s = 0.8 * scale }
  phase("login", any(0.8, 1.2))
  input.requests[2] = { start_s = at, dur_s = 1.5 * scale }
  phase("open", any(1.5, 2.2))
  for i = 1, options.tracks or 6 do
    local track = { name = (NAMES[(i - 1) % #NAMES + 1]) .. (i > #NAMES and " " .. i or ""), number = i, index = i - 1 }
    song.tracks[i] = track
    local fails = options.failures and i % 9 == 5
    phase("solo", i == 1 and 9.1 or any(1, 2), track, { attempt = i == 1 and 2 or nil })
    local sync = phase("sync", any(0.3, 5), track)
    op("pause", "pause", sync.start_s, sync.dur_s, { track = track.name, phase = "sync", line = "lua/flows/steps/song.lua:85" })
    local build = phase("prepare", any(7, 14), track)
    input.requests[#input.requests + 1] = { start_s = build.start_s + 0.3 * scale, dur_s = build.dur_s - 0.4 * scale }
    op("wait", "locator:wait", build.start_s, build.dur_s, { track = track.name, phase = "prepare", about = "visible of .begin-download",
      timeout = 120, timing = "prepare.build", line = "lua/flows/steps/order.lua:61" })
    local load = phase("download", any(1.5, 2.5), track, { outcome = fails and "incomplete" or "ok" })
    input.requests[#input.requests + 1] = { start_s = load.start_s, dur_s = load.dur_s }
    phase("verify", any(0.05, 0.2), track)
    phase("file", any(0.01, 0.05), track)
    track.status, track.bytes, track.ended_s = fails and "failed" or i % 11 == 7 and "skipped" or "done", 8650752, at
    if fails then
      input.failures[#input.failures + 1] = { number = #input.failures + 1, kind = "incomplete", song = song.name, track = track.name,
        phase = "download", at_s = at, message = "lua/flows/steps/transfer.lua:31: the file ended after 32,768 of 8,650,752 bytes",
        next = "run again with --last-failed", folder = ("failures/%02d"):format(#input.failures + 1),
        picture = options.picture }
    end
    at = at + 0.5 * scale
    op("pause", "pause", at - 0.5 * scale, 0.5 * scale, { line = "lua/flows/steps/song.lua:141" })
  end
  input.presses[1] = { at_s = 4.2, what = "solo", why = "the button was still unlit after 2 s; the mixer's script had not loaded", phase = "solo",
    song = song.name, track = NAMES[1] }
  input.drifts[1] = { wanted = "a.download", used = "a[class*='download']", selectors = { "a.download", "a[class*='download']" },
    key = "download", times = 6, line = "lua/flows/steps/order.lua:124" }
  input.wall_s = at + 0.4
  for i = 0, 120 do
    local x = i / 120
    input.samples[i + 1] = { at_s = x * input.wall_s, karun = (11 + x) * 2 ^ 20, browser = (400 + 180 * x + 60 * any(0, 1)) * 2 ^ 20,
      karun_cpu = x * input.wall_s * 0.02, browser_cpu = x * input.wall_s * any(0.29, 0.3), processes = 8 }
  end
  input.meta = { id = "20250601-120000-0001", flow = "lua/flows/download.lua", args = {}, started = "2025-06-01T12:00:00Z",
    exit_code = options.failures and 4 or 0,
    counts = { done = options.tracks or 6, skipped = 0, failed = #input.failures }, timings = { ["solo.timeout"] = 20, ["prepare.build"] = 120 },
    environment = { karun = "test", lua = "Lua 5.4" } }
  return input
end

return M
