/* coroutine: the script's own coroutines. A wait inside one (coroutine.wrap around a click) is passed
 * outwards to its task by our versions of coroutine.resume and wrap; all else is as in Lua. Together
 * with task.c the only place that yields and resumes. */
#include "runtime.h"

#include <lauxlib.h>

#include "lua_error.h"

enum { WRAPPED = 1 };

static int resume_step(lua_State *L, lua_State *co, int nargs, int flags);

static int resume_again(lua_State *L, int status, lua_KContext ctx)
{
  (void)status;
  lua_settop(L, 1);
  return resume_step(L, lua_tothread(L, 1), 0, (int)ctx);
}

static int resume_failed(lua_State *L, lua_State *co, int flags)
{
  if (!(flags & WRAPPED)) {
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
  }
  int status = lua_status(co);
  if (status != LUA_OK && status != LUA_YIELD) {
    lua_resetthread(co);
  }
  return lua_error(L);
}

static int resume_step(lua_State *L, lua_State *co, int nargs, int flags)
{
  struct runtime *rt = kr_runtime(L);
  if (lua_status(co) != LUA_YIELD && (lua_status(co) != LUA_OK || lua_gettop(co) == nargs)) {
    lua_pop(co, nargs);
    lua_pushliteral(L, "cannot resume dead coroutine");
    return resume_failed(L, co, flags);
  }
  lua_State *outer = rt->busy;
  int nres = 0;
  rt->busy = co;
  int status = lua_resume(co, L, nargs, &nres);
  rt->busy = outer;
  if (status == LUA_YIELD && nres == 1 && lua_touserdata(co, -1) == &kr_task_token) {
    lua_pop(co, 1);
    lua_settop(L, 1);
    if (!lua_isyieldable(L)) return kr_raise(L, KR_USAGE, "one cannot wait here: a coroutine inside a call that cannot be left");
    lua_pushlightuserdata(L, &kr_task_token);
    return lua_yieldk(L, 1, (lua_KContext)flags, resume_again);
  }
  if (status != LUA_OK && status != LUA_YIELD) {
    lua_xmove(co, L, 1);
    return resume_failed(L, co, flags);
  }
  luaL_checkstack(L, nres + 2, "results of a coroutine");
  if (!(flags & WRAPPED)) lua_pushboolean(L, 1);
  lua_xmove(co, L, nres);
  return nres + (flags & WRAPPED ? 0 : 1);
}

static int resume_from(lua_State *L, lua_State *co, int flags)
{
  int nargs = lua_gettop(L) - 1;
  luaL_checkstack(co, nargs + 1, "arguments of a coroutine");
  lua_xmove(L, co, nargs);
  return resume_step(L, co, nargs, flags);
}

static int l_co_resume(lua_State *L)
{
  lua_State *co = lua_tothread(L, 1);
  luaL_argexpected(L, co, 1, "coroutine");
  return resume_from(L, co, 0);
}

static int l_co_wrapped(lua_State *L)
{
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  return resume_from(L, lua_tothread(L, 1), WRAPPED);
}

static int l_co_wrap(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_State *co = lua_newthread(L);
  lua_pushvalue(L, 1);
  lua_xmove(L, co, 1);
  lua_pushcclosure(L, l_co_wrapped, 1);
  return 1;
}

void kr_coroutine_setup(lua_State *L)
{
  static const luaL_Reg functions[] = {{"resume", l_co_resume}, {"wrap", l_co_wrap}, {NULL, NULL}};
  lua_getglobal(L, "coroutine");
  luaL_setfuncs(L, functions, 0);
  lua_pop(L, 1);
}
