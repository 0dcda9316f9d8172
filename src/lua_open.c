/* lua_open: the list of native modules and the search path. A module is opened at its first use. */
#include "lua_open.h"

#include <lauxlib.h>
#include <lualib.h>

#include "lua_audio.h"
#include "lua_budget.h"
#include "lua_base64.h"
#include "lua_cdp.h"
#include "lua_error.h"
#include "lua_file.h"
#include "lua_http.h"
#include "lua_json.h"
#include "lua_log.h"
#include "lua_proc.h"
#include "lua_serve.h"
#include "lua_tick.h"
#include "lua_ws.h"
#include "lua_store.h"
#include "task.h"

static const luaL_Reg natives[] = {
  {"karun.native.audio", kr_open_audio},
  {"karun.native.budget", kr_open_budget},
  {"karun.native.base64", kr_open_base64},
  {"karun.native.cdp", kr_open_cdp},
  {"karun.native.error", kr_open_error},
  {"karun.native.file", kr_open_file},
  {"karun.native.http", kr_open_http},
  {"karun.native.json", kr_open_json},
  {"karun.native.log", kr_open_log},
  {"karun.native.proc", kr_open_proc},
  {"karun.native.serve", kr_open_serve},
  {"karun.native.store", kr_open_store},
  {"karun.native.task", kr_open_task},
  {"karun.native.tick", kr_open_tick},
  {"karun.native.ws", kr_open_ws},
  {NULL, NULL},
};

static void set_path(lua_State *L, const char *share)
{
  lua_getglobal(L, "package");
  lua_pushfstring(L, "%s?.lua;%s?/init.lua", share, share);
  lua_setfield(L, -2, "path");
  lua_pushliteral(L, "");
  lua_setfield(L, -2, "cpath");
  lua_getfield(L, -1, "preload");
  luaL_setfuncs(L, natives, 0);
  lua_pop(L, 2);
}

lua_State *kr_lua_open(struct kr_loop *loop, const char *share)
{
  lua_State *L = luaL_newstate();
  if (!L) return NULL;
  luaL_openlibs(L);
  kr_task_setup(L, loop);
  /* made at once: every other module raises errors and makes lists */
  luaL_requiref(L, "karun.native.error", kr_open_error, 0);
  luaL_requiref(L, "karun.native.json", kr_open_json, 0);
  lua_pop(L, 2);
  set_path(L, share);
  lua_gc(L, LUA_GCGEN, 0, 0);
  return L;
}
