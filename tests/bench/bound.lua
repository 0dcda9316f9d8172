-- What a song needed against what the site needed, from the demo site's own log. Prints one line.
--   karun tests/bench/bound.lua URL MODEL TRANSFER EXIT
-- bound: first solo (nothing: it is the page's own), then for each track basket and build, one after the
-- other, and one transfer. total: from the first order to the end of the last file.

local karun = require "karun"

local url, model, transfer, code = table.unpack(karun.args)
local entries = karun.http.fetch(url .. "/_demo/log").body
entries = karun.json.decode(entries).entries

local baskets, starts, ends, files = {}, {}, {}, {}
for _, entry in ipairs(entries) do
  if entry.event == "basket" then baskets[#baskets + 1] = entry.t end
  if entry.event == "build_start" then starts[entry.build] = entry.t end
  if entry.event == "build_end" then ends[entry.build] = entry.t end
  if entry.event == "file" and entry.ended then files[#files + 1] = entry end
end

local builds, count, last = 0, 0, 0
for build, from in pairs(starts) do
  if ends[build] then builds, count = builds + ends[build] - from, count + 1 end
end
for i, from in ipairs(baskets) do -- the basket's own answer belongs to the site
  local nearest
  for _, start in pairs(starts) do
    if start >= from and (not nearest or start < nearest) then nearest = start end
  end
  if nearest and nearest < (baskets[i + 1] or math.huge) then builds = builds + nearest - from end
end
local longest = 0
for _, file in ipairs(files) do
  last, longest = math.max(last, file.ended), math.max(longest, file.ended - file.t)
end
local bound, total = builds + longest, last - (baskets[1] or last)
print(("%s %s %d %.3f %.3f %s"):format(model, transfer, count, total, bound, code))
