/* lua_alarm: see lua_alarm.h. */
#include "lua_alarm.h"

#include <lauxlib.h>

#include "alarm.h"
#include "base.h"
#include "task.h"

static const char ALARM[] = "karun.alarm";

struct alarm {
  lua_State *L;              /* the main state: outside of every task */
  struct kr_alarm *alarm;
};

static void stop(struct alarm *self)
{
  kr_alarm_destroy(self->alarm);
  self->alarm = NULL;
  lua_pushnil(self->L);
  lua_rawsetp(self->L, LUA_REGISTRYINDEX, self);
}

static void on_ring(void *arg)
{
  struct alarm *self = arg;
  lua_State *L = self->L;
  lua_checkstack(L, 8);
  lua_rawgetp(L, LUA_REGISTRYINDEX, self); /* fn and userdata, kept alive until it is stopped */
  lua_rawgeti(L, -1, 1);
  if (lua_pcall(L, 0, 0, 0)) {
    kr_log(KR_LOG_ERROR, "internal: an alarm failed: %s", luaL_tolstring(L, -1, NULL));
    lua_pop(L, 2);
    if (self->alarm) stop(self);
  }
  lua_pop(L, 1);
}

/* new(fn) -> alarm, not set yet */
static int l_new(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TFUNCTION);
  struct alarm *self = lua_newuserdatauv(L, sizeof *self, 0);
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  *self = (struct alarm){.L = lua_tothread(L, -1)};
  lua_pop(L, 1);
  luaL_setmetatable(L, ALARM);
  lua_createtable(L, 2, 0);
  lua_pushvalue(L, 1);
  lua_rawseti(L, -2, 1);
  lua_pushvalue(L, -2);
  lua_rawseti(L, -2, 2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, self);
  self->alarm = kr_alarm_create(kr_lua_loop(L), on_ring, self);
  return 1;
}

static int l_set(lua_State *L)
{
  struct alarm *self = luaL_checkudata(L, 1, ALARM);
  if (self->alarm) kr_alarm_set(self->alarm, luaL_checknumber(L, 2));
  return 0;
}

static int l_stop(lua_State *L)
{
  struct alarm *self = luaL_checkudata(L, 1, ALARM);
  if (self->alarm) stop(self);
  return 0;
}

int kr_open_alarm(lua_State *L)
{
  static const luaL_Reg methods[] = {{"set", l_set}, {"stop", l_stop}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"new", l_new}, {NULL, NULL}};
  luaL_newmetatable(L, ALARM);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, l_stop);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
