/* lua_file: files for Lua (module karun.native.file). Raw: paths are checked in lua/karun/file.lua. */
#ifndef KR_LUA_FILE_H
#define KR_LUA_FILE_H

#include <lua.h>

int kr_open_file(lua_State *L);

#endif
