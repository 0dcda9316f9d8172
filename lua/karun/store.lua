-- karun.store: a database file. SQLite in WAL mode, 0600; other processes may use it at the same time.
-- A call takes all its rows at once, so no lock is held between two lines of a script.

local fault = require "karun.error"
local known = require "karun.known"
local native = require "karun.native.store"
local task = require "karun.native.task"

local M = {}

local Db = { __name = "karun.db" }
known.class("a database", Db, { "path", "busy", "raw", "owner", "depth", "freed" })

-- A Lua string as bytes rather than text.
local Blob = { __name = "karun.blob" }

function M.blob(bytes)
  if type(bytes) ~= "string" then fault.raise("usage", "store.blob wants a string, got " .. type(bytes)) end
  return setmetatable({ blob = bytes }, Blob)
end

local function check_values(...)
  for i = 1, select("#", ...) do
    local value = (select(i, ...))
    local sort = type(value)
    if sort == "string" and not utf8.len(value) then
      fault.raise("usage", ("value %d is not UTF-8; bytes go in as karun.store.blob(bytes)"):format(i))
    elseif sort ~= "nil" and sort ~= "boolean" and sort ~= "number" and sort ~= "string"
      and getmetatable(value) ~= Blob then
      fault.raise("usage", ("value %d is a %s; a database holds nil, numbers, texts and blobs"):format(i, sort))
    end
  end
end

-- ---- one task at a time: a transaction is its task's alone ----

local function take(db)
  local me = task.running()
  local until_then = task.now() + db.busy
  while db.owner ~= nil and db.owner ~= me do
    if not db.freed:wait(math.max(0, until_then - task.now())) and db.owner ~= nil then
      fault.raise("locked", ("the database %s is in a transaction of another task"):format(db.path), { path = db.path })
    end
  end
  db.owner, db.depth = me, db.depth + 1
end

local function release(db)
  db.depth = db.depth - 1
  if db.depth > 0 then return end
  db.owner = nil
  local freed = db.freed
  db.freed = task.signal()
  freed:fire()
end

local function finish(db, ok, ...)
  release(db)
  if ok then return ... end
  local err = ...
  if fault.is(err) and err.path == nil then err.path = db.path end
  error(err, 0)
end

local function run(db, sql, ...)
  if type(sql) ~= "string" then fault.raise("usage", "SQL is a text, got " .. type(sql)) end
  if not db.raw then fault.raise("usage", ("the database %s was closed"):format(db.path)) end
  check_values(...)
  take(db)
  return finish(db, pcall(db.raw.run, db.raw, sql, db.busy, ...))
end

-- Runs one or more statements (the values are the last one's) -> rows changed, id of the row added last.
function Db:exec(sql, ...)
  return select(2, run(self, sql, ...))
end

-- for row in db:rows(sql, …) do row.column … end
function Db:rows(sql, ...)
  local rows, i = run(self, sql, ...), 0
  return function()
    i = i + 1
    return rows[i]
  end
end

-- The first row, or nil for none.
function Db:row(sql, ...)
  return run(self, sql, ...)[1]
end

local function undo(db, statement)
  local shielded = require("karun.task").shielded -- also when the task was cancelled
  local ok, err = pcall(shielded, run, db, statement)
  if not ok then require("karun.native.log").write(("karun: %s: %s\n"):format(statement, tostring(err))) end
end

-- All that fn does is kept, or nothing: an error in it undoes it and is raised. Within a transaction
-- another is a part of it that can be undone alone. Answers fn's results.
function Db:transaction(fn)
  if type(fn) ~= "function" then fault.raise("usage", "db:transaction wants a function, got " .. type(fn)) end
  take(self)
  local inner = self.depth > 1 and ("part_%d"):format(self.depth)
  local begun = false
  local results = table.pack(pcall(function()
    run(self, inner and "SAVEPOINT " .. inner or "BEGIN IMMEDIATE")
    begun = true
    local values = table.pack(fn(self))
    run(self, inner and "RELEASE " .. inner or "COMMIT")
    return table.unpack(values, 1, values.n)
  end))
  if not results[1] and begun then
    undo(self, inner and ("ROLLBACK TO %s; RELEASE %s"):format(inner, inner) or "ROLLBACK")
  end
  return finish(self, table.unpack(results, 1, results.n))
end

function Db:close()
  if self.raw then self.raw:close() end
  self.raw = nil
end

Db.__close = Db.close

function Db:__tostring()
  return ("database %s"):format(self.path)
end

-- `timeout`: how long a call waits for another process or task that writes (30 s), then `locked`.
function M.open(path, opts)
  opts = known.check(opts, { "timeout" }, "store.open")
  if type(path) ~= "string" or path == "" or path:find("\0", 1, true) or not utf8.len(path) then
    fault.raise("usage", "store.open wants a path or \":memory:\", got " .. tostring(path))
  end
  local busy = opts.timeout or 30
  return setmetatable({
    path = path, busy = busy, depth = 0, freed = task.signal(), raw = native.open(path, busy),
  }, Db)
end

return setmetatable(M, { __index = known.methods("karun.store", M) })
