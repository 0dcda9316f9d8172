-- The mixer of a song: its rows as they are now, whether it listens yet, what key and count-in it shows.

local karun = require "karun"
local log = karun.log

local M = {}

-- All rows in one look. The name is the last text in the caption: before it may stand a box, a link
-- and blanks (the click row), and line breaks anywhere.
local READ = [[(sel, active, attribute) => {
  const first = (root, list) => { for (const s of list) { const e = root.querySelector(s); if (e) return e; } return null; };
  const all = (list) => { for (const s of list) { const e = document.querySelectorAll(s); if (e.length) return [...e]; } return []; };
  const clean = (text) => text.replace(/\s+/g, ' ').trim();
  const name = (caption) => {
    if (!caption) return '';
    const texts = [...caption.childNodes].filter((n) => n.nodeType === Node.TEXT_NODE && clean(n.data));
    return texts.length ? clean(texts[texts.length - 1].data) : clean(caption.textContent);
  };
  return all(sel.row).map((row) => {
    const solo = first(row, sel.solo), mute = first(row, sel.mute), volume = first(row, sel.volume);
    return {
      index: Number(row.getAttribute(attribute)), name: name(first(row, sel.caption)),
      is_soloed: !!solo && solo.classList.contains(active), is_muted: !!mute && mute.classList.contains(active),
      volume: volume ? Number(volume.value) : 100, has_count_in: !!first(row, sel.count_in),
    };
  });
}]]

local function as_list(selectors)
  return type(selectors) == "table" and selectors or { selectors }
end

-- -> list of { index (the site's, from 0), place (from 1), name, is_soloed, is_muted, volume }
function M.rows(run, page)
  local sel = {}
  for _, name in ipairs { "row", "caption", "solo", "mute", "volume", "count_in" } do
    sel[name] = karun.json.array(as_list(run.site.selectors[name]))
  end
  local rows = page:eval(READ, sel, run.site.classes.solo_active, run.site.attributes.index)
  for place, row in ipairs(rows) do
    row.place = place
    if row.name == "" then row.name = ("Track %d"):format(place) end
  end
  return rows
end

-- The row with the site's number, whichever markup the session was put in.
function M.row(run, page, index)
  local attribute, list = run.site.attributes.index, {}
  for i, selector in ipairs(as_list(run.site.selectors.row)) do
    list[i] = ("%s[%s=%s]"):format(selector, attribute, karun.dom.quote(tostring(index)))
  end
  return page:find(list)
end

-- Waits until presses count: the page's own mixer object, or, where there is none, a page at rest.
function M.await_ready(run, page)
  local timing = run.timing.mixer
  page:find(run.site.selectors.row):first():wait { state = "attached", timeout = timing.timeout }
  local ok, err = karun.try(karun.wait.any, {
    mixer = function()
      page:wait_js(run.site.probes.mixer_ready, { timeout = timing.ready })
    end,
    quiet = function()
      page:wait_load("load", { timeout = timing.ready })
      page:wait_quiet { network = timing.rest, timeout = timing.ready }
    end,
  })
  if not ok and err.kind ~= "timeout" then error(err) end
  if not ok then log.warn("the mixer did not say that it is ready; presses are checked and repeated") end
  M.clear_overlays(run, page)
end

-- A cookie notice or an offer covers the mixer: closed where the site table knows its button.
function M.clear_overlays(run, page)
  local closers = run.site.selectors.overlay_close
  if not closers then return end
  for _, selector in ipairs(as_list(closers)) do
    local button = page:find(selector)
    if button:visible() then
      log.info("closing an overlay")
      karun.try(function()
        button:first():click { timeout = run.timing.mixer.overlay }
      end)
    end
  end
end

-- The ready dialog of an earlier order that opened late.
local function close_dialog(run, page)
  local sel = run.site.selectors
  if not page:visible(sel.ready) then return end
  karun.try(function()
    page:find(sel.modal_close):first():click { timeout = run.timing.prepare.close }
  end)
end

-- Presses something that an overlay may cover: a hand first, then the element's own click, as the
-- site's download link is known to be covered for no reason that a person would see.
function M.press(run, page, locator, options)
  local ok, err = karun.try(locator.click, locator, options)
  if ok then return end
  if err.kind ~= "covered" and err.kind ~= "unstable" then error(err) end
  log.debug(("%s; closing what covers it"):format(err.message))
  close_dialog(run, page)
  M.clear_overlays(run, page)
  ok, err = karun.try(locator.click, locator, options)
  if ok then return end
  if err.kind ~= "covered" and err.kind ~= "unstable" then error(err) end
  log.warn(("%s is covered by %s; pressed by script"):format(tostring(locator), err.covered_by or "something"))
  locator:eval("(element) => element.click()")
end

-- ---- back to the usual levels ----

local function changed(rows)
  for _, row in ipairs(rows) do
    if row.is_soloed or row.is_muted then return row end
  end
end

-- Nothing soloed, nothing muted, all at its usual level: by the site's own button; what that leaves, by hand.
function M.reset(run, page)
  local sel, timing = run.site.selectors, run.timing
  local button = sel.reset and page:find(sel.reset):first()
  if button and button:exists() and button:enabled() then
    M.press(run, page, button, { timeout = timing.mixer.control })
  end
  for _, row in ipairs(M.rows(run, page)) do
    for name, is_on in pairs { solo = row.is_soloed, mute = row.is_muted } do
      if is_on then
        M.press(run, page, M.row(run, page, row.index):find(sel[name]):first(), {
          becomes = { no_class = run.site.classes.solo_active }, again = timing.solo.again, timeout = timing.solo.timeout,
        })
      end
    end
  end
  local left = changed(M.rows(run, page))
  if left then
    error(karun.error("not_applied", ("the mixer was reset, but track %d %s is still %s"):format(left.place, left.name,
      left.is_soloed and "soloed" or "muted")))
  end
  run.mixed[page] = true
end

-- A solo after a mix starts from the usual levels.
function M.reset_after_mix(run, page)
  if not run.mixed[page] then return end
  M.reset(run, page)
  run.mixed[page] = nil
end

-- ---- key and count-in ----

function M.key(_, page, selectors)
  local value = page:find(selectors.key_value):first()
  if not value:exists() then return 0 end
  return math.tointeger(tonumber((value:text():gsub("[+%s]", ""):gsub("−", "-")))) or 0
end

function M.count_in(_, page, selectors)
  local box = page:find(selectors.count_in):first()
  if not box:exists() then return nil end
  return box:checked()
end

-- What the song is set to now: { key, count_in (nil: it has none) }. Read live, never assumed.
function M.settings(run, page)
  return { key = M.key(run, page, run.site.selectors), count_in = M.count_in(run, page, run.site.selectors) }
end

return M
