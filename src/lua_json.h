/* lua_json: cJSON trees to Lua values and back. null is karun.json.null; lists keep a metatable, so
 * that an empty list stays one. */
#ifndef KR_LUA_JSON_H
#define KR_LUA_JSON_H

#include <cjson/cJSON.h>
#include <lua.h>

enum { KR_JSON_DEPTH = 200 };

void kr_push_json(lua_State *L, const cJSON *item);     /* pushes one value; tree is borrowed */
/* Gives the tree of the value at index, or raises `usage` / `too_large`. */
cJSON *kr_check_json(lua_State *L, int index);
int kr_open_json(lua_State *L);                          /* module karun.native.json */

#endif
