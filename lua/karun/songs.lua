-- Song lists: a Lua table, CSV, one address a line, or a songs.yaml of the Python program (by ending:
-- .lua .csv .txt .yaml). Every problem is reported in one go with its line, before any browser starts.
--
-- A song: { url=, name=, artist=, title=, key=0, count_in=, tracks=, mixes=, line=, file= }.

local address = require "karun.address"
local csv = require "karun.csv"
local data_file = require "karun.data_file"
local fault = require "karun.error"
local known = require "karun.known"

local M = {}

M.fields = { "url", "name", "artist", "title", "description", "key", "count_in", "tracks", "mixes" }
local texts = { name = true, artist = true, title = true, description = true }

-- 2, "+2", "-3" -> a whole number within the site's range, or nil and what is wrong.
function M.read_key(value, range)
  local number = math.tointeger(value)
  if type(value) == "string" and value:match("^%s*[+-]?%d+%s*$") then
    number = math.tointeger(tonumber((value:gsub("[%s+]", ""))))
  end
  if not number then
    return nil, ("key `%s` is no whole number of semitones such as 2, \"+2\" or -3"):format(tostring(value))
  end
  if number < range.low or number > range.high then
    return nil, ("key %+d is out of range: this site goes from %+d to %+d"):format(number, range.low, range.high)
  end
  return number
end

local yes_no = { yes = true, ["true"] = true, on = true, ["1"] = true, no = false, ["false"] = false, off = false,
  ["0"] = false }

local function read_count_in(value)
  if type(value) == "boolean" then return value end
  local answer = yes_no[tostring(value):lower()]
  if answer == nil then return nil, ("count_in `%s` must be true or false"):format(tostring(value)) end
  return answer
end

-- "Bass, 3, -Click" or { "Bass", 3 } -> list of texts and whole numbers.
function M.read_tracks(value)
  local list = {}
  if type(value) == "string" then
    for item in value:gmatch("[^,]+") do
      item = item:match("^%s*(.-)%s*$")
      if item ~= "" then list[#list + 1] = math.tointeger(tonumber(item)) or item end
    end
  elseif type(value) == "table" and (#value > 0 or next(value) == nil) then
    for i, item in ipairs(value) do
      local number = math.tointeger(item)
      if not number and (type(item) ~= "string" or item == "") then
        return nil, ("tracks: entry %d is neither a name nor a number"):format(i)
      end
      list[i] = number or item
    end
  elseif math.tointeger(value) then
    list[1] = math.tointeger(value)
  else
    return nil, "tracks must be a list of names and numbers"
  end
  if #list == 0 then return nil, "tracks is empty; leave it out for all tracks" end
  return list
end

local mix_fields = { "without", "only", "name" }

local function read_mix(mix, i)
  if type(mix) ~= "table" then return nil, ("mixes: entry %d must be like { without = \"Lead Vocal\" }"):format(i) end
  for field in pairs(mix) do
    if type(field) ~= "string" or not (field == "without" or field == "only" or field == "name") then
      return nil, ("mixes: entry %d has no `%s`%s"):format(i, tostring(field), known.hint(field, mix_fields))
    end
  end
  if (mix.without == nil) == (mix.only == nil) then
    return nil, ("mixes: entry %d needs either `without` or `only`"):format(i)
  end
  local list, why = M.read_tracks(mix.without or mix.only)
  if not list then return nil, ("mixes: entry %d: %s"):format(i, why) end
  return { without = mix.without ~= nil and list or nil, only = mix.only ~= nil and list or nil, name = mix.name }
end

local function read_mixes(value)
  if type(value) ~= "table" or #value == 0 then return nil, "mixes must be a list: { { without = \"Lead Vocal\" } }" end
  local out = {}
  for i, mix in ipairs(value) do
    local read, why = read_mix(mix, i)
    if not read then return nil, why end
    out[i] = read
  end
  return out
end

local function read_text(value, name)
  if type(value) == "string" then return value end
  return nil, ("%s must be a text"):format(name)
end

-- The song that `raw` describes; what is wrong goes to `report(field, message)`.
local function read_song(raw, site, options, report)
  local song = { key = 0 }
  local readers = {
    url = function(value)
      if type(value) ~= "string" then return nil, "url must be a text" end
      return address.song(site, value)
    end,
    key = function(value) return M.read_key(value, site.key) end,
    count_in = read_count_in, tracks = M.read_tracks, mixes = read_mixes,
  }
  for field, value in pairs(raw) do
    local reader = readers[field]
    local read, why
    if reader then
      read, why = reader(value)
    elseif texts[field] then
      read, why = read_text(value, field)
    else
      why = ("a song has no `%s`%s"):format(tostring(field), known.hint(field, M.fields))
    end
    if why then report(field, why) end
    song[field] = read
  end
  if raw.url == nil and not options.without_url then
    report(nil, "the song has no url; `karun flows/search.lua LIST.csv` finds addresses by song and artist")
  elseif raw.url == nil and not (raw.title or raw.name) then
    report(nil, "the song has neither url nor title")
  end
  return song
end

local function from_lua(text, path)
  local tree, lines = data_file.parse(text, path), data_file.lines(text)
  local raws = {}
  for key, value in pairs(tree) do
    if math.type(key) ~= "integer" then
      raws[#raws + 1] = { line = lines[tostring(key)],
        problem = ("`%s`: a song list is `return { { url = \"…\" }, … }`"):format(tostring(key)) }
    elseif type(value) == "string" then
      raws[#raws + 1] = { at = key, line = lines[tostring(key)], raw = { url = value } }
    elseif type(value) == "table" then
      local entry = { at = key, line = lines[tostring(key)], raw = value, lines = {} }
      for field in pairs(value) do
        entry.lines[field] = lines[key .. "." .. tostring(field)]
      end
      raws[#raws + 1] = entry
    else
      raws[#raws + 1] = { line = lines[tostring(key)], problem = ("entry %d is no song"):format(key) }
    end
  end
  table.sort(raws, function(a, b) return (a.at or 0) < (b.at or 0) end)
  return raws
end

local columns = { song = "title", track = "title" } -- other names spreadsheets give them

local function from_csv(text, path)
  local rows, open_line = csv.rows(text)
  if not rows then
    fault.raise("config", ("%s:%d: a quote is never closed"):format(path, open_line), { path = path })
  end
  local raws, head = {}, {}
  for i, name in ipairs(rows[1] or {}) do
    name = name:lower():gsub("[%s-]+", "_")
    head[i] = columns[name] or name
  end
  local has_head = false
  for _, name in ipairs(head) do
    has_head = has_head or name == "url" or name == "title"
  end
  if not has_head then
    local first = rows[1] and rows[1].line or 1
    return { { line = first, problem = "the first line must name the columns: url,key or Song,Artist" } }
  end
  for i = 2, #rows do
    local raw = {}
    for column, value in ipairs(rows[i]) do
      if value ~= "" and head[column] then raw[head[column]] = value end
    end
    raws[#raws + 1] = { line = rows[i].line, raw = raw }
  end
  return raws
end

local function from_lines(text)
  local raws, at = {}, 0
  for line in (text:gsub("^\239\187\191", "") .. "\n"):gmatch("(.-)\r?\n") do
    at = at + 1
    local given = line:gsub("^%s*#.*$", ""):gsub("%s+#.*$", ""):match("^%s*(.-)%s*$")
    if given ~= "" then raws[#raws + 1] = { line = at, raw = { url = given } } end
  end
  return raws
end

local function from_yaml(text, path)
  return require("karun.songs_yaml").entries(text, path)
end

local formats = { lua = from_lua, csv = from_csv, txt = from_lines, yaml = from_yaml, yml = from_yaml }

-- read(path, site) -> list of songs; raises one `config` error for all problems. With
-- { without_url = true } songs may be known by title and artist only (for the search).
function M.read(path, site, options)
  options = known.check(options, { "without_url" }, "songs.read")
  local format = formats[(path:match("%.(%w+)$") or ""):lower()]
  if not format then
    fault.raise("config", ("%s is no song list: its name must end in .lua, .csv, .txt or .yaml"):format(path),
      { path = path, where = false })
  end
  local text = data_file.text(path)
  if not text then fault.raise("config", "there is no song list " .. path, { path = path, where = false }) end
  local is_utf8, at = utf8.len(text)
  if not is_utf8 then
    local _, breaks = text:sub(1, at):gsub("\n", "")
    fault.raise("config", ("%s:%d: this is no UTF-8; save the list as UTF-8"):format(path, breaks + 1),
      { path = path, where = false })
  end
  local songs, problems = {}, {}
  for _, entry in ipairs(format(text, path)) do
    if entry.problem then
      problems[#problems + 1] = { line = entry.line, message = entry.problem }
    else
      local song = read_song(entry.raw, site, options, function(field, message)
        local line = field and entry.lines and entry.lines[field] or entry.line
        problems[#problems + 1] = { line = line, message = message }
      end)
      song.line, song.file = entry.line, path
      songs[#songs + 1] = song
    end
  end
  data_file.complain(path, problems)
  if #songs == 0 then fault.raise("config", path .. " holds no song", { path = path, where = false }) end
  return songs
end

-- Songs given on the command line; all wrong ones in one go.
function M.from_arguments(words, site)
  local songs, problems = {}, {}
  for _, word in ipairs(words) do
    local url, why = address.song(site, word)
    if url then
      songs[#songs + 1] = { url = url, key = 0 }
    else
      problems[#problems + 1] = { message = why }
    end
  end
  data_file.complain("the command line", problems)
  return songs
end

return M
