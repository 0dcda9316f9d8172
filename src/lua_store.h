/* lua_store: databases for Lua (module karun.native.store). Raw: see lua/karun/store.lua. */
#ifndef KR_LUA_STORE_H
#define KR_LUA_STORE_H

#include <lua.h>

int kr_open_store(lua_State *L);

#endif
