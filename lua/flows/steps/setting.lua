-- A song's key and count-in. The account remembers both, so they are read live, set through the site's own
-- steps, applied by its reload, and proven: by what the page shows then, and by what the order says.

local karun = require "karun"
local mixer = require "steps.mixer"
local log = karun.log

local M = {}

local SHOWS = [[(selectors, wanted) => {
  for (const selector of selectors) {
    const shown = document.querySelector(selector);
    if (shown) return Number(shown.textContent.replace(/[+\s]/g, "").replace("\u2212", "-")) === wanted;
  }
  return false;
}]]

local function as_list(selectors)
  return karun.json.array(type(selectors) == "table" and selectors or { selectors })
end

-- One press; the key it shows then. A press may be lost, so the page tells, not the count of presses.
local function step_key(run, page, now, step)
  local sel, timing = run.site.selectors, run.timing.mixer
  for _ = 1, timing.key_presses do
    mixer.press(run, page, page:find(step > 0 and sel.key_up or sel.key_down):first(), { timeout = timing.key_step })
    local ok, err = karun.try(page.wait_js, page, SHOWS, { args = { as_list(sel.key_value), now + step }, timeout = timing.key_step })
    if ok then return now + step end
    if err.kind ~= "timeout" then error(err) end
    local shown = mixer.key(run, page, sel)
    if shown ~= now then return shown end
  end
  error(karun.error("not_applied", ("the key stops at %+d: the site goes no further for this song, or its button is dead")
    :format(now)))
end

-- The new key counts only after the site's own reload of the preview.
local function reload(run, page)
  local link, timing = page:find(run.site.selectors.key_reload):first(), run.timing.mixer
  mixer.press(run, page, link, { timeout = timing.key_step })
  link:wait { state = "hidden", timeout = timing.reload }
  mixer.await_ready(run, page)
end

local function set_key(run, page, wanted)
  local sel = run.site.selectors
  local now = mixer.key(run, page, sel)
  if now == wanted then return end
  if not page:exists(sel.key_value) then
    error(karun.error("not_applied", ("key %+d was wanted, but this song has no key to set"):format(wanted)))
  end
  log.info(("key %+d -> %+d"):format(now, wanted))
  while now ~= wanted do
    now = step_key(run, page, now, wanted > now and 1 or -1)
  end
  reload(run, page)
  now = mixer.key(run, page, sel)
  if now ~= wanted then
    error(karun.error("not_applied", ("the key is %+d after the reload, wanted %+d"):format(now, wanted)))
  end
end

local function set_count_in(run, page, wanted)
  local box = page:find(run.site.selectors.count_in):first()
  if not box:exists() then
    if wanted then log.info("this song has no count-in") end
    return
  end
  if box:checked() == wanted then return end
  log.info("count-in " .. (wanted and "on" or "off"))
  box[wanted and "check" or "uncheck"](box, { timeout = run.timing.mixer.count_in })
end

-- wanted: { key, count_in }; what differs from what the page shows is set -> what holds then.
function M.apply(run, page, wanted)
  set_key(run, page, wanted.key)
  set_count_in(run, page, wanted.count_in)
  return mixer.settings(run, page)
end

-- What a song of a list asks for: without a word, the original key and no count-in.
function M.wanted(song)
  return { key = song.key or 0, count_in = song.count_in or false }
end

-- What would hold after `apply`; nothing is pressed.
function M.foreseen(run, page, wanted)
  local now = mixer.settings(run, page)
  return { key = wanted.key, count_in = now.count_in ~= nil and wanted.count_in or nil }
end

-- Puts back what was there before karun came, and looks whether the account took it. `open` opens the page.
function M.put_back(run, page, before, open)
  local function same()
    local now = mixer.settings(run, page)
    return now.key == before.key and now.count_in == before.count_in
  end
  if same() then return end
  M.apply(run, page, before)
  open()
  if same() then
    log.info(("put back: key %+d, count-in %s"):format(before.key, before.count_in and "on" or "off"))
  else
    log.warn(("the site did not keep key %+d, count-in %s: set them by hand"):format(before.key, before.count_in and "on" or "off"))
  end
end

-- What an order's address says of key and count-in, against what holds; a text when they differ.
function M.contradiction(address, holds)
  local pitch, precount = address:match("[?&]pitch=([^&#]*)"), address:match("[?&]precount=([^&#]*)")
  pitch = pitch and math.tointeger(tonumber((pitch:gsub("%%2B", ""))))
  if pitch and pitch ~= holds.key then return ("the order says key %+d, %+d was set"):format(pitch, holds.key) end
  if holds.count_in ~= nil and (precount == "0" or precount == "1") and (precount == "1") ~= holds.count_in then
    return "the order says count-in " .. (precount == "1" and "on" or "off") .. ", the other was set"
  end
end

return M
