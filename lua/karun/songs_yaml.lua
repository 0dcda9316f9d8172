-- Songs out of a songs.yaml of the Python program: a list `songs` with url, name, description and key.
-- Answers what songs.lua makes of each other list: { line, raw, lines } or { line, problem }.

local fault = require "karun.error"

local M = {}

-- What a plain scalar means where a number or a truth may stand (YAML 1.1, as its readers in Python take it).
local words = { ["true"] = true, yes = true, on = true, ["false"] = false, no = false, off = false }
local nothing = { [""] = true, ["~"] = true, null = true, Null = true, NULL = true }

local function is_absent(node)
  return node.kind == "scalar" and node.plain and nothing[node.text] == true
end

local function meaning(node)
  if not node.plain then return node.text end
  if node.text:match("^[+-]?%d+$") then return math.tointeger(tonumber((node.text:gsub("%+", "")))) or node.text end
  local truth = words[node.text:lower()]
  if truth ~= nil then return truth end
  return node.text
end

local meant = { key = true, count_in = true, tracks = true }

local function value_of(field, node)
  if node.kind == "scalar" then
    if meant[field] then return meaning(node) end
    return node.text
  end
  if field ~= "tracks" or node.kind ~= "list" then return {} end -- no text: the readers say so
  local list = {}
  for i, item in ipairs(node) do
    list[i] = item.kind == "scalar" and meaning(item) or {}
  end
  return list
end

local function song_of(node)
  if node.kind == "scalar" and not is_absent(node) then return { line = node.line, raw = { url = node.text } } end
  if node.kind ~= "map" then return { line = node.line, problem = "this is no song; a song is `- url: …`" } end
  local entry = { line = node.line, raw = {}, lines = {} }
  for _, pair in ipairs(node) do
    local field = pair.key.text or "?"
    if entry.lines[field] then
      return { line = pair.key.line, problem = ("`%s` stands twice in this song"):format(field) }
    end
    entry.lines[field] = pair.key.line
    if not is_absent(pair.value) then entry.raw[field] = value_of(field, pair.value) end
  end
  return entry
end

local function complain(path, line, message)
  fault.raise("config", ("%s:%d: %s"):format(path, line, message), { path = path, where = false })
end

local function list_in(root, path)
  if root.kind == "list" then return root end
  for _, pair in ipairs(root.kind == "map" and root or {}) do
    if pair.key.text == "songs" then
      if pair.value.kind ~= "list" and not is_absent(pair.value) then
        complain(path, pair.value.line, "`songs` must be a list: `- url: …` for each song")
      end
      return pair.value
    end
  end
  return complain(path, root.line, "there is no list `songs:` in it")
end

function M.entries(text, path)
  local root, problem, line = require("karun.native.yaml").parse(text)
  if problem then complain(path, line, problem) end
  local out = {}
  for i, node in ipairs(root and list_in(root, path) or {}) do
    out[i] = song_of(node)
  end
  return out
end

return M
