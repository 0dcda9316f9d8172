/* lua_base64: bytes to base64 and back, for Lua (module karun.native.base64). */
#ifndef KR_LUA_BASE64_H
#define KR_LUA_BASE64_H

#include <lua.h>

int kr_open_base64(lua_State *L);

#endif
