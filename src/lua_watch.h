/* lua_watch: what happens to a file or in a folder, as a wait (part of karun.native.file). */
#ifndef KR_LUA_WATCH_H
#define KR_LUA_WATCH_H

#include <lua.h>

int kr_lua_watch(lua_State *L);            /* watch(path) -> watch with next(timeout), close() */

#endif
