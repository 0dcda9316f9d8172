-- karun.store: what is written is there, or undone whole; others are waited for.

local file = require "karun.file"
local store = require "karun.store"
local t = require "karun.test"
local task = require "karun.task"

local function memory()
  local db = store.open(":memory:")
  db:exec("CREATE TABLE t (a, b)")
  t.after(function() db:close() end)
  return db
end

t.test("values go in and come out as they were", function()
  local db = memory()
  db:exec("INSERT INTO t VALUES (?, ?)", 1, 2.5)
  db:exec("INSERT INTO t VALUES (?, ?)", nil, "té\0xt")
  db:exec("INSERT INTO t VALUES (?, ?)", store.blob("\xff\0\xfe"), math.maxinteger)
  db:exec("INSERT INTO t VALUES (?, ?)", true, nil)
  local rows = {}
  for row in db:rows("SELECT a, b, typeof(a) AS sort FROM t ORDER BY rowid") do
    rows[#rows + 1] = row
  end
  t.same(rows, {
    { a = 1, b = 2.5, sort = "integer" }, { b = "té\0xt", sort = "null" },
    { a = "\xff\0\xfe", b = math.maxinteger, sort = "blob" }, { a = 1, sort = "integer" },
  })
  t.equal(math.type(rows[1].a), "integer")
  t.equal(math.type(rows[1].b), "float")
  t.equal(db:row("SELECT * FROM t WHERE a = ?", 99), nil)
  t.equal(db:row("SELECT count(*) AS n FROM t").n, 4)
end)

t.test("exec: changes and ids, several statements, comments", function()
  local db = memory()
  local changed, id = db:exec("INSERT INTO t VALUES (1, 1), (2, 2)")
  t.equal(changed, 2)
  t.equal(id, 2)
  t.equal((db:exec("DELETE FROM t; -- all of it\n INSERT INTO t VALUES (?, 5);  ", 7)), 3)
  t.equal(db:row("SELECT a FROM t").a, 7)
end)

t.test("wrong use says where, with the SQL", function()
  local db = memory()
  local err = t.error("usage", db.exec, db, "SELEC 1")
  t.match(err.message, "SELEC 1")
  t.error("usage", db.exec, db, "SELECT ?")
  t.error("usage", db.exec, db, "SELECT 1", 2)
  t.error("usage", db.exec, db, "SELECT ?", {})
  t.error("usage", db.exec, db, "SELECT ?", "\xff")
  t.error("usage", db.row, db, "SELECT * FROM none")
  t.error("usage", function() return db.execute end)
  t.error("usage", store.open, "")
  db:exec("CREATE TABLE u (a UNIQUE)")
  db:exec("INSERT INTO u VALUES (1)")
  t.match(t.error("usage", db.exec, db, "INSERT INTO u VALUES (1)").message, "UNIQUE")
  db:close()
  db:close()
  t.error("usage", db.exec, db, "SELECT 1")
end)

t.test("transaction: kept whole, or undone whole, also inside another", function()
  local db = memory()
  local function count() return db:row("SELECT count(*) AS n FROM t").n end
  t.equal(db:transaction(function(d)
    d:exec("INSERT INTO t VALUES (1, 1)")
    return "result"
  end), "result")
  local err = t.error("content", db.transaction, db, function()
    db:exec("INSERT INTO t VALUES (2, 2)")
    error(require("karun.error").new("content", "no"))
  end)
  t.equal(err.message, "no")
  t.equal(count(), 1)
  db:transaction(function()
    db:exec("INSERT INTO t VALUES (3, 3)")
    pcall(db.transaction, db, function()
      db:exec("INSERT INTO t VALUES (4, 4)")
      error("inner")
    end)
    db:transaction(function() db:exec("INSERT INTO t VALUES (5, 5)") end)
  end)
  t.equal(count(), 3)
  t.equal(db:row("SELECT a FROM t WHERE a = 4"), nil)
end)

t.test("transaction: another task's statements wait for its end", function()
  local db = memory()
  local inside, order = false, {}
  local first = task.spawn(function()
    db:transaction(function()
      inside = true
      db:exec("INSERT INTO t VALUES (1, 1)")
      task.sleep(0.02)
      order[#order + 1] = "first"
      error("undone")
    end)
  end)
  local second = task.spawn(function()
    while not inside do task.sleep(0) end
    db:exec("INSERT INTO t VALUES (2, 2)")
    order[#order + 1] = "second"
  end)
  pcall(first.join, first)
  second:join()
  t.same(order, { "first", "second" })
  t.equal(db:row("SELECT group_concat(a) AS all_a FROM t").all_a, "2")
end)

t.test("transaction: a cancelled task leaves nothing half done", function()
  local db = memory()
  local writing = task.spawn(function()
    db:transaction(function()
      db:exec("INSERT INTO t VALUES (1, 1)")
      task.sleep(60)
    end)
  end)
  while db.depth == 0 do task.sleep(0) end
  task.sleep(0.02)
  writing:cancel()
  pcall(writing.join, writing)
  t.equal(db:row("SELECT count(*) AS n FROM t").n, 0)
end)

t.test("a file: private, kept, shared with other connections", function()
  local dir = t.tmp()
  local path = dir .. "/a.db"
  local one = store.open(path)
  one:exec("CREATE TABLE t (a)")
  t.equal(file.stat(path).mode, tonumber("600", 8))
  t.equal(file.stat(path .. "-wal").mode, tonumber("600", 8))
  t.equal(one:row("PRAGMA journal_mode").journal_mode, "wal")
  local two <close> = store.open(path, { timeout = 0.05 })
  one:transaction(function()
    one:exec("INSERT INTO t VALUES (1)")
    t.equal(two:row("SELECT count(*) AS n FROM t").n, 0)
    t.error("locked", two.exec, two, "INSERT INTO t VALUES (2)")
  end)
  two:exec("INSERT INTO t VALUES (2)")
  t.equal(one:row("SELECT sum(a) AS n FROM t").n, 3)
  -- the loop goes on while one waits for the other
  local patient <close> = store.open(path)
  local ticks = 0
  one:transaction(function()
    one:exec("INSERT INTO t VALUES (3)")
    local waiting = task.spawn(function() patient:exec("INSERT INTO t VALUES (4)") end)
    for _ = 1, 5 do
      task.sleep(0.01)
      ticks = ticks + 1
    end
    t.equal(waiting:done(), false)
    t.after(function() waiting:join() end)
  end)
  t.equal(ticks, 5)
  one:close()
end)

t.test("a file: no folder, a link, no database", function()
  local dir = t.tmp()
  t.error("disk", store.open, dir .. "/none/a.db")
  file.write(dir .. "/bad.db", ("not a database "):rep(100))
  t.match(t.error("content", store.open, dir .. "/bad.db").message, "not a database")
  os.execute(("ln -s bad.db %s/link.db"):format(dir))
  t.error("path", store.open, dir .. "/link.db")
end)
