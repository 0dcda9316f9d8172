-- Writes proposed selectors into the site table that is the person's to edit: the project's when there
-- is one, else the user's. The file as it was is kept whole beside it.

local data_file = require "karun.data_file"
local edit = require "karun.doctor.edit"
local fault = require "karun.error"
local file = require "karun.file"
local line_diff = require "karun.line_diff"
local probe = require "karun.doctor.probe"
local settings = require "karun.settings"

local M = {}

-- The file to edit: { path, text (what is there; nil: none yet) }.
function M.target(site_name)
  local name = "sites/" .. site_name:gsub("%-", "_") .. ".lua"
  for _, folder in ipairs { "", settings.dirs().config .. "/" } do
    local text = data_file.text(folder .. name)
    if text then return { path = folder .. name, text = text } end
  end
  return { path = settings.dirs().config .. "/" .. name }
end

-- The new list: the proposal first, what was there behind it.
function M.list(old, selector)
  local out = { selector }
  for _, one in ipairs(probe.as_list(old)) do
    if one ~= selector then out[#out + 1] = one end
  end
  return out
end

local empty <const> = "-- Selectors of yours over the shipped ones; written by `karun doctor --write`.\n\nreturn {\n}\n"

local function free_name(path)
  local stamp = os.date("%Y%m%d-%H%M%S")
  local name, n = ("%s.%s.bak"):format(path, stamp), 1
  while file.exists(name) do
    n = n + 1
    name = ("%s.%s-%d.bak"):format(path, stamp, n)
  end
  return name
end

-- What the text will be -> text, { name -> line }. Checked: it must load and hold what was meant.
local function mended(text, changes)
  local lines = {}
  for _, change in ipairs(changes) do
    local now = edit.set(text, change.name, change.list)
    if not now then fault.raise("config", "the site table is not of the kind `return { … }`; edit it by hand", { where = false }) end
    text = now
  end
  for _, change in ipairs(changes) do
    local _, line = edit.set(text, change.name, change.list)
    lines[change.name] = line
  end
  return text, lines
end

local function check(path, text)
  local chunk, why = load(text, "=" .. path, "t", {})
  if not chunk then fault.raise("internal", "the mended site table would not load: " .. why) end
end

-- changes: { { name, list } }. write(…) -> { path, backup, diff = { "- …", "+ …" } }
function M.write(site_name, changes)
  local target = M.target(site_name)
  local before = target.text or empty
  local after = mended(before, changes)
  check(target.path, after)
  local backup
  if target.text then
    backup = free_name(target.path)
    file.write(backup, target.text, { replace = false })
  end
  file.mkdir((file.split(target.path)))
  file.write(target.path, after)
  return { path = target.path, backup = backup, diff = line_diff.changes(target.text or "", after) }
end

-- The same without writing.
function M.preview(site_name, changes)
  local target = M.target(site_name)
  local after, lines = mended(target.text or empty, changes)
  return { path = target.path, lines = lines, diff = line_diff.changes(target.text or "", after) }
end

return M
