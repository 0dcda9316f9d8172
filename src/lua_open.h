/* lua_open: one Lua state with karun's native modules and the path to its library. */
#ifndef KR_LUA_OPEN_H
#define KR_LUA_OPEN_H

#include <lua.h>

#include "loop.h"

/* Gives a state whose `require` finds karun.native.* and the library at share (ends in /lua/). Borrows both. */
lua_State *kr_lua_open(struct kr_loop *loop, const char *share);

#endif
