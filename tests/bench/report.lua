-- Medians, spread and ratios of a bench's raw figures -> docs/performance.md and its curves as SVG.
--   karun tests/bench/report.lua FOLDER BROWSER

local karun = require "karun"
local chart = dofile "tests/bench/chart.lua"

local folder, program = karun.args[1], karun.args[2]
local drivers = { "raw", "karun", "playwright", "puppeteer", "selenium" }

local function lines_of(name)
  local path, out = folder .. "/" .. name .. ".txt", {}
  if not karun.file.exists(path) then return out end
  for line in karun.file.read(path):gmatch "[^\n]+" do
    local fields = {}
    for field in line:gmatch "%S+" do
      fields[#fields + 1] = tonumber(field) or field
    end
    out[#out + 1] = fields
  end
  return out
end

local function quantile(list, q)
  return list[math.max(1, math.ceil(#list * q))]
end

-- driver -> work -> sorted values
local samples = {}
for _, driver in ipairs(drivers) do
  local works = {}
  for _, line in ipairs(lines_of(driver)) do
    works[line[1]] = works[line[1]] or {}
    table.insert(works[line[1]], line[2])
  end
  for _, list in pairs(works) do
    table.sort(list)
  end
  samples[driver] = works
end

local MS, US, S, MB, N = { 1e3, "ms" }, { 1e6, "µs" }, { 1, "s" }, { 1, "MB" }, { 1, "" }
-- work, words, unit, target: at most times raw, or at most an amount
local rows = {
  { "cold", "cold start to title and gone", MS, times = 1.05 },
  { "cold_cpu", "driver CPU for that", MS, amount = 15 },
  { "cold_rss", "driver peak memory for that", MB, amount = 6 },
  { "eval", "evaluate, round trip", MS, times = 1.15 },
  { "eval_cpu", "driver CPU per evaluate", US, amount = 50 },
  { "click", "click with all checks, target at rest", MS, times = 1.3 },
  { "fill", "fill", MS, times = 1.2 },
  { "type", "type 14 keys", MS, times = 1.2 },
  { "wait", "DOM change to next line of script", MS, amount = 1.5 },
  { "wait", "the same, 99 of 100", MS, amount = 10, q = 0.99 },
  { "download", "download ended to script knows", MS, amount = 8 },
  { "big", "a text of 10 MB", MS, times = 1.25 },
  { "pages", "8 pages at once, an evaluate", US, times = 1 / 0.9 },
  { "texts", "text of 1,000 elements of 50,000, one call", MS, times = 2 },
  { "text1000", "the same as 1,000 calls", S, times = 1.15 },
  { "idle", "wake-ups in ten more seconds of a wait", N, amount = 5 },
  { "disk", "own files on disk", MB, amount = 3 },
}

local function shown(value, unit)
  if not value then return "–" end
  value = value * unit[1]
  return (value >= 100 and "%.0f" or value >= 10 and "%.1f" or "%.2f"):format(value)
end

local function spread(list, unit)
  if not list or #list < 3 then return "" end
  return (" (%s–%s)"):format(shown(quantile(list, 0.25), unit), shown(quantile(list, 0.75), unit))
end

local function verdict(row, ours, floor)
  if not ours then return "–", "" end
  if row.amount then
    local value = ours * row[3][1]
    return ("≤ %g %s"):format(row.amount, row[3][2]), value <= row.amount and "yes" or ("%.1f times"):format(value / row.amount)
  end
  if not floor then return "–", "" end
  local ratio = ours / floor
  return ("≤ %.2f × raw"):format(row.times), ratio <= row.times and ("yes, %.2f"):format(ratio) or ("no, %.2f"):format(ratio)
end

local out = {}
local function write(text, ...)
  out[#out + 1] = select("#", ...) > 0 and text:format(...) or text
end

local function version(command)
  local pipe = io.popen(command .. " 2>/dev/null")
  local line = pipe and pipe:read "l" or "?"
  if pipe then pipe:close() end
  return line or "not there"
end

local function drivers_table()
  write "| work | unit | raw floor | karun | playwright | puppeteer | selenium | target | reached |"
  write "|---|---|---|---|---|---|---|---|---|"
  for _, row in ipairs(rows) do
    local cells, values = {}, {}
    for i, driver in ipairs(drivers) do
      local list = samples[driver][row[1]]
      values[i] = list and quantile(list, row.q or 0.5)
      cells[i] = shown(values[i], row[3]) .. (i <= 2 and spread(list, row[3]) or "")
    end
    local target, reached = verdict(row, values[2], values[1])
    write("| %s | %s | %s | %s | %s |", row[2], row[3][2], table.concat(cells, " | "), target, reached)
  end
end

local function songs_table(songs)
  write "| model | who fetches | tracks | total, s | bound, s | ratio | ours a track, s | exit |"
  write "|---|---|---|---|---|---|---|---|"
  for _, song in ipairs(songs) do
    local model, transfer, count, total, bound, code = table.unpack(song)
    write("| %s | %s | %d | %.1f | %.1f | %.3f | %.2f | %d |", model, transfer, count, total, bound, total / bound,
      (total - bound) / math.max(count, 1), code)
  end
end

local TITLES = {
  { "pages_open", "Opening pages: seconds in all", "pages" },
  { "pages_ask", "Asking each page once: seconds in all", "pages" },
  { "songs", "Reading a list of songs: seconds", "songs" },
  { "archive", "Looking up one track in the archive: seconds", "rows" },
  { "operations", "Memory of karun over operations: MB", "operations" },
  { "operations_lua", "Of that, Lua's: MB", "operations" },
}

local function curves()
  local series = {}
  for _, line in ipairs(lines_of "growth") do
    series[line[1]] = series[line[1]] or {}
    table.insert(series[line[1]], { line[2], line[3] })
  end
  for _, title in ipairs(TITLES) do
    local points = series[title[1]]
    if points then
      karun.file.write(("docs/performance/%s.svg"):format(title[1]), chart(title[2], title[3], points))
      local first, last = points[1], points[#points]
      write("![%s](performance/%s.svg)", title[2], title[1])
      write("%s: %g at %d %s, %g at %d.\n", title[2], first[2], first[1], title[3], last[2], last[1])
    end
  end
end

karun.file.mkdir "docs/performance"
write "## Against the raw protocol and three peers\n"
write "Made by `make bench` (`tests/bench/`): the same pages, the same Chromium, the same run, driver after driver in turns."
write "Medians; quartiles in brackets. Only ratios within one run mean something: the machine may have had other work.\n"
write("karun %s · %s · playwright-core %s · puppeteer-core %s · selenium %s · node %s · kernel %s · load at the end %s\n",
  version "git describe --always", version(program .. " --version"),
  version(("node -p \"require('./%s/node_modules/playwright-core/package.json').version\""):format(folder)),
  version(("node -p \"require('./%s/node_modules/puppeteer-core/package.json').version\""):format(folder)),
  version "/usr/bin/python3 -c 'import selenium; print(selenium.__version__)'", version "node --version", version "uname -r",
  version "cut -d' ' -f1-3 /proc/loadavg")
write "### The runner\n"
drivers_table()
write("\nN: %d round(s); in each 3 cold starts and, for raw and karun, 500 evaluates, 60 clicks, 40 fills, 20 typed texts,",
  #(samples.raw.eval_cpu or {}))
write "50 waits, 15 downloads, 5 long texts, 10 times the thousand texts; without brackets: fewer than three, or a peer."
write "Raw is `tests/bench/drive/raw.c`: blocking reads, no parser. The peers' single texts are twenty calls, multiplied;"
write "Selenium's CPU and memory include chromedriver.\n"
local songs = lines_of "songs"
if #songs > 0 then
  write "### A whole song\n"
  write "Six tracks on the demo site under the observed timing, one run each. Bound: baskets and builds, one after the other,"
  write "and one transfer, from the site's own log; total: from the first order to the end of the last file.\n"
  songs_table(songs)
  write ""
end
write "### Growth\n"
curves()
if karun.file.exists "tests/bench/notes.md" then write(karun.file.read "tests/bench/notes.md") end

-- Only what stands between the marks is ours; the rest of the page is written by people.
local FROM, TO = "<!-- made by make bench -->", "<!-- end of make bench -->"
local page = karun.file.exists "docs/performance.md" and karun.file.read "docs/performance.md" or "# Performance\n"
local before, after = page, ""
local first, last = page:find(FROM, 1, true), select(2, page:find(TO, 1, true))
if first and last then before, after = page:sub(1, first - 1), page:sub(last + 1) end
karun.file.write("docs/performance.md", ("%s\n\n%s\n%s\n%s\n%s"):format((before:gsub("%s+$", "")), FROM, table.concat(out, "\n"), TO,
  (after:gsub("^%s+", ""))))
print(table.concat(out, "\n"))
