/* lua_tick: module karun.native.tick. every(seconds, fn) -> tick; tick:stop(). fn runs outside of any
 * task and must not wait; an error of it is logged and stops the tick. */
#ifndef KR_LUA_TICK_H
#define KR_LUA_TICK_H

#include <lua.h>

int kr_open_tick(lua_State *L);

#endif
