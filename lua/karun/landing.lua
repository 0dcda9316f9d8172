-- Landing: a finished temporary file is looked at, then takes its name. Downloads of the browser and
-- of karun.http land alike: nothing wrong gets a name, nothing that is there is lost.

local fault = require "karun.error"
local file = require "karun.file"
local native = require "karun.native.file"
local sniff = require "karun.sniff"

local M = {}

-- The options that say what must be true of a file, and how it may land, with a caller's own.
function M.options(own)
  local names = { "type", "min_size", "size", "sha256", "limit", "differs_from", "replace" }
  return table.move(own, 1, #own, #names + 1, names)
end

local many = 9999 -- copies of one name; more is a loop gone wrong

local function refuse(kind, message, fields)
  fault.raise(kind, message, fields)
end

local function check_sizes(size, opts, what)
  if size == 0 then refuse("content", what .. ": the file is empty", { size = 0 }) end
  if opts.limit and size > opts.limit then
    refuse("too_large", ("%s: %d bytes, more than the limit of %d"):format(what, size, opts.limit), { size = size })
  end
  if opts.size and size ~= opts.size then
    refuse("incomplete", ("%s: %d bytes came, %d were wanted"):format(what, size, opts.size), { size = size })
  end
  if opts.min_size and size < opts.min_size then
    refuse("content", ("%s: only %d bytes, at least %d were wanted"):format(what, size, opts.min_size),
      { size = size })
  end
end

local function check_type(path, wanted, what)
  local found = wanted and sniff.kind(path)
  if found ~= wanted then
    refuse("content", ("%s: %s was wanted, but it is %s"):format(what, wanted, found or "of an unknown kind"))
  end
end

local function check_hash(path, wanted, what)
  local found = wanted and file.sha256(path)
  if wanted and found ~= wanted:lower() then
    refuse("content", ("%s: its SHA-256 is %s, %s was wanted"):format(what, found, wanted))
  end
end

local function list_of(others)
  return type(others) == "string" and { others } or others or {}
end

-- Raises where the options, or the place, can never work: before anything is fetched.
function M.validate(opts, wanted, what)
  for _, name in ipairs { "size", "min_size", "limit" } do
    local value = opts[name]
    if value ~= nil and (math.type(value) == nil or value < 0) then
      refuse("usage", ("%s: %s is a number of bytes, got %s"):format(what, name, tostring(value)))
    end
  end
  if opts.type ~= nil and opts.type ~= "audio" then
    refuse("usage", ("%s: type is \"audio\" or nothing, got %s"):format(what, tostring(opts.type)))
  end
  local hash = opts.sha256
  if hash ~= nil and (type(hash) ~= "string" or #hash ~= 64 or not hash:match("^%x+$")) then
    refuse("usage", what .. ": sha256 is 64 hex digits")
  end
  for _, other in ipairs(list_of(opts.differs_from)) do
    if not file.exists(other) then
      refuse("file", ("%s: differs_from names '%s', which does not exist"):format(what, other), { path = other })
    end
  end
  local stat = wanted and file.stat(wanted)
  if stat and stat.type == "link" then
    refuse("path", ("'%s' is a link, which karun does not follow"):format(wanted), { path = wanted })
  end
end

-- Raises unless all that `opts` wants is true of the file at `path`. `what` begins the message.
function M.check(path, opts, what)
  what = what or path
  local stat = file.stat(path)
  if not stat then refuse("disk", what .. ": the temporary file is gone", { path = path }) end
  check_sizes(stat.size, opts, what)
  check_type(path, opts.type, what)
  check_hash(path, opts.sha256, what)
  for _, other in ipairs(list_of(opts.differs_from)) do
    if native.same(path, other) then
      refuse("duplicate_content", ("%s: it has the same bytes as %s"):format(what, other), { path = other })
    end
  end
end

-- The folder and the name that `wanted` means; a folder alone takes the suggested name, made harmless.
function M.target(wanted, suggested)
  local stat = file.stat(wanted)
  if wanted:sub(-1) == "/" or (stat and stat.type == "directory") then
    suggested = suggested or ""
    if not utf8.len(suggested) then suggested = suggested:gsub("[\128-\255]", "_") end
    local name = file.safe_name(suggested)
    return wanted:gsub("(.)/+$", "%1"), name == "_" and "download" or name
  end
  local folder, name = file.split(wanted)
  if name == ".." or name == "." then
    refuse("path", ("'%s' is not the name of a file in a folder"):format(wanted), { path = wanted })
  end
  return folder, name
end

-- What stands in the folder under this name for a person, or for a file system that ignores case.
local function standing(folder, name)
  local folded = native.fold(name)
  for _, other in ipairs(file.list(folder)) do
    if other == name then return other end
  end
  for _, other in ipairs(file.list(folder)) do
    if utf8.len(other) and native.fold(other) == folded then return other end
  end
end

local function numbered(name, n)
  local _, _, extension = file.split(name)
  local mark = (" (%d)"):format(n)
  local stem = name:sub(1, #name - #extension)
  if #stem + #mark + #extension > 255 then
    stem = stem:sub(1, 255 - #mark - #extension)
    while not utf8.len(stem) do
      stem = stem:sub(1, -2)
    end
  end
  return stem .. mark .. extension
end

-- One try for one name: the path it has now, or nil when something else stands there.
local function settle(temp, folder, name, replace, keep)
  local there = standing(folder, name)
  local path = file.join(folder, there or name)
  local stat = there and file.stat(path)
  if stat and stat.type == "link" then
    refuse("path", ("'%s' is a link, which karun does not follow"):format(path), { path = path })
  elseif stat and stat.type == "file" and native.same(temp, path) then
    if not keep then file.remove(temp) end
    return path
  elseif stat and not (replace and stat.type == "file") then
    return nil
  end
  local ok, err = pcall(keep and file.copy or file.move, temp, path, { replace = replace })
  if ok then return path end
  -- somebody was quicker: look again
  if err.kind == "file" and file.exists(temp) then return settle(temp, folder, name, replace, keep) end
  error(err, 0)
end

-- Gives the file at `temp` its name and answers the final path: folders are made; the same bytes are
-- adopted, others kept beside as ` (2)`. opts: `name` (suggested), `checks` (as check), `url` (for
-- messages), `replace`, `keep` (the file stays where it is, a copy lands).
function M.place(temp, wanted, opts)
  opts = opts or {}
  if opts.checks then
    M.validate(opts.checks, wanted, opts.url or temp)
    M.check(temp, opts.checks, opts.url or temp)
  end
  local folder, name = M.target(wanted, opts.name)
  file.mkdir(folder)
  if not opts.keep then
    native.publish(temp)
    native.sync(temp)
  end
  for n = 1, many do
    local path = settle(temp, folder, n == 1 and name or numbered(name, n), opts.replace and n == 1, opts.keep)
    if path then return path end
  end
  refuse("file", ("there are %d files named like '%s' in '%s'"):format(many, name, folder), { path = folder })
end

return M
