-- Tries the selectors of a site table on a page: reads, never presses. Each gets a verdict:
--   { name, status = "ok"|"drift"|"fail"|"skip", entry, entries, count, message, proposal }

local candidates = require "karun.doctor.candidates"
local data_file = require "karun.data_file"
local dirs = require "karun.dirs"
local fault = require "karun.error"
local json = require "karun.json"
local places = require "karun.doctor.places"

local M = {}

local function as_list(value)
  return type(value) == "table" and value or { value }
end
M.as_list = as_list

local function count(scope, selector)
  local ok, n = fault.try(function() return scope:find(selector):count() end)
  if ok then return n end
  if n.kind ~= "selector" then error(n, 0) end
  return 0, n.message
end

-- How many rows hold a match, how many matches in all.
local function count_in_rows(page, row, selector)
  local all, why = count(page:find(row), selector)
  if all == 0 then return 0, 0, why end
  return page:find(row):filter({ has = selector }):count(), all
end

-- The first entry that matches: its number, its count, in how many rows; what was wrong with one.
local function first_match(page, list, row)
  local bad
  for i, selector in ipairs(list) do
    local rows, n, why
    if row then
      rows, n, why = count_in_rows(page, row, selector)
    else
      n, why = count(page, selector)
    end
    bad = bad or why
    if n > 0 then return i, n, rows, bad end
  end
  return nil, 0, 0, bad
end

local function plain_css(selector)
  return not (selector:match("^role=") or selector:match("^text=") or selector:match("^xpath=")
    or selector:match("^//") or selector:find(">>", 1, true))
end

-- ---- proposals ----

local function tokens(text, fn)
  text = text:gsub("(%l)(%u)", "%1 %2"):lower()
  for word in text:gmatch("%a%w+") do
    fn(word)
  end
end

local common = { div = true, span = true, button = true, input = true, href = true, type = true, data = true,
  index = true, html = true, last = true, first = true, of = true, is = true, open = true, content = true }

-- The words by which the element may be known, weighed: its own name most, its old selectors less.
local function words_of(name, list, place)
  local words = {}
  local function weigh(weight)
    return function(word)
      if not common[word] and (words[word] or 0) < weight then words[word] = weight end
    end
  end
  for _, selector in ipairs(list) do
    tokens(selector:gsub("%.html?", ""), weigh(1))
  end
  for _, word in ipairs(place.words or {}) do
    tokens(word, weigh(1.5))
  end
  tokens(name:gsub("_", " "), weigh(2.5))
  return words
end

local function tag_of(list)
  for _, selector in ipairs(list) do
    local last = selector:match("([^%s>]+)$") or ""
    local tag = last:match("^(%a[%w-]*)")
    if tag and plain_css(selector) then return tag end
  end
end

-- Counts what only karun's own engines understand, and drops what does not fit.
local function kept(page, found, row)
  local out = {}
  for _, one in ipairs(found.selectors) do
    if not one.count then
      local n, wanted = count(page, one.selector), 1
      if row then n, wanted = count_in_rows(page, row, one.selector), page:find(row):count() end
      one.count = n == wanted and n or nil
    end
    if one.count then out[#out + 1] = one end
  end
  return out
end

-- Entries of the shipped table that match where the person's own do not.
local function shipped_entries(page, site, name, row)
  local text = data_file.text(("%s/sites/%s.lua"):format(dirs.shipped, site.name))
  local shipped = text and data_file.load(("%s/sites/%s.lua"):format(dirs.shipped, site.name)) or {}
  local out, mine = {}, {}
  for _, selector in ipairs(as_list(site.selectors[name])) do
    mine[selector] = true
  end
  for _, selector in ipairs(as_list((shipped.selectors or {})[name] or {})) do
    local n, wanted = count(page, selector), 1
    if row then n, wanted = count_in_rows(page, row, selector), page:find(row):count() end
    if not mine[selector] and n >= wanted then
      out[#out + 1] = { selector = selector, lasts = 88, kind = "the shipped table", count = n }
    end
  end
  return #out > 0 and { about = "what the shipped table says", selectors = out } or nil
end

-- { about, selectors = { { selector, lasts, kind, count } } } best first, or nil when nothing is like it.
function M.propose(page, site, name, found)
  local shipped = shipped_entries(page, site, name, places.of(site, name).in_row and found.row)
  if shipped then return shipped end
  local place, list = places.of(site, name), as_list(site.selectors[name])
  local row = place.in_row and found.row
  if row and not plain_css(row) then return nil end
  local around = place.around and found[place.around]
  local answer = page:eval(candidates, {
    words = words_of(name, list, place), tag = place.tag or tag_of(list), type = place.type,
    clickable = place.clickable, many = place.many, row = row or nil, letter = place.in_row and name:sub(1, 1) or nil,
    leaf = name == "caption" or nil, holds = name == "row" or nil,
    attribute = name == "row" and (site.attributes or {}).index or nil,
    around = around and plain_css(around) and around or nil, seen = found.seen and found.seen[name] or nil,
  })
  if answer == nil or answer == json.null then return nil end
  answer.selectors = kept(page, answer, row)
  return #answer.selectors > 0 and answer or nil
end

-- What the element is like now, to be remembered for the day its selector fails.
function M.facts(page, site, name, found)
  local selector = found[name]
  local row = places.of(site, name).in_row and found.row or nil
  if not plain_css(selector) or row and not plain_css(row) then return nil end
  local ok, facts = fault.try(page.eval, page, candidates, { facts = selector, row = row })
  return ok and facts ~= json.null and facts or nil
end

-- ---- verdicts ----

local function plural(n, noun)
  return ("%d %s%s"):format(n, noun, n == 1 and "" or "s")
end

local function entry_words(i, list)
  return #list == 1 and ("`%s`"):format(list[i]) or ("entry %d of %d, `%s`"):format(i, #list, list[i])
end

local function nothing(list, bad)
  local what = #list == 1 and ("`%s` matches nothing"):format(list[1])
    or ("none of its %d entries matches"):format(#list)
  return bad and ("%s (%s)"):format(what, bad) or what
end

-- One selector. found: name -> the entry that matched so far; variant: the entry `row` matched by.
function M.one(page, site, name, found)
  local place, list = places.of(site, name), as_list(site.selectors[name])
  local verdict = { name = name, entries = #list, page = place.page }
  local row = place.in_row and found.row
  if place.in_row and not row then
    verdict.status, verdict.message = "skip", "belongs into a row, and no row was found"
    return verdict
  end
  local entry, n, rows, bad = first_match(page, list, row)
  verdict.entry, verdict.count = entry, n
  if not entry then
    verdict.message = nothing(list, bad)
    if place.absent then
      verdict.status, verdict.message = "skip", "not there now: " .. place.absent
      return verdict
    end
    verdict.status = "fail"
    verdict.proposal = M.propose(page, site, name, found)
    if verdict.proposal then found[name] = verdict.proposal.selectors[1].selector end -- for what lies inside it
    return verdict
  end
  found[name] = list[entry]
  verdict.message = ("%s: %s"):format(entry_words(entry, list), plural(n, "element"))
  if row then
    local all = page:find(row):count()
    verdict.message = ("%s in %d of %s"):format(verdict.message, rows, plural(all, "row"))
    if rows < all and not place.absent then
      verdict.status = "fail"
      verdict.proposal = M.propose(page, site, name, found)
      return verdict
    end
  end
  verdict.status = "ok"
  if name == "row" then found.variant = entry end
  if entry > 1 and entry ~= found.variant and not place.absent then
    verdict.status = "drift"
    verdict.message = verdict.message .. "; the entries before it match nothing"
    verdict.proposal = { about = "the entry that matches, put first",
      selectors = { { selector = list[entry], lasts = 100, kind = "what matches now", count = n } } }
  end
  return verdict
end

return M
