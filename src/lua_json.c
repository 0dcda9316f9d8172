/* lua_json: see lua_json.h. A half-made tree lives in a userdata, so that an error loses nothing. */
#include "lua_json.h"

#include <lauxlib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "lua_error.h"

static const char TREE[] = "karun.json.tree", LIST[] = "karun.list";
static char null_key;
static const double WHOLE = 9007199254740992.0; /* 2^53 */

/* ---- out of cJSON ---- */

static void push_number(lua_State *L, double value)
{
  bool whole = value >= -WHOLE && value <= WHOLE && value == floor(value) && !(value == 0 && signbit(value));
  if (whole) lua_pushinteger(L, (lua_Integer)value);
  else lua_pushnumber(L, value);
}

static void push_text(lua_State *L, const cJSON *item)
{
  size_t len;
  char *owned;
  const char *text = kr_json_text(item, &len, &owned);
  lua_pushlstring(L, text, len);
  free(owned);
}

static void push_name(lua_State *L, const char *name)
{
  cJSON item = {.type = cJSON_String, .valuestring = (char *)(uintptr_t)name};
  push_text(L, &item);
}

void kr_push_json(lua_State *L, const cJSON *item)
{
  luaL_checkstack(L, 4, "a deep JSON value");
  switch (item ? item->type & 0xFF : cJSON_NULL) {
  case cJSON_True: lua_pushboolean(L, 1); break;
  case cJSON_False: lua_pushboolean(L, 0); break;
  case cJSON_Number: push_number(L, item->valuedouble); break;
  case cJSON_String: push_text(L, item); break;
  case cJSON_Array: {
    int n = 0;
    lua_createtable(L, 8, 0);
    for (const cJSON *child = item->child; child; child = child->next) {
      kr_push_json(L, child);
      lua_rawseti(L, -2, ++n);
    }
    luaL_setmetatable(L, LIST);
    break;
  }
  case cJSON_Object:
    lua_createtable(L, 0, 8);
    for (const cJSON *child = item->child; child; child = child->next) {
      push_name(L, child->string);
      kr_push_json(L, child);
      lua_rawset(L, -3);
    }
    break;
  default: lua_rawgetp(L, LUA_REGISTRYINDEX, &null_key);
  }
}

/* ---- into cJSON ---- */

static bool is_list(lua_State *L, int index)
{
  if (lua_getmetatable(L, index)) {
    luaL_getmetatable(L, LIST);
    bool marked = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    if (marked) return true;
  }
  return lua_rawlen(L, index) > 0;
}

static cJSON *to_json(lua_State *L, int index, int depth);

static cJSON *add(lua_State *L, cJSON *parent, const char *name, int depth)
{
  cJSON *child = to_json(L, lua_gettop(L), depth + 1);
  if (name) cJSON_AddItemToObject(parent, name, child);
  else cJSON_AddItemToArray(parent, child);
  return child;
}

static void check_list_keys(lua_State *L, int index, lua_Integer n)
{
  lua_Integer seen = 0;
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
    if (!lua_isinteger(L, -2) || lua_tointeger(L, -2) < 1 || lua_tointeger(L, -2) > n)
      kr_raise(L, KR_USAGE, "a table that is both a list and a map (key `%s`), or has holes, has no JSON form", luaL_tolstring(L, -2, NULL));
    seen++;
  }
  if (seen != n) kr_raise(L, KR_USAGE, "a list with holes has no JSON form");
}

/* Children are added to the tree at once: the root's userdata always owns all that was made. */
static void fill_list(lua_State *L, int index, cJSON *list, int depth)
{
  lua_Integer n = (lua_Integer)lua_rawlen(L, index);
  check_list_keys(L, index, n);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, index, i);
    add(L, list, NULL, depth);
    lua_pop(L, 1);
  }
}

static void fill_map(lua_State *L, int index, cJSON *map, int depth)
{
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING)
      kr_raise(L, KR_USAGE, "a JSON object has texts as keys, not a %s", luaL_typename(L, -2));
    size_t len;
    const char *key = lua_tolstring(L, -2, &len);
    cJSON *coded = kr_json_string(key, len); /* a key may hold NUL too */
    lua_pushstring(L, coded->valuestring);
    cJSON_Delete(coded);
    lua_insert(L, -2);
    add(L, map, lua_tostring(L, -2), depth);
    lua_remove(L, -2);
  }
}

/* As digits: cJSON's own way prints a number, reads it back and compares, and has doubles only. */
static cJSON *json_integer(lua_Integer value)
{
  char digits[32];
  snprintf(digits, sizeof digits, "%lld", (long long)value);
  return cJSON_CreateRaw(digits);
}

static cJSON *scalar(lua_State *L, int index)
{
  size_t len;
  const char *text;
  switch (lua_type(L, index)) {
  case LUA_TNIL: return cJSON_CreateNull();
  case LUA_TBOOLEAN: return cJSON_CreateBool(lua_toboolean(L, index));
  case LUA_TNUMBER:
    if (lua_isinteger(L, index)) return json_integer(lua_tointeger(L, index));
    if (!isfinite(lua_tonumber(L, index))) kr_raise(L, KR_USAGE, "JSON has no form for %f", lua_tonumber(L, index));
    return cJSON_CreateNumber(lua_tonumber(L, index));
  case LUA_TSTRING:
    text = lua_tolstring(L, index, &len);
    if (!kr_utf8_valid(text, len)) kr_raise(L, KR_USAGE, "a text that is not UTF-8 cannot be sent");
    return kr_json_string(text, len);
  case LUA_TUSERDATA:
    lua_rawgetp(L, LUA_REGISTRYINDEX, &null_key);
    bool null = lua_rawequal(L, -1, index);
    lua_pop(L, 1);
    if (null) return cJSON_CreateNull();
  }
  kr_raise(L, KR_USAGE, "a %s has no JSON form", luaL_typename(L, index));
}

/* A container is hung into its parent before it is filled: filling may raise. */
static cJSON *to_json(lua_State *L, int index, int depth)
{
  if (depth > KR_JSON_DEPTH) kr_raise(L, KR_TOO_LARGE, "a value of more than %d levels, or one that holds itself", KR_JSON_DEPTH);
  luaL_checkstack(L, 8, "a deep value");
  if (!lua_istable(L, index)) return scalar(L, index);
  bool list = is_list(L, index);
  cJSON **root = lua_newuserdatauv(L, sizeof *root, 0);
  *root = NULL;
  luaL_setmetatable(L, TREE);
  *root = list ? cJSON_CreateArray() : cJSON_CreateObject();
  if (list) fill_list(L, index, *root, depth);
  else fill_map(L, index, *root, depth);
  cJSON *tree = *root;
  *root = NULL;
  lua_pop(L, 1);
  return tree;
}

cJSON *kr_check_json(lua_State *L, int index)
{
  return to_json(L, lua_absindex(L, index), 1);
}

static int l_tree_gc(lua_State *L)
{
  cJSON **root = lua_touserdata(L, 1);
  cJSON_Delete(*root);
  *root = NULL;
  return 0;
}

/* ---- karun.json ---- */

static int l_encode(lua_State *L)
{
  bool pretty = lua_toboolean(L, 2);
  cJSON *tree = kr_check_json(L, 1);
  size_t len;
  char *text = kr_json_print(tree, pretty, &len);
  cJSON_Delete(tree);
  lua_pushlstring(L, text ? text : "null", text ? len : 4);
  free(text);
  return 1;
}

static int l_decode(lua_State *L)
{
  size_t len, bad_at;
  const char *text = luaL_checklstring(L, 1, &len);
  cJSON *tree = kr_json_parse(text, len, &bad_at);
  if (!tree) {
    int line = 1, column = 1;
    for (size_t i = 0; i < bad_at && i < len; i++) {
      if (text[i] == '\n') { line++; column = 1; } else column++;
    }
    return kr_raise(L, KR_USAGE, "not JSON: line %d, column %d", line, column);
  }
  cJSON **holder = lua_newuserdatauv(L, sizeof *holder, 0);
  *holder = tree;
  luaL_setmetatable(L, TREE);
  kr_push_json(L, tree);
  cJSON_Delete(tree);
  *holder = NULL;
  return 1;
}

static int l_array(lua_State *L)
{
  if (lua_isnoneornil(L, 1)) { lua_settop(L, 0); lua_newtable(L); }
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  luaL_setmetatable(L, LIST);
  return 1;
}

static int l_null_tostring(lua_State *L)
{
  lua_pushliteral(L, "null");
  return 1;
}

int kr_open_json(lua_State *L)
{
  static const luaL_Reg functions[] = {{"encode", l_encode}, {"decode", l_decode}, {"array", l_array}, {NULL, NULL}};
  luaL_newmetatable(L, TREE);
  lua_pushcfunction(L, l_tree_gc);
  lua_setfield(L, -2, "__gc");
  luaL_newmetatable(L, LIST);
  lua_pushstring(L, LIST);
  lua_setfield(L, -2, "__name");
  lua_newuserdatauv(L, 0, 0);
  lua_createtable(L, 0, 2);
  lua_pushcfunction(L, l_null_tostring);
  lua_setfield(L, -2, "__tostring");
  lua_pushliteral(L, "karun.json.null");
  lua_setfield(L, -2, "__name");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &null_key);
  luaL_newlib(L, functions);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &null_key);
  lua_setfield(L, -2, "null");
  return 1;
}
