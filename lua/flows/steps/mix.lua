-- Mixes: a song without some tracks, or only some of them. Set in the mixer by its own means (reset,
-- preset, mute, volume), verified row by row, ordered and proven like a solo.

local karun = require "karun"
local choice = require "steps.choice"
local levels_of = require "steps.levels"
local mixer = require "steps.mixer"
local solo = require "steps.solo"
local songs = require "karun.songs"

local M = {}

-- A track's name within its song: the caption, with the number where two rows share one.
local function own_name(rows, row)
  for _, other in ipairs(rows) do
    if other ~= row and other.name:lower() == row.name:lower() then return ("%s %d"):format(row.name, row.place) end
  end
  return row.name
end

-- One wanted mix, { without = list } or { only = list }, for this song's rows -> what stands for it in the
-- place of a track: { name, mix = "without"|"only", named = set of indexes, item }.
function M.resolve(rows, wanted, song)
  local how = wanted.without and "without" or "only"
  local names, plain, named = {}, {}, {}
  for _, row in ipairs(choice.tracks(rows, wanted[how], song)) do
    named[row.index] = true
    names[#names + 1] = own_name(rows, row)
    plain[#plain + 1] = names[#names]:lower()
  end
  if how == "without" and #names == #rows then
    error(karun.error("usage", ("%s: a mix without all its tracks is silence"):format(song.title)))
  end
  table.sort(plain)
  local words = table.concat(names, ", ")
  local name = how == "without" and "Without " .. words or "Only " .. words
  if wanted.name then name = ("%s (%s)"):format(wanted.name, name) end
  return { name = name, mix = how, named = named, item = ("mix:%s:%s"):format(how, table.concat(plain, ",")) }
end

-- The wish that an item of the archive stands for.
function M.of_item(item)
  local how, names = item:match("^mix:(%a+):(.+)$")
  local list = {}
  for name in (names or ""):gmatch("[^,]+") do
    list[#list + 1] = name
  end
  return how and { [how] = list } or nil
end

-- "without Lead Vocal; only Bass, Drums" -> wishes.
function M.read(text)
  local list = {}
  for part in text:gmatch("[^;]+") do
    local how, names = part:match("^%s*(%a+)[%s:=]+(.-)%s*$")
    how = how and how:lower()
    local tracks = (how == "without" or how == "only") and songs.read_tracks(names)
    if not tracks then
      error(karun.error("usage", ('--mix wants "without Lead Vocal" or "only Bass, Drums", got "%s"'):format(part)))
    end
    list[#list + 1] = { [how] = tracks }
  end
  return list
end

-- place -> level: what is not named stays at its usual level; what is wanted but usually silent (the
-- click) sounds in full.
local function wanted_levels(rows, mix)
  local levels = {}
  for place, row in ipairs(rows) do
    local is_in = (mix.named[row.index] or false) == (mix.mix == "only")
    levels[place] = is_in and row.volume or 0
    if is_in and mix.mix == "only" and row.volume == 0 then levels[place] = 100 end
  end
  return levels
end

local function sounding(row)
  return row.is_muted and 0 or row.volume
end

local function differs(rows, levels)
  for place, row in ipairs(rows) do
    if row.is_soloed or sounding(row) ~= levels[place] then return row, levels[place] end
  end
end

-- A ready-made mix of the page's that is exactly this one: a single press.
local function press_preset(run, page, levels)
  local presets = run.site.selectors.preset
  if not presets then return end
  local text = levels_of.show(levels)
  for _, selector in ipairs(type(presets) == "table" and presets or { presets }) do
    local preset = page:find(("%s[%s=%s]"):format(selector, run.site.attributes.preset or "data-preset", karun.dom.quote(text)))
    if preset:exists() then
      karun.try(mixer.press, run, page, preset:first(), { timeout = run.timing.mixer.control })
      return
    end
  end
end

local function by_hand(run, page, levels)
  local sel, timing = run.site.selectors, run.timing
  for place, row in ipairs(mixer.rows(run, page)) do
    local line, level = mixer.row(run, page, row.index), levels[place]
    if level == 0 and sounding(row) > 0 then
      mixer.press(run, page, line:find(sel.mute):first(), {
        becomes = { class = run.site.classes.solo_active }, again = timing.solo.again, timeout = timing.solo.timeout,
      })
    elseif level > 0 and row.volume ~= level then
      line:find(sel.volume):first():fill(tostring(level), { timeout = timing.mixer.control })
    end
  end
end

local function apply(run, page, mix)
  mixer.reset(run, page)
  mix.levels = wanted_levels(mixer.rows(run, page), mix)
  press_preset(run, page, mix.levels)
  if differs(mixer.rows(run, page), mix.levels) then by_hand(run, page, mix.levels) end
  local row, level = differs(mixer.rows(run, page), mix.levels)
  if row then
    error(karun.error("not_applied", ("%s: track %d %s stands at %d, wanted %d"):format(mix.name, row.place, row.name,
      sounding(row), level)))
  end
end

-- Sets the mixer -> { ready_at, lit_at } as solo.track.
function M.set(run, page, mix, margin)
  return solo.in_two_phases(run, page, mix, margin, apply)
end

-- The rows that sound in it: { index -> level }.
function M.audible(mix)
  local out = {}
  for place, level in ipairs(mix.levels) do
    if level > 0 then out[place - 1] = level end
  end
  return out
end

return M
