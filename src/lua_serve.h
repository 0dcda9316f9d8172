/* lua_serve: the HTTP server as Lua sees it: take a request, send bytes, end. */
#ifndef KR_LUA_SERVE_H
#define KR_LUA_SERVE_H

#include <lua.h>

int kr_open_serve(lua_State *L);           /* module karun.native.serve */

#endif
