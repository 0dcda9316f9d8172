/* lua_tick: see lua_tick.h. */
#include "lua_tick.h"

#include <lauxlib.h>

#include "base.h"
#include "task.h"
#include "tick.h"

static const char TICK[] = "karun.tick";

struct tick {
  lua_State *L;              /* the main state: outside of every task */
  struct kr_tick *tick;
};

static void stop(struct tick *self)
{
  kr_tick_destroy(self->tick);
  self->tick = NULL;
  lua_pushnil(self->L);
  lua_rawsetp(self->L, LUA_REGISTRYINDEX, self);
}

static void on_tick(void *arg)
{
  struct tick *self = arg;
  lua_State *L = self->L;
  lua_checkstack(L, 8);
  lua_rawgetp(L, LUA_REGISTRYINDEX, self); /* fn and userdata, kept alive while it ticks */
  lua_rawgeti(L, -1, 1);
  if (lua_pcall(L, 0, 0, 0)) {
    kr_log(KR_LOG_ERROR, "internal: a tick failed: %s", luaL_tolstring(L, -1, NULL));
    lua_pop(L, 2);
    if (self->tick) stop(self);
  }
  lua_pop(L, 1);
}

/* every(seconds, fn) -> tick */
static int l_every(lua_State *L)
{
  double seconds = luaL_checknumber(L, 1);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  struct tick *self = lua_newuserdatauv(L, sizeof *self, 0);
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  *self = (struct tick){.L = lua_tothread(L, -1)};
  lua_pop(L, 1);
  luaL_setmetatable(L, TICK);
  lua_createtable(L, 2, 0);
  lua_pushvalue(L, 2);
  lua_rawseti(L, -2, 1);
  lua_pushvalue(L, -2);
  lua_rawseti(L, -2, 2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, self);
  self->tick = kr_tick_create(kr_lua_loop(L), seconds, on_tick, self);
  return 1;
}

static int l_stop(lua_State *L)
{
  struct tick *self = luaL_checkudata(L, 1, TICK);
  if (self->tick) stop(self);
  return 0;
}

int kr_open_tick(lua_State *L)
{
  static const luaL_Reg methods[] = {{"stop", l_stop}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"every", l_every}, {NULL, NULL}};
  luaL_newmetatable(L, TICK);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, l_stop);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
