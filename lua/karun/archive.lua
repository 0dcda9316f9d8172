-- The archive: what was finished, and what failed last, in one SQLite file. Done means recorded here
-- and standing there with its size. Knows no site: a song is a site's name and an address, an item is
-- a text such as "track:3".

local file = require "karun.file"
local stored = require "karun.stored_item"
local known = require "karun.known"
local log = require "karun.log"
local settings = require "karun.settings"
local store = require "karun.store"

local SCHEMA = [[
CREATE TABLE IF NOT EXISTS done (
  site TEXT NOT NULL, song TEXT NOT NULL, item TEXT NOT NULL, key INTEGER NOT NULL, count_in INTEGER NOT NULL,
  artist TEXT, title TEXT, name TEXT, path TEXT NOT NULL, size INTEGER NOT NULL, sha256 TEXT NOT NULL,
  label TEXT, duration_s REAL, took_s REAL, done_at REAL NOT NULL, run TEXT,
  PRIMARY KEY (site, song, item, key, count_in));
CREATE INDEX IF NOT EXISTS done_by_hash ON done (sha256);
CREATE TABLE IF NOT EXISTS failed (
  site TEXT NOT NULL, song TEXT NOT NULL, item TEXT NOT NULL, key INTEGER NOT NULL, count_in INTEGER NOT NULL,
  url TEXT NOT NULL, title TEXT, name TEXT, kind TEXT NOT NULL, message TEXT, failed_at REAL NOT NULL,
  PRIMARY KEY (site, song, item, key, count_in));
CREATE TABLE IF NOT EXISTS kept (host TEXT NOT NULL, name TEXT NOT NULL, value REAL NOT NULL, kept_at REAL NOT NULL,
  PRIMARY KEY (host, name));
CREATE TABLE IF NOT EXISTS runs (
  run TEXT NOT NULL PRIMARY KEY, site TEXT NOT NULL, host TEXT, started_at REAL NOT NULL, wall_s REAL NOT NULL,
  songs INTEGER NOT NULL, attempted INTEGER NOT NULL, done INTEGER NOT NULL, skipped INTEGER NOT NULL,
  failed INTEGER NOT NULL, retries INTEGER NOT NULL, bytes INTEGER NOT NULL, asked_mixes INTEGER NOT NULL,
  cache_hits INTEGER NOT NULL, saved_s REAL NOT NULL, prepared INTEGER NOT NULL, phases TEXT);
]]

local Archive = { __name = "karun.archive" }
known.class("the archive", Archive, { "db", "path" })

local M = {}

local function open(path)
  local db = store.open(path)
  db:exec("PRAGMA user_version = 1")
  for statement in SCHEMA:gmatch("[^;]+;") do
    db:exec(statement)
  end
  return db
end

-- A damaged one is set aside, never silently started over.
function M.open(path)
  path = path or settings.dirs().state .. "/archive.db"
  local folder = file.split(path)
  file.mkdir(folder, { mode = "700" })
  local ok, db = pcall(open, path)
  if not ok then
    local aside = ("%s.bad-%d"):format(path, os.time())
    if not file.exists(path) or not tostring(db):lower():find("malformed", 1, true)
      and not tostring(db):lower():find("not a database", 1, true) then error(db, 0) end
    file.move(path, aside)
    log.warn(("the archive was damaged and is now %s; files are known again by `karun archive verify`"):format(aside))
    db = open(path)
  end
  return setmetatable({ db = db, path = path }, Archive)
end

-- What is recorded of an item, or nil.
function Archive:find(item)
  return self.db:row("SELECT * FROM done WHERE " .. stored.WHERE, stored.key(item))
end

local function is_there(path, size)
  local stat = file.stat(path)
  return stat and stat.type == "file" and stat.size == size
end

-- Somewhere in the folder stands a file with these bytes (renamed or moved by its owner).
local function find_by_hash(folder, entry)
  for _, path in ipairs(file.exists(folder) and file.glob(folder .. "/**/*" .. (entry.path:match("%.%w+$") or "")) or {}) do
    if is_there(path, entry.size) and file.sha256(path) == entry.sha256 then return path end
  end
end

-- Is the item done? -> the path where it stands, or nil. A copy elsewhere is copied to `wanted`.
function Archive:standing(item, wanted, folder)
  local entry = self:find(item)
  if not entry then return nil end
  if entry.path == wanted and is_there(wanted, entry.size) then return wanted end
  -- all tracks of a song have one size: elsewhere only the bytes tell
  local function is_it(path)
    return is_there(path, entry.size) and file.sha256(path) == entry.sha256
  end
  if is_it(wanted) then return wanted end
  local elsewhere = is_it(entry.path) and entry.path or find_by_hash(folder, entry)
  if not elsewhere then return nil end
  if elsewhere:sub(1, #folder + 1) == folder .. "/" then return elsewhere end
  file.mkdir((file.split(wanted)))
  file.copy(elsewhere, wanted)
  return wanted
end

-- item and { path=, size=, sha256=, label=, duration_s=, took_s=, run= }
function Archive:record(item, facts)
  self.db:transaction(function()
    self.db:exec("INSERT OR REPLACE INTO done (site, song, item, key, count_in, artist, title, name, path, size, sha256, "
      .. "label, duration_s, took_s, done_at, run) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", item.site, item.song, item.item,
      item.key or 0, item.count_in and 1 or 0, item.artist, item.title, item.name, facts.path, facts.size, facts.sha256,
      facts.label, facts.duration_s, facts.took_s, os.time(), facts.run)
    self.db:exec("DELETE FROM failed WHERE " .. stored.WHERE, stored.key(item))
  end)
end

function Archive:fail(item, kind, message)
  self.db:exec("INSERT OR REPLACE INTO failed (site, song, item, key, count_in, url, title, name, kind, message, failed_at) "
    .. "VALUES (?,?,?,?,?,?,?,?,?,?,?)", item.site, item.song, item.item, item.key or 0, item.count_in and 1 or 0, item.url,
    item.title, item.name, kind, message, os.time())
end

function Archive:forgive(item)
  self.db:exec("DELETE FROM failed WHERE " .. stored.WHERE, stored.key(item))
end

-- No longer known: the item is asked for again at the next run. Its file is left alone.
function Archive:forget(item)
  self.db:exec("DELETE FROM done WHERE " .. stored.WHERE, stored.key(item))
end

-- All that is done, by song; `song` narrows it to one.
function Archive:done(song)
  local list = {}
  for row in self.db:rows("SELECT * FROM done WHERE ?1 IS NULL OR song = ?1 ORDER BY artist, title, song, key, count_in, item",
    song) do
    list[#list + 1] = row
  end
  return list
end

-- What was learned of a host and holds for later runs, such as a longer phase 2.
function Archive:kept(host, name)
  local row = self.db:row("SELECT value FROM kept WHERE host = ? AND name = ?", host, name)
  return row and row.value
end

function Archive:keep(host, name, value)
  self.db:exec("INSERT OR REPLACE INTO kept (host, name, value, kept_at) VALUES (?,?,?,?)", host, name, value, os.time())
end

function Archive:drop_kept()
  self.db:exec("DELETE FROM kept")
end

local RUN = { "run", "site", "host", "started_at", "wall_s", "songs", "attempted", "done", "skipped", "failed", "retries",
  "bytes", "asked_mixes", "cache_hits", "saved_s", "prepared", "phases" }

-- The figures of a finished run.
function Archive:add_run(figures)
  local values = {}
  for i, name in ipairs(RUN) do
    values[i] = figures[name]
  end
  self.db:exec(("INSERT OR REPLACE INTO runs (%s) VALUES (%s)"):format(table.concat(RUN, ", "), ("?,"):rep(#RUN):sub(1, -2)),
    table.unpack(values, 1, #RUN))
end

-- All runs, oldest first.
function Archive:runs()
  local list = {}
  for row in self.db:rows("SELECT * FROM runs ORDER BY started_at, run") do
    list[#list + 1] = row
  end
  return list
end

-- Combinations that were downloaded for at least so many songs, most wanted first: items such as
-- "mix:without:lead vocal".
function Archive:usual(site, songs)
  local list = {}
  for row in self.db:rows("SELECT item, count(DISTINCT song) AS n FROM done WHERE site = ? AND item LIKE 'mix:%' "
    .. "GROUP BY item HAVING n >= ? ORDER BY n DESC, item", site, songs) do
    list[#list + 1] = row.item
  end
  return list
end

-- What failed last and was not done since: list of rows, by song.
function Archive:failed(site)
  local list = {}
  for row in self.db:rows("SELECT * FROM failed WHERE site = ? ORDER BY song, item", site) do
    list[#list + 1] = row
  end
  return list
end

-- Has another song of the site a file in this folder?
function Archive:shares(site, song, folder)
  local prefix = folder .. "/"
  return self.db:row("SELECT 1 AS yes FROM done WHERE site = ? AND song <> ? AND substr(path, 1, ?) = ? LIMIT 1", site, song,
    #prefix, prefix) ~= nil
end

-- How many items were done since a moment (Unix seconds): for the daily cap.
function Archive:done_since(site, moment)
  return self.db:row("SELECT count(*) AS n FROM done WHERE site = ? AND done_at >= ?", site, moment).n
end

function Archive:close()
  self.db:close()
end

Archive.__close = Archive.close

return M
