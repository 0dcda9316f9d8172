/* task: see task.h. A task is a userdata that owns one coroutine; while it has not ended the registry
 * keeps it. Waits of a coroutine that a script made itself are passed outwards by coroutine.c. */
#include "runtime.h"

#include <lauxlib.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lua_error.h"

static const char OP[] = "karun.op";
char kr_task_token;

/* ---- latch: a thing that happens once, with any number of ops waiting for it ---- */

void kr_latch_forget(struct kr_wait *wait)
{
  struct latch_op *op = (struct latch_op *)(void *)wait;
  if (!op->link) return;
  *op->link = op->next;
  if (op->next) op->next->link = op->link;
  op->link = NULL;
}

void kr_latch_join(struct latch *latch, struct latch_op *op)
{
  op->next = latch->first;
  op->link = &latch->first;
  if (op->next) op->next->link = &op->next;
  latch->first = op;
}

void kr_latch_set(struct latch *latch)
{
  latch->set = true;
  while (latch->first) {
    struct latch_op *last = latch->first; /* the list is newest first; first come, first told */
    while (last->next) last = last->next;
    kr_latch_forget(&last->op.wait);
    kr_wait_end(&last->op.wait, 0);
  }
}

/* ---- ops ---- */

struct runtime *kr_runtime(lua_State *L)
{
  lua_rawgetp(L, LUA_REGISTRYINDEX, &kr_task_token);
  struct runtime *rt = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return rt;
}

struct kr_loop *kr_lua_loop(lua_State *L)
{
  return kr_runtime(L)->loop;
}

static void on_op_ended(struct kr_wait *wait)
{
  struct kr_op *op = (struct kr_op *)(void *)wait;
  struct kr_task *task = op->task;
  if (!task || task->at != op) return;
  task->at = NULL;
  task->ready.run(&task->ready);
}

static void op_release(struct kr_op *op)
{
  kr_wait_finish(&op->wait);
  void (*release)(struct kr_op *) = op->release;
  op->release = NULL;
  if (release) release(op);
}

static int l_op_gc(lua_State *L)
{
  struct kr_op *op = lua_touserdata(L, 1);
  struct kr_task *task = op->task;
  op->task = NULL;
  op_release(op);
  if (task && task->at == op) { /* its inner coroutine was closed under it */
    task->at = NULL;
    kr_loop_ready(task->rt->loop, &task->ready);
  }
  return 0;
}

void *kr_op_new(lua_State *L, size_t size, const char *what, void (*forget)(struct kr_wait *),
                int (*finish)(lua_State *, struct kr_op *), void (*release)(struct kr_op *))
{
  struct runtime *rt = kr_runtime(L);
  struct kr_op *op = lua_newuserdatauv(L, size, 1);
  memset(op, 0, size);
  kr_wait_init(&op->wait, rt->loop, forget);
  op->wait.ended = on_op_ended;
  op->what = what;
  op->finish = finish;
  op->release = release;
  luaL_setmetatable(L, OP);
  return op;
}

/* What ends any wait, whatever it is for. NULL: the wait's own finish has the word. */
static const char *end_words(int status)
{
  if (status == -KR_INTERRUPTED) return "interrupted";
  if (status == -KR_LIMIT) return "the run's time limit is reached";
  if (status == -KR_DEADLOCK) return "every task waits for something that nothing can bring any more";
  return NULL;
}

static int finish_op(lua_State *L, int status, lua_KContext ctx)
{
  (void)status;
  struct kr_op *op = lua_touserdata(L, (int)ctx);
  op->task = NULL;
  const char *words = end_words(op->wait.status);
  if (words) {
    int kind = -op->wait.status;
    op_release(op);
    return kr_raise(L, kind, "%s", words);
  }
  int n = op->finish ? op->finish(L, op) : op->wait.status ? kr_op_raise(L, op, "%s", op->what) : 0;
  op_release(op); /* after an error from finish the collector does it */
  return n;
}

int kr_op_wait(lua_State *L, void *pointer, double timeout)
{
  struct kr_op *op = pointer;
  struct runtime *rt = kr_runtime(L);
  struct kr_task *task = rt->running;
  if (!task || !lua_isyieldable(L)) {
    op_release(op);
    return kr_raise(L, KR_USAGE, "%s: one cannot wait here (inside table.sort, string.gsub, tostring, a __gc, or the load of a plain `require`d C function)", op->what);
  }
  op->task = task;
  task->at = op;
  kr_wait_start(&op->wait, timeout);
  if (task->cancel && !task->shield) kr_wait_abandon(&op->wait, -task->cancel);
  int place = lua_gettop(L);
  lua_pushlightuserdata(L, &kr_task_token);
  return lua_yieldk(L, 1, (lua_KContext)place, finish_op);
}

int kr_op_raise(lua_State *L, struct kr_op *op, const char *format, ...)
{
  char message[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  int kind = op->wait.status ? -op->wait.status : KR_INTERNAL;
  kr_push_error(L, kind, "%s%s", message, kind == KR_TIMEOUT ? ": time is up" : kind == KR_CANCELLED ? ": cancelled" : "");
  if (kind == KR_TIMEOUT) {
    lua_pushboolean(L, 1);
    lua_setfield(L, -2, "timed_out");
  }
  op_release(op);
  return lua_error(L);
}

double kr_opt_seconds(lua_State *L, int index, double fallback)
{
  if (lua_isnoneornil(L, index)) return fallback;
  double seconds = luaL_checknumber(L, index);
  if (isnan(seconds) || seconds < 0) kr_raise(L, KR_USAGE, "a time is a number of seconds from 0 to math.huge");
  return seconds;
}

/* ---- tasks ---- */

/* results or error are on task->co; keep them as a table in the task's user value 2 */
static void task_ended(struct kr_task *task, int status, int nres)
{
  lua_State *co = task->co, *L = task->rt->L;
  bool obeyed = false;                                    /* it was cancelled and ended by that: no fault */
  task->failed = status != LUA_OK;
  lua_rawgetp(L, LUA_REGISTRYINDEX, task);                /* L: task */
  if (task->failed) {
    kr_as_error(co);
    lua_getfield(co, -1, "kind");
    const char *kind = lua_tostring(co, -1);
    obeyed = task->cancel && kind && !strcmp(kind, kr_kind_name(task->cancel));
    lua_pop(co, 1);
    lua_xmove(co, L, 1);
  } else {
    lua_checkstack(L, 4);
    lua_createtable(co, nres, 1);
    lua_insert(co, -nres - 1);
    lua_pushinteger(co, nres);
    lua_setfield(co, -nres - 2, "n");
    for (int i = nres; i > 0; i--) lua_rawseti(co, -i - 1, i);
    lua_xmove(co, L, 1);
  }
  lua_setiuservalue(L, -2, 2);
  task->done = true;
  task->at = NULL;
  task->rt->tasks--;
  lua_pushnil(L);
  lua_setiuservalue(L, -2, 1);
  task->co = NULL;
  if (task->failed && !obeyed && task != task->rt->main) { /* remembered until somebody asks for its outcome */
    lua_getfield(L, LUA_REGISTRYINDEX, "karun.lost");
    lua_pushvalue(L, -2);
    lua_rawsetp(L, -2, task);
    lua_pop(L, 1);
  }
  kr_latch_set(task->ended);
  lua_pop(L, 1);
  lua_pushnil(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, task);
}

static void task_resume(struct kr_ready *ready)
{
  struct kr_task *task = (struct kr_task *)(void *)((char *)ready - offsetof(struct kr_task, ready));
  struct runtime *rt = task->rt;
  if (task->done || task->at) return;
  int nargs = task->nargs, nres = 0;
  task->nargs = 0;
  rt->running = task;
  rt->busy = task->co;
  int status = lua_resume(task->co, rt->L, nargs, &nres);
  rt->busy = NULL;
  rt->running = NULL;
  if (status != LUA_YIELD) {
    task_ended(task, status, nres);
    return;
  }
  bool ours = nres == 1 && lua_touserdata(task->co, -1) == &kr_task_token;
  lua_pop(task->co, nres);
  if (!ours) { /* a stray coroutine.yield at the top of a task: let others run, then go on */
    kr_loop_ready(rt->loop, &task->ready);
  }
}

static int on_body_error(lua_State *L)
{
  bool bare = !kr_is_error(L, -1);
  kr_as_error(L);
  if (bare) {
    luaL_traceback(L, L, NULL, 1);
    lua_setfield(L, -2, "traceback");
  }
  return 1;
}

static int body_ended(lua_State *L, int status, lua_KContext ctx)
{
  (void)ctx;
  if (status != LUA_OK && status != LUA_YIELD) return lua_error(L);
  return lua_gettop(L) - 1;
}

/* The body runs under a pcall of its own, so that its <close> variables run inside the coroutine and may wait. */
static int task_body(lua_State *L)
{
  lua_pushcfunction(L, on_body_error);
  lua_insert(L, 1);
  return body_ended(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 1, 0, body_ended), 0);
}

/* function and nargs arguments at the top of L -> task userdata at the top */
struct kr_task *kr_task_spawn(lua_State *L, int nargs)
{
  struct runtime *rt = kr_runtime(L);
  struct kr_task *task = lua_newuserdatauv(L, sizeof *task, 2);
  *task = (struct kr_task){.rt = rt, .ready = {.run = task_resume}, .nargs = nargs + 1};
  task->ended = kr_alloc(sizeof *task->ended);
  luaL_setmetatable(L, KR_TASK_META);
  task->co = lua_newthread(L);
  lua_setiuservalue(L, -2, 1);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, task);
  lua_insert(L, -nargs - 2);
  lua_pushcfunction(task->co, task_body);
  lua_xmove(L, task->co, nargs + 1);
  rt->tasks++;
  kr_loop_ready(rt->loop, &task->ready);
  return task;
}

void kr_task_cancel(struct kr_task *task, int kind)
{
  if (task->done || task->cancel) return;
  task->cancel = kind;
  if (task->at && !task->shield) kr_wait_abandon(&task->at->wait, -kind);
}

int kr_task_outcome(lua_State *L, struct kr_task *task, int index)
{
  lua_getiuservalue(L, index, 2);
  if (task->failed) return 1;
  int table = lua_gettop(L);
  lua_getfield(L, table, "n");
  int n = (int)lua_tointeger(L, -1);
  lua_pop(L, 1);
  luaL_checkstack(L, n, "results of a task");
  for (int i = 1; i <= n; i++) lua_rawgeti(L, table, i);
  return n;
}

/* ---- interrupt: the loop is deaf while Lua runs, so a handler plants a hook ---- */

enum { CLEAN_UP_BUDGET = 1000000 };  /* instructions, some 10 ms */
static struct runtime *the_runtime;   /* a signal handler has no argument */

static bool is_library(lua_State *L, lua_Debug *frame)
{
  return lua_getinfo(L, "S", frame) && kr_is_library(frame->source);
}

/* Raised once, then the script's clean-up has a budget of instructions; a script that goes on after that
 * (it swallowed the error) gets it at each instruction of its own code. Karun's own code is left in peace. */
static void hook_interrupt(lua_State *L, lua_Debug *frame)
{
  struct runtime *rt = the_runtime;
  if (!rt || !rt->running || rt->running->shield || is_library(L, frame)) return;
  if (rt->interrupts++) lua_sethook(L, hook_interrupt, LUA_MASKCOUNT, 1);
  else lua_sethook(L, hook_interrupt, LUA_MASKCOUNT, CLEAN_UP_BUDGET);
  kr_raise(L, KR_INTERRUPTED, "interrupted");
}

void kr_task_interrupt(void)
{
  struct runtime *rt = the_runtime;
  lua_State *busy = rt ? rt->busy : NULL;
  if (busy) lua_sethook(busy, hook_interrupt, LUA_MASKCOUNT, 1);
}

void kr_task_stop(lua_State *L, int kind)
{
  struct runtime *rt = kr_runtime(L);
  if (rt->main) kr_task_cancel(rt->main, kind);
}

/* ---- set-up ---- */

void kr_task_setup(lua_State *L, struct kr_loop *loop)
{
  struct runtime *rt = lua_newuserdatauv(L, sizeof *rt, 0);
  *rt = (struct runtime){.loop = loop, .L = L};
  lua_rawsetp(L, LUA_REGISTRYINDEX, &kr_task_token);
  lua_newtable(L);
  lua_setfield(L, LUA_REGISTRYINDEX, "karun.lost");
  the_runtime = rt;
  luaL_newmetatable(L, OP);
  lua_pushcfunction(L, l_op_gc);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  kr_lua_task_setup(L);
  kr_coroutine_setup(L);
}

int kr_task_main(lua_State *L, int nargs)
{
  struct runtime *rt = kr_runtime(L);
  struct kr_task *task = rt->main = kr_task_spawn(L, nargs);
  while (kr_loop_run(rt->loop, &task->done)) { /* a deadlock: the main task hears of it at its wait */
    task->cancel = task->shield = 0; /* also in its clean-up */
    kr_task_cancel(task, KR_DEADLOCK);
  }
  rt->main = NULL;
  kr_task_outcome(L, task, lua_gettop(L));
  return task->failed ? -KR_INTERNAL : 0;
}
