/* lua_http: one request for Lua (module karun.native.http). Raw: see lua/karun/http.lua. */
#ifndef KR_LUA_HTTP_H
#define KR_LUA_HTTP_H

#include <lua.h>

int kr_open_http(lua_State *L);

#endif
