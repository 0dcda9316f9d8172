/* lua_store: see lua_store.h. Every call is a job in the thread pool: it may wait for another process
 * or for the disk. */
#include "lua_store.h"

#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>

#include "lua_error.h"
#include "lua_work.h"
#include "store.h"
#include "task.h"

static const char STORE[] = "karun.native.store";

/* Kept by the Lua object and by each job. */
struct shared {
  struct kr_store *store;
  unsigned holders;
};

struct job {
  struct kr_work work;
  struct shared *shared;
  char *text;                      /* path, or SQL */
  size_t len;
  struct kr_cell *values;
  size_t count;
  double busy;
  struct kr_rows rows;
};

static void let_go(struct shared *shared)
{
  if (--shared->holders) return;
  kr_store_close(shared->store);
  free(shared);
}

static void job_destroy(struct kr_work *work)
{
  struct job *job = (struct job *)(void *)work;
  for (size_t i = 0; i < job->count; i++) free(job->values[i].bytes);
  free(job->values);
  free(job->text);
  kr_rows_free(&job->rows);
  let_go(job->shared);
  free(job);
}

static struct job *job_new(int (*run)(struct kr_work *), struct shared *shared, const char *text, size_t len)
{
  struct job *job = kr_alloc(sizeof *job);
  job->work.run = run;
  job->work.destroy = job_destroy;
  job->shared = shared;
  shared->holders++;
  job->text = kr_strndup(text, len);
  job->len = len;
  return job;
}

static int raise_fault(lua_State *L, const struct kr_rows *rows)
{
  return kr_raise(L, rows->kind, "%s", rows->fault);
}

/* ---- open ---- */

static int run_open(struct kr_work *work)
{
  struct job *job = (struct job *)(void *)work;
  return kr_store_open(job->text, &job->shared->store, &job->rows);
}

static int open_finish(lua_State *L, struct kr_work *work, int status)
{
  struct job *job = (struct job *)(void *)work;
  if (status) return raise_fault(L, &job->rows);
  struct shared **slot = lua_newuserdatauv(L, sizeof *slot, 0);
  *slot = job->shared;
  job->shared->holders++;
  luaL_setmetatable(L, STORE);
  return 1;
}

/* open(path, timeout) -> store */
static int l_open(lua_State *L)
{
  size_t len;
  const char *path = luaL_checklstring(L, 1, &len);
  double timeout = kr_opt_seconds(L, 2, INFINITY);
  struct shared *shared = kr_alloc(sizeof *shared);
  struct job *job = job_new(run_open, shared, path, len);
  return kr_lua_work(L, &job->work, "store.open", timeout, open_finish);
}

/* ---- statements ---- */

static struct shared *check_store(lua_State *L)
{
  struct shared **slot = luaL_checkudata(L, 1, STORE);
  if (!*slot) kr_raise(L, KR_USAGE, "this database was closed");
  return *slot;
}

static int run_statement(struct kr_work *work)
{
  struct job *job = (struct job *)(void *)work;
  return kr_store_run(job->shared->store, job->text, job->len, job->values, job->count, job->busy, &work->stop, &job->rows);
}

static void interrupt_statement(struct kr_work *work)
{
  kr_store_interrupt(((struct job *)(void *)work)->shared->store);
}

static void push_cell(lua_State *L, const struct kr_cell *cell)
{
  switch (cell->sort) {
  case KR_CELL_NULL: lua_pushnil(L); break;
  case KR_CELL_INTEGER: lua_pushinteger(L, cell->integer); break;
  case KR_CELL_FLOAT: lua_pushnumber(L, cell->number); break;
  case KR_CELL_TEXT: case KR_CELL_BLOB: lua_pushlstring(L, cell->bytes, cell->len); break;
  }
}

/* -> list of { column = value }, changes, last id */
static int statement_finish(lua_State *L, struct kr_work *work, int status)
{
  struct job *job = (struct job *)(void *)work;
  const struct kr_rows *rows = &job->rows;
  if (status) return raise_fault(L, rows);
  lua_createtable(L, (int)rows->count, 0);
  for (size_t i = 0; i < rows->count; i++) {
    lua_createtable(L, 0, (int)rows->columns);
    for (size_t column = 0; column < rows->columns; column++) {
      push_cell(L, &rows->cells[i * rows->columns + column]);
      lua_setfield(L, -2, rows->names[column]);
    }
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_pushinteger(L, rows->changes);
  lua_pushinteger(L, rows->last_id);
  return 3;
}

/* Only what lua/karun/store.lua lets through: nil, boolean, number, string, { blob = bytes }. Raises nothing. */
static void take_value(lua_State *L, int index, struct kr_cell *cell)
{
  *cell = (struct kr_cell){.sort = KR_CELL_NULL};
  switch (lua_type(L, index)) {
  case LUA_TBOOLEAN: cell->sort = KR_CELL_INTEGER; cell->integer = lua_toboolean(L, index); return;
  case LUA_TNUMBER:
    cell->sort = lua_isinteger(L, index) ? KR_CELL_INTEGER : KR_CELL_FLOAT;
    cell->integer = lua_tointeger(L, index);
    cell->number = lua_tonumber(L, index);
    return;
  case LUA_TSTRING: cell->sort = KR_CELL_TEXT; lua_pushvalue(L, index); break;
  case LUA_TTABLE: cell->sort = KR_CELL_BLOB; lua_pushliteral(L, "blob"); lua_rawget(L, index); break;
  default: return;
  }
  const char *bytes = lua_tolstring(L, -1, &cell->len);
  cell->bytes = kr_strndup(bytes ? bytes : "", cell->len);
  lua_pop(L, 1);
}

/* store:run(sql, busy, …) -> rows, changes, last id. busy: seconds to wait for another's lock. */
static int l_run(lua_State *L)
{
  size_t len;
  struct shared *shared = check_store(L);
  const char *sql = luaL_checklstring(L, 2, &len);
  double busy = luaL_checknumber(L, 3);
  int last = lua_gettop(L);
  luaL_checkstack(L, 8, "values");
  struct job *job = job_new(run_statement, shared, sql, len);
  job->work.interrupt = interrupt_statement;
  job->busy = busy;
  job->values = kr_alloc((size_t)(last - 3) * sizeof *job->values);
  for (int index = 4; index <= last; index++) take_value(L, index, &job->values[job->count++]);
  return kr_lua_work(L, &job->work, "store", INFINITY, statement_finish);
}

static int l_close(lua_State *L)
{
  struct shared **slot = luaL_checkudata(L, 1, STORE), *closing = *slot;
  *slot = NULL;
  if (closing) let_go(closing);
  return 0;
}

int kr_open_store(lua_State *L)
{
  static const luaL_Reg functions[] = {{"open", l_open}, {NULL, NULL}};
  static const luaL_Reg methods[] = {{"run", l_run}, {"close", l_close}, {NULL, NULL}};
  luaL_newmetatable(L, STORE);
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, l_close);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
