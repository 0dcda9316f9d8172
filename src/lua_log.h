/* lua_log: log lines, secrets and what the program knows of itself, for Lua (module karun.native.log). */
#ifndef KR_LUA_LOG_H
#define KR_LUA_LOG_H

#include <lua.h>

int kr_open_log(lua_State *L);

#endif
