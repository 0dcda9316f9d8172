/* lua_alarm: module karun.native.alarm. new(fn) -> alarm; alarm:set(seconds); alarm:stop(). fn runs
 * outside of any task and must not wait; an error of it is logged and stops the alarm. */
#ifndef KR_LUA_ALARM_H
#define KR_LUA_ALARM_H

#include <lua.h>

int kr_open_alarm(lua_State *L);

#endif
