-- Bringing a file here. The direct way fetches its address with the browser's cookies, resumes, and
-- knows every byte; the browser's way lets Chromium do it. Either ends in a private folder.

local karun = require "karun"
local label = require "karun.label"
local phase = require "steps.phase"

local M = {}

local function on_progress(track)
  return function(received, total)
    if track.told then
      track.told:received(received, total)
    else
      karun.progress { phase = "download", received = received, total = total }
    end
  end
end

-- -> { path, size, label, sha256? }
local function direct(run, track, address, to)
  local timing = run.timing.download
  local got = karun.http.fetch(address, {
    cookies = run.browser:cookies(address), to = to, resume = true, tries = run.timing.retry.tries,
    stall = timing.stall, timeout = timing.timeout, limit = timing.max_size, min_size = timing.min_size,
    on_progress = on_progress(track),
  })
  return { path = got.path, size = got.size, label = label.of_answer(got.headers, got.url or address) }
end

-- Where a download of this address is handed over once the page has begun it.
local function begun(run, address)
  run.begun[address] = run.begun[address] or karun.queue()
  return run.begun[address]
end

-- The browser's own download of this very address: begun by the page, or by us when it does not begin.
local function by_browser(run, track, address, to, page)
  local timing, waiting = run.timing.download, begun(run, address)
  local ok, download = karun.try(waiting.get, waiting, { timeout = timing.own_start })
  if not ok and download.kind ~= "timeout" then error(download) end
  if not ok then download = page:open(address, { timeout = timing.start }).download end
  if not download then
    error(karun.error("no_download", "the file's address answers with a page: " .. address, { url = address }))
  end
  download:on_progress(on_progress(track))
  local path = download:save(to, {
    stall = timing.stall, timeout = timing.timeout, limit = timing.max_size, min_size = timing.min_size,
  })
  return { path = path, size = karun.file.stat(path).size, label = label.of_name(download.suggested_name, address) }
end

local guarded = setmetatable({}, { __mode = "k" }) -- a page, and a browser, serves many songs

-- The page's own start of a file that we fetch ourselves is stopped: one transfer is enough.
function M.guard(run, page)
  if guarded[page] then return end
  guarded[page] = true
  if run.options.transfer == "browser" then
    page:on("download", function(download)
      begun(run, download.url):put(download)
    end)
    return
  end
  page:route(function(url)
    return run.ours[url] == true
  end, function(request)
    request:fulfill { status = 204 } -- no new document: the song's page stays
  end)
  if guarded[run.browser] then return end
  guarded[run.browser] = true
  run.browser:on("download", function(download)
    if run.ours[download.url] then download:cancel() end
  end)
end

function M.fetch(run, page, track, address, to)
  return phase(track, "download", function()
    if run.options.transfer == "browser" then return by_browser(run, track, address, to, page) end
    return direct(run, track, address, to)
  end)
end

return M
