/* lua_cdp: protocol connections for Lua (module karun.native.cdp). */
#ifndef KR_LUA_CDP_H
#define KR_LUA_CDP_H

#include <lua.h>

struct kr_channel;

int kr_open_cdp(lua_State *L);
/* Pushes a connection over the channel (taken). */
void kr_push_connection(lua_State *L, struct kr_channel *channel);

#endif
