/* lua_budget: what --sandbox allows a flow of time without a wait and of memory. */
#ifndef KR_LUA_BUDGET_H
#define KR_LUA_BUDGET_H

#include <lua.h>

int kr_open_budget(lua_State *L);        /* module karun.native.budget */

#endif
