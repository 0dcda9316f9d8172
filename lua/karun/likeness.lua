-- How like two names are: of a song in a person's list, and of one on a site. From 0 to 1.

local native = require "karun.native.file"

local M = {}

local Likeness = {}
Likeness.__index = Likeness

local function set_of(words)
  local set = {}
  for _, word in ipairs(words) do
    set[native.bare(word)] = true
  end
  return set
end

-- words: { artists, articles, joiners } (karun.abbreviations)
function M.new(words)
  local self = setmetatable({ articles = set_of(words.articles), joiners = set_of(words.joiners), artists = {} }, Likeness)
  for short, long in pairs(words.artists) do
    self.artists[self:plain(short)] = long
  end
  return self
end

-- Words in lower case, without marks on letters, punctuation, a leading article, and words that join.
function Likeness:plain(text)
  text = native.bare(text)
  for _, mark in ipairs { "'", "`", "´", "‘", "’" } do
    text = text:gsub(mark, "")
  end
  for _, mark in ipairs { "–", "—", "“", "”", "„", "«", "»", "…", "‚", "·", "[%z\1-\47\58-\64\91-\96\123-\127]" } do
    text = text:gsub(mark, " ")
  end
  local all, kept = {}, {}
  for word in text:gmatch("%S+") do
    all[#all + 1] = word
    if not self.joiners[word] and not (#all == 1 and self.articles[word]) then kept[#kept + 1] = word end
  end
  return table.concat(#kept > 0 and kept or all, " ") -- "The The", "A"
end

-- The artist that an abbreviation means, or the text as it is.
function Likeness:artist(text)
  return self.artists[self:plain(text)] or text
end

local function characters(text)
  local out = {}
  for _, c in utf8.codes(text) do
    out[#out + 1] = c
  end
  return out
end

-- The longest run that both have within the bounds: its places in a and b, its length.
local function longest(a, b, a1, a2, b1, b2)
  local best, at_a, at_b, before = 0, a1, b1, {}
  for i = a1, a2 do
    local now = {}
    for j = b1, b2 do
      if a[i] == b[j] then
        local run = (before[j - 1] or 0) + 1
        now[j] = run
        if run > best then best, at_a, at_b = run, i - run + 1, j - run + 1 end
      end
    end
    before = now
  end
  return at_a, at_b, best
end

local function common(a, b, a1, a2, b1, b2)
  if a1 > a2 or b1 > b2 then return 0 end
  local i, j, n = longest(a, b, a1, a2, b1, b2)
  if n == 0 then return 0 end
  return n + common(a, b, a1, i - 1, b1, j - 1) + common(a, b, i + n, a2, j + n, b2)
end

local LONGEST <const> = 200 -- characters; more is no name

-- Twice what they share, in order, over what they have (Ratcliff and Obershelp).
function M.ratio(one, other)
  local a, b = characters(one), characters(other)
  if #a == 0 or #b == 0 then return one == other and 1 or 0 end
  local n, m = math.min(#a, LONGEST), math.min(#b, LONGEST)
  return 2 * common(a, b, 1, n, 1, m) / (n + m)
end

-- A part in brackets may be missing on either side; that is a little less than the same.
local function without_brackets(text)
  local short = text:gsub("%s*%b()", ""):gsub("%s*%b[]", "")
  return short:find("%S") and short or text
end

local BRACKETS <const> = 0.97

function Likeness:ratio(one, other)
  local a, b = self:plain(one), self:plain(other)
  local best = M.ratio(a, b)
  local short_a, short_b = self:plain(without_brackets(one)), self:plain(without_brackets(other))
  if short_a ~= a or short_b ~= b then best = math.max(best, BRACKETS * M.ratio(short_a, short_b)) end
  return best
end

-- wanted, found: { title, artist } -> { score, title, artist }: .6 of the title, .4 of the artist. A list
-- that names no artist is judged by its titles.
function Likeness:score(wanted, found)
  local title = self:ratio(wanted.title, found.title)
  if not wanted.artist then return { score = title, title = title, artist = 1 } end
  local artist = math.max(self:ratio(wanted.artist, found.artist or ""), self:ratio(self:artist(wanted.artist), found.artist or ""))
  return { score = 0.6 * title + 0.4 * artist, title = title, artist = artist }
end

return M
