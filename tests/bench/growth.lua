-- How karun's own cost grows: pages, songs in a list, rows of the archive, operations. Prints `series x y`.
--   karun tests/bench/growth.lua BROWSER BASE

local karun = require "karun"
local archive = require "karun.archive"
local songs = require "karun.songs"

local program, base = karun.args[1], karun.args[2]

local function say(series, x, y)
  print(("%s %d %.6f"):format(series, x, y))
end

local function timed(fn)
  local from = karun.now()
  fn()
  return karun.now() - from
end

local function memory()
  local file <close> = assert(io.open "/proc/self/status")
  return tonumber(file:read("a"):match "VmRSS:%s*(%d+)") / 1024
end

local function pages(browser)
  local open, sum = {}, 0
  for n = 1, 64 do
    sum = sum + timed(function()
      open[n] = browser:page()
      open[n]:open(base .. "/title")
    end)
    if n & (n - 1) == 0 then -- 1, 2, 4 … 64
      say("pages_open", n, sum)
      say("pages_ask", n, timed(function()
        for _, page in ipairs(open) do
          page:title()
        end
      end))
    end
  end
  for i = 2, #open do -- without a page a headless browser makes no new one
    open[i]:close()
  end
end

local function operations(browser)
  local page <close> = browser:page()
  page:open(base .. "/form")
  for i = 0, 10000 do
    if i % 500 == 0 then
      collectgarbage()
      say("operations", i, memory())
      say("operations_lua", i, collectgarbage "count" / 1024)
    end
    if i % 4 == 0 then page:click "#go" elseif i % 4 == 1 then page:text "#go" else page:eval "hits" end
  end
end

local function song_list(folder)
  for _, n in ipairs { 10, 100, 1000, 3000, 10000 } do
    local path, lines = folder .. "/list.txt", {}
    for i = 1, n do
      lines[i] = ("https://www.karaoke-version.com/custombackingtrack/artist-%d/song-%d.html"):format(i, i)
    end
    karun.file.write(path, table.concat(lines, "\n") .. "\n")
    say("songs", n, timed(function()
      assert(#songs.read(path, karun.site()) == n)
    end))
  end
end

-- A track asked for, among many.
local function archive_rows(folder)
  local record <close> = archive.open(folder .. "/archive.db")
  local function item(i)
    return { site = "site", song = "song " .. i // 10, item = "track " .. i % 10 }
  end
  local n = 0
  for _, upto in ipairs { 100, 1000, 10000, 50000, 100000 } do
    record.db:transaction(function()
      while n < upto do
        local one = item(n)
        n = n + 1
        record.db:exec("INSERT INTO done (site, song, item, key, count_in, path, size, sha256, done_at) VALUES (?,?,?,0,0,?,1,?,0)",
          one.site, one.song, one.item, "path " .. n, ("%064x"):format(n))
      end
    end)
    say("archive", upto, timed(function()
      for i = 1, 500 do
        assert(record:find(item(i * 7919 % upto)))
      end
    end) / 500)
  end
end

local folder = karun.file.temp()
song_list(folder)
archive_rows(folder)
do
  local browser <close> = karun.launch { executable = program, sandbox = false, args = { "--no-sandbox" } }
  pages(browser)
  operations(browser)
end
