-- karun.file: files as they must be handled when a run can be killed at any moment: whole or absent,
-- never through a link, never over something that is not meant. All paths are relative to the
-- working folder.

local fault = require "karun.error"
local known = require "karun.known"
local native = require "karun.native.file"
local trace = require "karun.trace"

local M = {}

local read_limit = 1 << 30 -- a bigger file in memory is a mistake
local patience = 900       -- seconds, as for a download: a whole file on a slow disk

local function check_path(path, what)
  if type(path) ~= "string" then
    fault.raise("usage", ("%s wants a path, got %s"):format(what, type(path)))
  elseif path == "" then
    fault.raise("usage", what .. " got an empty path")
  elseif path:find("\0", 1, true) or not utf8.len(path) then
    fault.raise("usage", ("%s: the path %q is not UTF-8 text without NUL"):format(what, path), { path = path })
  end
  return path
end

local function check_bytes(bytes, what)
  if type(bytes) ~= "string" then
    fault.raise("usage", ("%s wants the bytes to write as a string, got %s"):format(what, type(bytes)))
  end
  return bytes
end

-- 384, "600" and "0600" are one mode.
local function check_mode(mode, what)
  local number = type(mode) == "string" and tonumber(mode, 8) or math.tointeger(mode)
  if mode ~= nil and (not number or number < 0 or number > 511) then
    fault.raise("usage", ("%s: mode is like \"0600\", got %s"):format(what, tostring(mode)))
  end
  return number or nil
end

function M.read(path, opts)
  opts = known.check(opts, { "limit", "timeout" }, "file.read")
  return native.read(check_path(path, "file.read"), opts.limit or read_limit, opts.timeout or patience)
end

-- Whole or not at all: written beside, synced, then renamed. `replace = false` keeps what is there (`file`).
function M.write(path, bytes, opts)
  opts = known.check(opts, { "mode", "replace", "timeout" }, "file.write")
  native.write(check_path(path, "file.write"), check_bytes(bytes, "file.write"), check_mode(opts.mode, "file.write"),
    opts.replace ~= false, opts.timeout or patience)
end

function M.append(path, bytes, opts)
  opts = known.check(opts, { "mode", "timeout" }, "file.append")
  native.append(check_path(path, "file.append"), check_bytes(bytes, "file.append"),
    check_mode(opts.mode, "file.append"), nil, opts.timeout or patience)
end

-- A target that ends in a slash is a folder: the name stays.
local function target(from, to)
  return to:sub(-1) == "/" and M.join(to, (select(2, M.split(from)))) or to
end

local function pair(verb)
  local what = "file." .. verb
  return function(from, to, opts)
    opts = known.check(opts, { "replace", "timeout" }, what)
    to = target(check_path(from, what), check_path(to, what))
    native[verb](from, to, opts.replace, opts.timeout or patience)
  end
end

M.copy = pair "copy"
M.move = pair "move"

-- Do two files hold the same bytes?
function M.same(a, b, opts)
  opts = known.check(opts, { "timeout" }, "file.same")
  return native.same(check_path(a, "file.same"), check_path(b, "file.same"), nil, opts.timeout or patience)
end

-- A file, a link itself, an empty folder; with `recursive` a folder and all in it. `missing_ok`: none is right.
function M.remove(path, opts)
  opts = known.check(opts, { "recursive", "missing_ok", "timeout" }, "file.remove")
  if opts.missing_ok and not M.exists(path) then return end
  native.remove(check_path(path, "file.remove"), opts.recursive, opts.timeout or patience)
end

-- { type = "file"|"directory"|"link"|"other", size, mtime, mode }, or nil. Links are not followed.
function M.stat(path)
  return native.stat(check_path(path, "file.stat"))
end

function M.exists(path)
  return native.stat(check_path(path, "file.exists")) ~= nil
end

-- Where a link points to; nil for what is no link.
function M.readlink(path)
  return native.readlink(check_path(path, "file.readlink"))
end

-- The names in a folder, sorted.
function M.list(path)
  return native.list(check_path(path or ".", "file.list"))
end

-- The paths that match, sorted: `*`, `?`, `[a-z]` within one name, `**` for any folders between.
function M.glob(pattern)
  return require("karun.glob").paths(check_path(pattern, "file.glob"), native)
end

function M.mkdir(path, opts)
  opts = known.check(opts, { "mode" }, "file.mkdir")
  native.mkdir(check_path(path, "file.mkdir"), check_mode(opts.mode, "file.mkdir"))
end

function M.sha256(path, opts)
  opts = known.check(opts, { "timeout" }, "file.sha256")
  return native.sha256(check_path(path, "file.sha256"), nil, opts.timeout or patience)
end

function M.free_space(path)
  return native.free_space(check_path(path or ".", "file.free_space"))
end

-- One harmless path component from any text.
function M.safe_name(name, opts)
  opts = known.check(opts, { "limit" }, "file.safe_name")
  if type(name) ~= "string" then fault.raise("usage", "file.safe_name wants a text, got " .. type(name)) end
  return native.safe_name(name, opts.limit)
end

-- Parts put together with one slash each. A part cannot lead out of the ones before it (`path`).
function M.join(first, ...)
  local whole = check_path(first, "file.join")
  local depth, parts = 0, {}
  for _, part in ipairs { ... } do
    if check_path(part, "file.join"):sub(1, 1) == "/" then
      fault.raise("path", ("file.join: '%s' does not stay in '%s'"):format(part, first), { path = part })
    end
    for name in part:gmatch("[^/]+") do
      depth = depth + (name == ".." and -1 or name == "." and 0 or 1)
      if depth < 0 then
        fault.raise("path", ("file.join: '%s' does not stay in '%s'"):format(part, first), { path = part })
      end
      if name == ".." then parts[#parts] = nil elseif name ~= "." then parts[#parts + 1] = name end
    end
  end
  local last = select(-1, first, ...)
  if #parts == 0 then return whole end
  whole = whole == "." and "" or whole:gsub("/*$", "/")
  return whole .. table.concat(parts, "/") .. (last:sub(-1) == "/" and "/" or "")
end

-- The folder, the name, and the name's extension with its dot ("" for none).
function M.split(path)
  local bare = check_path(path, "file.split"):gsub("(.)/+$", "%1")
  local folder, name = bare:match("^(.*)/([^/]*)$")
  if not folder then folder, name = ".", bare end
  if folder == "" then folder = "/" end
  return folder, name, name:match("^.+(%.[^.]+)$") or ""
end

local Lock = {}
local lock_meta = { __name = "karun.lock", __index = known.methods("lock", Lock, { "path", "hold" }) }

function Lock:close()
  self.hold:close()
end

lock_meta.__close = Lock.close

-- For us alone, until it is closed or the run ends; a folder is locked by a file in it.
function M.lock(path)
  local stat = native.stat(check_path(path, "file.lock"))
  if stat and stat.type == "directory" then path = M.join(path, ".karun.lock") end
  return setmetatable({ path = path, hold = native.lock(path) }, lock_meta)
end

local Watch = {}
local watch_meta = { __name = "karun.watch", __index = known.methods("watch", Watch, { "path", "raw" }) }

-- The next thing that happened since the watch was made: { name, what = "change"|"rename", dropped }.
function Watch:next(opts)
  opts = known.check(opts, { "timeout" }, "watch:next")
  return self.raw:next(opts.timeout or 30)
end

function Watch:close()
  self.raw:close()
end

watch_meta.__close = Watch.close

-- Watches a file, or the names in a folder, from now on.
function M.watch(path)
  return setmetatable({ path = check_path(path, "file.watch"), raw = native.watch(path) }, watch_meta)
end

local held = {} -- by path; the state's end closes them

-- A private folder (0700), gone at the end of the run, or earlier by the second value's close().
function M.temp(opts)
  opts = known.check(opts, { "folder" }, "file.temp")
  if opts.folder then native.sweep(check_path(opts.folder, "file.temp")) end -- what killed runs left there
  local hold = native.temp(opts.folder)
  held[hold:path()] = hold
  return hold:path(), hold
end

trace.wrap(M, { "read", "write", "append", "copy", "move", "remove", "sha256", "same" },
  { kind = "file", prefix = "file.", shows_arg = true })

native.sweep() -- what killed runs left in the temporary folder

return setmetatable(M, { __index = known.methods("karun.file", M), held = held })
