-- The other host: finished files, `/sl/<10 hex>/<32 hex>/<name>.mp3`, with ranges, and all the ways a
-- transfer can go wrong.

local karun = require "karun"
local part = ...
local http = part "http"

local chunk <const> = 64 * 1024

local M = {}

-- nil: all of it; false: cannot be satisfied.
local function wanted_range(request, size, etag)
  local range, condition = request.headers.range, request.headers["if-range"]
  if not range or condition and condition ~= etag then return nil end
  local first, last = range:match "^bytes=(%d*)%-(%d*)$"
  first, last = math.tointeger(first), math.tointeger(last)
  if not first and not last then return nil end
  if not first then
    first, last = math.max(0, size - last), nil
  end
  last = math.min(last or size - 1, size - 1)
  if first > last then return false end
  return { first = first, last = last }
end

-- The faults of this answer, decided once, in words of what the stream has to do.
local function decide(site, build)
  local faults, plan = site.faults, {}
  for _, name in ipairs { "cut_transfer", "reset_transfer", "stalled_transfer" } do
    local settings = faults:take(name, build.song, build.solo)
    if settings then
      plan.way, plan.at, plan.is_open = name, settings.at or 0.5, settings.length == false
      break
    end
  end
  plan.is_attached = not faults:take("no_attachment", build.song, build.solo)
  return plan
end

-- Chunks from first to last, at the profile's speed; ends, breaks or hangs where the plan says.
local function stream(site, file, range, plan, entry)
  local at, stop = range.first, range.last + 1
  if plan.way then stop = range.first + math.floor((stop - range.first) * plan.at) end
  local began, speed = karun.now(), site.profile.transfer > 0 and file.size / site.profile.transfer
  return function()
    if at >= stop then
      entry.bytes, entry.broken, entry.ended = at - range.first, plan.way, karun.now()
      if plan.way == "stalled_transfer" then karun.sleep(24 * 3600) end
      return nil, plan.way == "reset_transfer" and "reset" or plan.way and "cut" or nil
    end
    local bytes = file.read(at, math.min(chunk, stop - at))
    at = at + #bytes
    if speed then
      local due = began + (at - range.first) / speed
      if due > karun.now() then karun.sleep(due - karun.now()) end
    end
    return bytes
  end
end

local function disposition(label)
  local plain = label:gsub("[^%w%-._~() +&,]", "_")
  return ("attachment; filename=\"%s\"; filename*=UTF-8''%s"):format(plain, http.escape(label))
end

local function instead(site, build)
  local faults, song, track = site.faults, build.song, build.solo
  if faults:take("dead_link", song, track) then return http.text("This link has expired.", 403), "dead_link" end
  if faults:take("html_file", song, track) then
    return http.page "<!doctype html><title>Maintenance</title><p>We will be back soon.</p>", "html_file"
  end
  if faults:take("empty_file", song, track) then
    return http.text("", 200, { ["content-type"] = "audio/mpeg", ["content-disposition"] = disposition(build.label) }),
      "empty_file"
  end
end

function M.serve(site, request)
  local hash = request.path:match "^/sl/%x+/(%x+)/[^/]+%.mp3$"
  local build = hash and site.builds.by_hash[hash]
  if not build then return http.text("", 404) end
  local answer, fault = instead(site, build)
  local entry = site.log:add("file", {
    build = build.id,
    song = build.song.id,
    track = build.solo and build.solo - 1,
    label = build.label,
    method = request.method,
    range = request.headers.range,
    fault = fault,
    agent = request.headers["user-agent"],
  })
  if answer then return answer end
  local file, etag = site.builds:file(build), ('"%s"'):format(build.hash)
  local range = wanted_range(request, file.size, etag)
  if range == false then return http.text("", 416, { ["content-range"] = "bytes */" .. file.size }) end
  local plan = decide(site, build)
  local headers =
    { ["content-type"] = "audio/mpeg", ["accept-ranges"] = "bytes", etag = etag, ["cache-control"] = "private" }
  if plan.is_attached then headers["content-disposition"] = disposition(build.label) end
  if range then headers["content-range"] = ("bytes %d-%d/%d"):format(range.first, range.last, file.size) end
  local part_of = range or { first = 0, last = file.size - 1 }
  entry.size, entry.status = file.size, range and 206 or 200
  return {
    status = entry.status,
    headers = headers,
    body = stream(site, file, part_of, plan, entry),
    length = not plan.is_open and part_of.last - part_of.first + 1, -- false: the connection's end is the body's
  }
end

return M
