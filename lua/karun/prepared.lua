-- Files made beforehand, in the cache folder: each under the name of its own hash, with an index that says
-- what it is. Throwaway by nature: a size limit lets the ones go that were not asked for the longest.

local file = require "karun.file"
local stored = require "karun.stored_item"
local known = require "karun.known"
local settings = require "karun.settings"
local store = require "karun.store"

local SCHEMA = [[CREATE TABLE IF NOT EXISTS prepared (
  site TEXT NOT NULL, song TEXT NOT NULL, item TEXT NOT NULL, key INTEGER NOT NULL, count_in INTEGER NOT NULL,
  sha256 TEXT NOT NULL, size INTEGER NOT NULL, label TEXT, duration_s REAL, took_s REAL, used_at REAL NOT NULL,
  PRIMARY KEY (site, song, item, key, count_in))]]

local Prepared = { __name = "karun.prepared" }
known.class("the prepared files", Prepared, { "db", "folder", "limit" })

local M = {}

-- limit: bytes of all files together.
function M.open(limit, folder)
  folder = folder or settings.dirs().cache .. "/prepared"
  file.mkdir(folder, { mode = "700" })
  local db = store.open(folder .. "/index.db")
  db:exec(SCHEMA)
  return setmetatable({ db = db, folder = folder, limit = limit }, Prepared)
end

function Prepared:path(sha256)
  return ("%s/%s.mp3"):format(self.folder, sha256)
end

-- The file is let go unless something else has the same bytes.
local function drop(self, row)
  self.db:exec("DELETE FROM prepared WHERE " .. stored.WHERE, row.site, row.song, row.item, row.key, row.count_in)
  if not self.db:row("SELECT 1 AS one FROM prepared WHERE sha256 = ?", row.sha256) then
    file.remove(self:path(row.sha256), { missing_ok = true })
  end
end

function Prepared:has(item)
  local row = self.db:row("SELECT * FROM prepared WHERE " .. stored.WHERE, stored.key(item))
  return row ~= nil and file.exists(self:path(row.sha256))
end

-- What is there for the item -> { path, sha256, size, label, duration_s, took_s }, proven by its hash; nil
-- for none. One that does not stand up to its hash is dropped: second answer true.
function Prepared:find(item)
  local row = self.db:row("SELECT * FROM prepared WHERE " .. stored.WHERE, stored.key(item))
  if not row then return nil end
  local path = self:path(row.sha256)
  if not file.exists(path) or file.sha256(path) ~= row.sha256 then
    drop(self, row)
    return nil, true
  end
  self.db:exec("UPDATE prepared SET used_at = ? WHERE " .. stored.WHERE, os.time(), stored.key(item))
  row.path = path
  return row
end

-- Lets the longest unused go until all fit; the newest stays even if it alone is too big.
function Prepared:shrink(keep)
  local total = 0
  local rows = {}
  for row in self.db:rows("SELECT * FROM prepared ORDER BY used_at, rowid") do
    rows[#rows + 1] = row
    total = total + row.size
  end
  local dropped = 0
  for _, row in ipairs(rows) do
    if total <= self.limit then break end
    if row.sha256 ~= keep then
      drop(self, row)
      total, dropped = total - row.size, dropped + 1
    end
  end
  return dropped
end

-- Takes the file at `path` in (a copy; the original stays). facts: label, duration_s, took_s.
function Prepared:put(item, path, facts)
  local sha256 = file.sha256(path)
  local stat = file.stat(path)
  if not file.exists(self:path(sha256)) then file.copy(path, self:path(sha256)) end
  local site, song, name, key, count_in = stored.key(item)
  self.db:exec("INSERT OR REPLACE INTO prepared (site, song, item, key, count_in, sha256, size, label, duration_s, took_s, "
    .. "used_at) VALUES (?,?,?,?,?,?,?,?,?,?,?)", site, song, name, key, count_in, sha256, stat.size, facts.label,
    facts.duration_s, facts.took_s, os.time())
  self:shrink(sha256)
end

-- -> number of files, bytes.
function Prepared:size()
  local row = self.db:row("SELECT count(*) AS n, coalesce(sum(size), 0) AS bytes FROM prepared")
  return row.n, row.bytes
end

function Prepared:close()
  self.db:close()
end

Prepared.__close = Prepared.close

return M
