-- karun as a driver in the bench: what a flow's author would write. karun tests/bench/drive/karun.lua BROWSER BASE WORK…

local karun = require "karun"

local program, base = karun.args[1], karun.args[2]
local works = {}

local function say(work, value)
  print(("%s %.9f"):format(work, value))
end

local function timed(work, fn, ...)
  local from = karun.now()
  fn(...)
  say(work, karun.now() - from)
end

function works.cold(page)
  page:open(base .. "/title")
  assert(page:title() == "cold")
end

function works.eval(page)
  page:open(base .. "/form")
  local function one()
    assert(page:eval "1+1" == 2)
  end
  for _ = 1, 100 do
    one()
  end
  for _ = 1, 500 do
    timed("eval", one)
  end
  local from = os.clock()
  for _ = 1, 1000 do
    one()
  end
  say("eval_cpu", (os.clock() - from) / 1000)
end

function works.click(page)
  page:open(base .. "/form")
  for _ = 1, 60 do
    timed("click", page.click, page, "#go")
  end
  assert(page:eval "hits" == 60)
end

function works.fill(page)
  page:open(base .. "/form")
  for i = 1, 40 do
    timed("fill", page.fill, page, "#name", "value " .. i)
  end
  for _ = 1, 20 do
    page:eval "document.querySelector('#name').value = ''"
    timed("type", page.type, page, "#name", "fourteen chars")
    assert(page:eval "document.querySelector('#name').value.length" == 14)
  end
end

-- our clock minus the page's, by the quickest of fifty questions
local function clock_offset(page)
  local best, offset = math.huge, nil
  for _ = 1, 50 do
    local before = karun.now()
    local its = page:eval "performance.now()" / 1000
    local after = karun.now()
    if after - before < best then best, offset = after - before, (before + after) / 2 - its end
  end
  return offset
end

function works.wait(page)
  page:open(base .. "/wait")
  local offset = clock_offset(page)
  local late = page:find "#late"
  for _ = 1, 50 do
    page:eval "later(20 + Math.random() * 30), 0"
    late:wait { state = "attached" }
    local at = karun.now()
    say("wait", at - (page:eval "changed_at" / 1000 + offset))
  end
end

function works.download(page)
  page:open(base .. "/wait")
  for _ = 1, 15 do
    local download = page:expect("download", function() page:click "#get" end)
    download:wait()
    local at = karun.now()
    say("download", at - page:eval "fetch('/ended').then(r => r.json()).then(v => v.value)")
  end
end

function works.big(page)
  page:open(base .. "/form")
  for _ = 1, 5 do
    timed("big", function() assert(#page:eval "'x'.repeat(10485760)" == 10485760) end)
  end
end

function works.pages(first, browser)
  local pages = { first }
  for i = 2, 8 do
    pages[i] = browser:page()
    pages[i]:open(base .. "/form")
  end
  local from = karun.now()
  karun.scope(function(scope)
    for _, page in ipairs(pages) do
      scope:spawn(function()
        for _ = 1, 250 do
          page:eval "1+1"
        end
      end)
    end
  end)
  say("pages", (karun.now() - from) / 2000)
end

function works.text(page)
  page:open(base .. "/many")
  local hits = page:find ".hit"
  for _ = 1, 10 do
    timed("texts", function() assert(#hits:texts() == 1000) end)
  end
  local from = karun.now()
  for i = 1, 1000 do
    hits:nth(i):text()
  end
  say("text1000", karun.now() - from)
end

-- How often ten more seconds of a wait wake us: the kernel's count of our own sleeps.
local function sleeps_in(page, seconds)
  local function count()
    local file <close> = assert(io.open "/proc/self/status")
    return tonumber(file:read("a"):match "\nvoluntary_ctxt_switches:%s*(%d+)")
  end
  local before = count()
  pcall(page.wait, page, "#never", { timeout = seconds })
  return count() - before
end

function works.idle(page)
  page:open(base .. "/form")
  sleeps_in(page, 5) -- the page itself has still something to tell
  say("idle", sleeps_in(page, 13) - sleeps_in(page, 3))
end

local function peak_memory()
  local file <close> = assert(io.open "/proc/self/status")
  return tonumber(file:read("a"):match "VmHWM:%s*(%d+)") / 1024
end

do
  local browser <close> = karun.launch { executable = program, sandbox = false, args = { "--no-sandbox" } }
  local page = browser:page()
  for i = 3, #karun.args do
    works[karun.args[i]](page, browser)
  end
end
if karun.args[3] == "cold" then
  say("cold_cpu", os.clock())
  say("cold_rss", peak_memory())
end
