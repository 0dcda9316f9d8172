/* lua_proc: child processes for Lua (module karun.native.proc). */
#ifndef KR_LUA_PROC_H
#define KR_LUA_PROC_H

#include <lua.h>

#include "proc.h"

int kr_open_proc(lua_State *L);
struct kr_proc *kr_check_proc(lua_State *L, int index);

#endif
