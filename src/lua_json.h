/* lua_json: cJSON trees to Lua values, Lua values to JSON text. null is karun.json.null; lists keep a metatable, so
 * that an empty list stays one. */
#ifndef KR_LUA_JSON_H
#define KR_LUA_JSON_H

#include <cjson/cJSON.h>
#include <lua.h>
#include <stdbool.h>

#include "base.h"

enum { KR_JSON_DEPTH = 200, KR_JSON_LIMIT = 512 << 20 }; /* levels; bytes of one text */

void kr_push_json(lua_State *L, const cJSON *item);     /* pushes one value; tree is borrowed */
/* Lends the text of the value at index until the next call, or raises `usage` / `too_large`. */
const struct kr_buf *kr_check_json(lua_State *L, int index, bool pretty);
int kr_open_json(lua_State *L);                          /* module karun.native.json */

#endif
