-- What the files of one song tell about each other. Each file is projected on each of its siblings: 1 when
-- it holds the sibling as it is, near 0 for nothing of it. A file that holds all the others is the full
-- mix, two files with one sound are a stale render. Real stems may be alike (doubled guitars): such a pair
-- is reported as doubtful, never failed. The thresholds and their reasons: `karun timing proof`.

local karun = require "karun"
local audio = require "karun.audio"
local run_words = require "karun.run"

local Sounds = {}
Sounds.__index = Sounds

local M = {}

-- The files of a song at one key and count-in. A file: { name, place, index, usual (its level in the full
-- mix), levels (of a mix), path, sound, … }.
function M.new()
  return setmetatable({ files = {}, matrix = {} }, Sounds)
end

-- A track's file that lies at path, as `new` takes them; heard: what karun.audio.probe says of it.
function M.file(track, path, heard)
  return { name = track.name, place = track.place, index = track.index, usual = track.volume or 0, path = path,
    sound = heard, duration_s = heard.duration_s, fingerprint = heard.fingerprint }
end

local function put(matrix, a, b, ratio, likeness)
  matrix[a] = matrix[a] or {}
  matrix[a][b] = { ratio = ratio, likeness = likeness }
end

-- Its samples; those of a song that was put aside are read again.
local function samples_of(file)
  file.sound = file.sound or audio.probe(file.path)
  return file.sound
end

-- Takes a file in, and projects it on those that are there, both ways.
function Sounds:add(file)
  local others = table.move(self.files, 1, #self.files, 1, {})
  self.files[#self.files + 1] = file
  for _, other in ipairs(others) do
    local ratio, likeness = audio.project(samples_of(file), samples_of(other))
    put(self.matrix, file, other, ratio, likeness)
    -- likeness is the mean of both ways: the way back needs no second look
    put(self.matrix, other, file, ratio ~= 0 and likeness * likeness / ratio or 0, likeness)
  end
end

function Sounds:remove(file)
  for i, one in ipairs(self.files) do
    if one == file then table.remove(self.files, i) end
  end
end

function Sounds:ratio(a, b)
  local cell = self.matrix[a] and self.matrix[a][b]
  return cell and cell.ratio, cell and cell.likeness
end

-- ---- verdicts ----

-- The stems that a full mix would hold, but for `file` itself.
local function siblings(self, file)
  local list = {}
  for _, other in ipairs(self.files) do
    if other ~= file and not other.levels and other.usual > 0 and self:ratio(file, other) then list[#list + 1] = other end
  end
  return list
end

-- Why this stem is the mix, or nil; and which siblings it holds when it does not hold all.
local function as_mix(self, bounds, file)
  local others, held = siblings(self, file), {}
  for _, other in ipairs(others) do
    if self:ratio(file, other) >= bounds.contains * other.usual / 100 then held[#held + 1] = other end
  end
  if #held == 0 or #held < #others then return nil, held end
  if #others == 1 then -- two doubled tracks hold each other too; a mix is more than its part and holds it as it is
    local only = held[1]
    if self:ratio(only, file) >= bounds.part or math.abs(self:ratio(file, only) * 100 / only.usual - 1) > bounds.alone then
      return nil, held
    end
  end
  return ("%s holds %s as they are: it is a mix"):format(file.name, #held == 1 and held[1].name
    or ("all %d other tracks"):format(#held))
end

-- Of two files with one sound the later one is stale.
local function as_stale(self, bounds, file)
  for _, other in ipairs(self.files) do
    if other == file then return end
    local _, likeness = self:ratio(file, other)
    if likeness and likeness >= bounds.same and not (file.levels or other.levels) then
      return ("%s sounds exactly like %s (%.3f): the site gave one sound twice"):format(file.name, other.name, likeness), other
    end
  end
end

-- A mix must hold what it names and nothing else; a stem that is like one that belongs there explains itself.
local function as_wrong_mix(self, bounds, mix, doubt)
  for _, stem in ipairs(self.files) do
    local ratio = not stem.levels and self:ratio(mix, stem)
    local level = ratio and mix.levels[stem.place] or 0
    if ratio and level > 0 and ratio < bounds.contains * level / 100 then
      if ratio < bounds.absent then
        return ("%s should hold %s, but does not (%.2f)"):format(mix.name, stem.name, ratio)
      end
      doubt(mix, stem, ratio)
    elseif ratio and level == 0 and ratio > bounds.absent then
      local explained = false
      for _, other in ipairs(self.files) do
        local _, likeness = self:ratio(other, stem)
        explained = explained or likeness ~= nil and not other.levels and mix.levels[other.place] > 0
          and likeness >= bounds.doubtful
      end
      if ratio >= bounds.contains and not explained then
        return ("%s should be without %s, but holds it (%.2f)"):format(mix.name, stem.name, ratio)
      end
      doubt(mix, stem, ratio)
    end
  end
end

-- -> { file -> { kind, message, other } } for the wrong ones, and a list of doubtful pairs as texts.
function Sounds:judge(bounds)
  local wrong, doubts, told = {}, {}, {}
  local function doubt(a, b, value)
    local key = a.name < b.name and a.name .. "\0" .. b.name or b.name .. "\0" .. a.name
    if told[key] then return end
    told[key] = true
    doubts[#doubts + 1] = ("%s and %s are alike (%.2f)"):format(a.name, b.name, value)
  end
  for _, file in ipairs(self.files) do
    if not file.levels then
      local why, held = as_mix(self, bounds, file)
      local stale, twin = as_stale(self, bounds, file)
      if stale then
        wrong[file] = { kind = "duplicate_content", message = stale, other = twin }
      elseif why then
        wrong[file] = { kind = "wrong_mix", message = why }
      end
      for _, other in ipairs(not why and held or {}) do
        doubt(file, other, (self:ratio(file, other)))
      end
    end
  end
  for _, file in ipairs(self.files) do
    if file.levels then
      local why = as_wrong_mix(self, bounds, file, doubt)
      if why then wrong[file] = { kind = "wrong_mix", message = why } end
    else
      for _, other in ipairs(self.files) do
        local _, likeness = self:ratio(file, other)
        if likeness and not other.levels and likeness >= bounds.doubtful and not wrong[file] and not wrong[other] then
          doubt(file, other, likeness)
        end
      end
    end
  end
  return wrong, doubts
end

-- The matrix for the report: which file (row) holds which track (column).
function Sounds:report(song)
  if #self.files < 2 then return end
  local files = table.move(self.files, 1, #self.files, 1, {})
  table.sort(files, function(a, b)
    return (a.place or 1000) < (b.place or 1000)
  end)
  local labels, rows = {}, {}
  for i, file in ipairs(files) do
    labels[i], rows[i] = file.name, karun.json.array {}
    for j, other in ipairs(files) do
      rows[i][j] = i == j and 1 or self:ratio(file, other) or 0
    end
  end
  run_words.sound { song = song.title, labels = labels, rows = rows }
end

return M
