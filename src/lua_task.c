/* lua_task: tasks, pauses and signals for Lua (module karun.native.task). */
#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>

#include "lua_error.h"
#include "runtime.h"

const char KR_TASK_META[] = "karun.task", KR_SIGNAL_META[] = "karun.signal";

static struct kr_task *check_task(lua_State *L, int index)
{
  return luaL_checkudata(L, index, KR_TASK_META);
}

static int l_spawn(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TFUNCTION);
  kr_task_spawn(L, lua_gettop(L) - 1);
  return 1;
}

static int l_task_gc(lua_State *L)
{
  struct kr_task *task = lua_touserdata(L, 1);
  kr_loop_unready(task->rt->loop, &task->ready);
  while (task->ended && task->ended->first) kr_latch_forget(&task->ended->first->op.wait);
  free(task->ended);
  task->ended = NULL;
  return 0;
}

/* outcome(task) -> ok, results… | false, error; only for one that has ended */
static int l_task_outcome(lua_State *L)
{
  struct kr_task *task = check_task(L, 1);
  lua_settop(L, 1);
  lua_getfield(L, LUA_REGISTRYINDEX, "karun.lost");
  lua_pushnil(L);
  lua_rawsetp(L, -2, task);
  lua_settop(L, 1);
  lua_pushboolean(L, !task->failed);
  return 1 + kr_task_outcome(L, task, 1);
}

static int l_latch_finish(lua_State *L, struct kr_op *op)
{
  if (op->wait.status == -KR_CANCELLED) return kr_op_raise(L, op, "%s", op->what);
  lua_pushboolean(L, op->wait.status == 0);
  return 1;
}

static int wait_latch(lua_State *L, struct latch *latch, const char *what, double timeout)
{
  struct latch_op *op = kr_op_new(L, sizeof *op, what, kr_latch_forget, l_latch_finish, NULL);
  /* the latch's owner must outlive the op */
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);
  if (latch->set) kr_wait_end(&op->op.wait, 0);
  else kr_latch_join(latch, op);
  return kr_op_wait(L, op, timeout);
}

/* task:wait(timeout) -> true once it has ended, false when time is up */
static int l_task_wait(lua_State *L)
{
  struct kr_task *task = check_task(L, 1);
  double timeout = kr_opt_seconds(L, 2, INFINITY);
  if (task == task->rt->running) return kr_raise(L, KR_DEADLOCK, "a task cannot join itself");
  return wait_latch(L, task->ended, "join", timeout);
}

static int l_task_done(lua_State *L)
{
  lua_pushboolean(L, check_task(L, 1)->done);
  return 1;
}

static int l_task_cancel(lua_State *L)
{
  kr_task_cancel(check_task(L, 1), KR_CANCELLED);
  return 0;
}

static int l_running(lua_State *L)
{
  struct kr_task *task = kr_runtime(L)->running;
  if (!task) return 0;
  lua_rawgetp(L, LUA_REGISTRYINDEX, task);
  return 1;
}

/* shield(true|false): between the two the running task may wait although it was cancelled */
static int l_shield(lua_State *L)
{
  struct kr_task *task = kr_runtime(L)->running;
  if (task) task->shield += lua_toboolean(L, 1) ? 1 : task->shield > 0 ? -1 : 0;
  return 0;
}

/* stop(kind): the main task gets this kind at its present and every later wait */
static int l_stop(lua_State *L)
{
  kr_task_stop(L, kr_kind_from_name(luaL_checkstring(L, 1)));
  return 0;
}

static int sleep_finish(lua_State *L, struct kr_op *op)
{
  return op->wait.status == -KR_TIMEOUT ? 0 : kr_op_raise(L, op, "sleep");
}

static int l_sleep(lua_State *L)
{
  double seconds = kr_opt_seconds(L, 1, 0);
  struct kr_op *op = kr_op_new(L, sizeof *op, "sleep", NULL, sleep_finish, NULL);
  return kr_op_wait(L, op, seconds);
}

static int l_now(lua_State *L)
{
  lua_pushnumber(L, kr_loop_now());
  return 1;
}

/* ---- signal: a latch with values, for Lua. fire(...) once; wait(timeout) -> true, ... | false ---- */

static int l_signal(lua_State *L)
{
  struct latch *latch = lua_newuserdatauv(L, sizeof *latch, 1);
  *latch = (struct latch){false, NULL};
  luaL_setmetatable(L, KR_SIGNAL_META);
  return 1;
}

static int l_signal_fire(lua_State *L)
{
  struct latch *latch = luaL_checkudata(L, 1, KR_SIGNAL_META);
  if (!latch->set) kr_latch_set(latch);
  return 0;
}

static int l_signal_wait(lua_State *L)
{
  struct latch *latch = luaL_checkudata(L, 1, KR_SIGNAL_META);
  return wait_latch(L, latch, "wait", kr_opt_seconds(L, 2, INFINITY));
}

static int l_signal_is_set(lua_State *L)
{
  lua_pushboolean(L, ((struct latch *)luaL_checkudata(L, 1, KR_SIGNAL_META))->set);
  return 1;
}

static int l_stats(lua_State *L)
{
  struct runtime *rt = kr_runtime(L);
  lua_createtable(L, 0, 3);
  lua_pushinteger(L, (lua_Integer)rt->tasks);
  lua_setfield(L, -2, "tasks");
  lua_pushinteger(L, (lua_Integer)kr_wait_pending());
  lua_setfield(L, -2, "waits");
  lua_pushinteger(L, (lua_Integer)kr_loop_deadlines(rt->loop));
  lua_setfield(L, -2, "timers");
  return 1;
}

/* lost() -> list of error objects of tasks that failed and that nobody joined */
static int l_lost(lua_State *L)
{
  lua_settop(L, 0);
  lua_newtable(L);
  lua_getfield(L, LUA_REGISTRYINDEX, "karun.lost");
  int n = 0;
  for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1)) {
    lua_getiuservalue(L, -1, 2);
    lua_rawseti(L, 1, ++n);
  }
  lua_settop(L, 1);
  return 1;
}

static void set_functions(lua_State *L, const char *meta, const luaL_Reg *methods, lua_CFunction gc)
{
  luaL_newmetatable(L, meta);
  if (methods) {
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
  }
  if (gc) {
    lua_pushcfunction(L, gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_pop(L, 1);
}

void kr_lua_task_setup(lua_State *L)
{
  static const luaL_Reg task_methods[] = {
    {"wait", l_task_wait}, {"outcome", l_task_outcome}, {"done", l_task_done}, {"cancel", l_task_cancel}, {NULL, NULL},
  };
  static const luaL_Reg signal_methods[] = {
    {"wait", l_signal_wait}, {"fire", l_signal_fire}, {"is_set", l_signal_is_set}, {NULL, NULL},
  };
  set_functions(L, KR_TASK_META, task_methods, l_task_gc);
  set_functions(L, KR_SIGNAL_META, signal_methods, NULL);
}

int kr_open_task(lua_State *L)
{
  static const luaL_Reg functions[] = {
    {"spawn", l_spawn}, {"running", l_running}, {"shield", l_shield}, {"stop", l_stop}, {"sleep", l_sleep},
    {"now", l_now}, {"signal", l_signal}, {"stats", l_stats}, {"lost", l_lost}, {NULL, NULL},
  };
  luaL_newlib(L, functions);
  return 1;
}
