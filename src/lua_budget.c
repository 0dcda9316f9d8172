/* lua_budget: see lua_budget.h. A hook every so many steps asks how long the loop has not turned; an
 * allocator in front of Lua's own refuses what goes over the ceiling. Both only once they are set: a
 * hook that is always on makes tight loops twice as slow. */
#include "lua_budget.h"

#include <lauxlib.h>
#include <stdint.h>

#include "lua_error.h"
#include "loop.h"
#include "task.h"

enum { STEPS = 1000 * 1000, STEPS_AFTER = 1000 };

static struct {
  double seconds;                          /* of the processor's time between two waits */
  size_t ceiling, used;
  lua_Alloc alloc;
  void *ud;
  struct kr_loop *loop;
} budget;

static double busy_seconds(void)
{
  uint64_t now = uv_hrtime() / 1000000, turned = uv_now(kr_loop_uv(budget.loop));
  return now > turned ? (double)(now - turned) / 1000 : 0;
}

/* A pcall in an endless loop catches one of these; asked more often from then on, it cannot go on. */
static void on_steps(lua_State *L, lua_Debug *frame)
{
  (void)frame;
  if (busy_seconds() <= budget.seconds) return;
  lua_sethook(L, on_steps, LUA_MASKCOUNT, STEPS_AFTER);
  kr_raise(L, KR_LIMIT, "the flow ran for %.0f s without waiting for anything, which --sandbox does not allow",
           budget.seconds);
}

static void *bounded_alloc(void *ud, void *block, size_t osize, size_t nsize)
{
  (void)ud;
  size_t before = block ? osize : 0;
  if (nsize > before && budget.used + (nsize - before) > budget.ceiling) return NULL;
  void *got = budget.alloc(budget.ud, block, osize, nsize);
  if (got || !nsize) budget.used = budget.used - before + nsize;
  return got;
}

/* set(seconds, bytes): from now on, for every coroutine that runs or is made */
static int l_set(lua_State *L)
{
  budget.seconds = luaL_checknumber(L, 1);
  budget.ceiling = (size_t)luaL_checkinteger(L, 2);
  budget.loop = kr_lua_loop(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  lua_sethook(lua_tothread(L, -1), on_steps, LUA_MASKCOUNT, STEPS);   /* new coroutines take it over */
  lua_sethook(L, on_steps, LUA_MASKCOUNT, STEPS);
  if (budget.alloc) return 0;
  budget.used = (size_t)lua_gc(L, LUA_GCCOUNT, 0) * 1024 + (size_t)lua_gc(L, LUA_GCCOUNTB, 0);
  budget.alloc = lua_getallocf(L, &budget.ud);
  lua_setallocf(L, bounded_alloc, NULL);
  return 0;
}

int kr_open_budget(lua_State *L)
{
  static const luaL_Reg functions[] = {{"set", l_set}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
