/* lua_json: see lua_json.h. A tree that is being read lives in a userdata, so that an error loses nothing. */
#include "lua_json.h"

#include <lauxlib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "lua_error.h"

static const char TREE[] = "karun.json.tree", LIST[] = "karun.list";
static char null_key, text_key;
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

static int count_children(const cJSON *item)
{
  int n = 0;
  for (const cJSON *child = item->child; child; child = child->next) n++;
  return n;
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
    lua_createtable(L, count_children(item), 0);
    for (const cJSON *child = item->child; child; child = child->next) {
      kr_push_json(L, child);
      lua_rawseti(L, -2, ++n);
    }
    luaL_setmetatable(L, LIST);
    break;
  }
  case cJSON_Object:
    lua_createtable(L, 0, count_children(item));
    for (const cJSON *child = item->child; child; child = child->next) {
      push_name(L, child->string);
      kr_push_json(L, child);
      lua_rawset(L, -3);
    }
    break;
  default: lua_rawgetp(L, LUA_REGISTRYINDEX, &null_key);
  }
}

/* ---- to text ---- */

struct writer {
  lua_State *L;
  struct kr_buf *out;
  bool pretty;
};

static void check(struct writer *w, int err)
{
  if (err) kr_raise(w->L, KR_TOO_LARGE, "a value of more than %d MB as JSON", KR_JSON_LIMIT >> 20);
}

static void put(struct writer *w, const char *bytes, size_t len)
{
  check(w, kr_buf_add(w->out, bytes, len));
}

static void put_tabs(struct writer *w, int n)
{
  while (n-- > 0) put(w, "\t", 1);
}

static void put_text(struct writer *w, int index)
{
  size_t len;
  const char *text = lua_tolstring(w->L, index, &len);
  if (!kr_utf8_valid(text, len)) kr_raise(w->L, KR_USAGE, "a text that is not UTF-8 cannot be sent");
  check(w, kr_json_add_text(w->out, text, len));
}

/* The shortest of 15 and 17 digits that reads back as the same number. */
static void put_number(struct writer *w, int index)
{
  char digits[32];
  double value = lua_tonumber(w->L, index);
  int n;
  if (lua_isinteger(w->L, index)) {
    n = snprintf(digits, sizeof digits, "%lld", (long long)lua_tointeger(w->L, index));
  } else {
    if (!isfinite(value)) kr_raise(w->L, KR_USAGE, "JSON has no form for %f", value);
    n = snprintf(digits, sizeof digits, "%.15g", value);
    if (strtod(digits, NULL) != value) n = snprintf(digits, sizeof digits, "%.17g", value);
  }
  put(w, digits, (size_t)n);
}

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

static void put_value(struct writer *w, int index, int depth);

static void put_list(struct writer *w, int index, int depth)
{
  lua_State *L = w->L;
  lua_Integer n = (lua_Integer)lua_rawlen(L, index);
  check_list_keys(L, index, n);
  put(w, "[", 1);
  for (lua_Integer i = 1; i <= n; i++) {
    if (i > 1) put(w, ", ", w->pretty ? 2 : 1);
    lua_rawgeti(L, index, i);
    put_value(w, lua_gettop(L), depth + 1);
    lua_pop(L, 1);
  }
  put(w, "]", 1);
}

static void put_map(struct writer *w, int index, int depth)
{
  lua_State *L = w->L;
  bool first = true;
  put(w, "{\n", w->pretty ? 2 : 1);
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING)
      kr_raise(L, KR_USAGE, "a JSON object has texts as keys, not a %s", luaL_typename(L, -2));
    if (!first) put(w, ",\n", w->pretty ? 2 : 1);
    first = false;
    if (w->pretty) put_tabs(w, depth);
    put_text(w, lua_gettop(L) - 1);
    put(w, ":\t", w->pretty ? 2 : 1);
    put_value(w, lua_gettop(L), depth + 1);
  }
  if (w->pretty && !first) put(w, "\n", 1);
  if (w->pretty) put_tabs(w, depth - 1);
  put(w, "}", 1);
}

static bool is_null(lua_State *L, int index)
{
  lua_rawgetp(L, LUA_REGISTRYINDEX, &null_key);
  bool same = lua_rawequal(L, -1, index);
  lua_pop(L, 1);
  return same;
}

static void put_value(struct writer *w, int index, int depth)
{
  lua_State *L = w->L;
  if (depth > KR_JSON_DEPTH) kr_raise(L, KR_TOO_LARGE, "a value of more than %d levels, or one that holds itself", KR_JSON_DEPTH);
  switch (lua_type(L, index)) {
  case LUA_TTABLE:
    luaL_checkstack(L, 8, "a deep value");
    if (is_list(L, index)) put_list(w, index, depth);
    else put_map(w, index, depth);
    return;
  case LUA_TSTRING: put_text(w, index); return;
  case LUA_TNUMBER: put_number(w, index); return;
  case LUA_TBOOLEAN: lua_toboolean(L, index) ? put(w, "true", 4) : put(w, "false", 5); return;
  case LUA_TNIL: put(w, "null", 4); return;
  default:
    if (!is_null(L, index)) kr_raise(L, KR_USAGE, "a %s has no JSON form", luaL_typename(L, index));
    put(w, "null", 4);
  }
}

static int l_text_gc(lua_State *L)
{
  kr_buf_free(lua_touserdata(L, 1));
  return 0;
}

/* Nothing in here runs a script, so there is never a second writer: one buffer is used again and again. */
const struct kr_buf *kr_check_json(lua_State *L, int index, bool pretty)
{
  index = lua_absindex(L, index);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &text_key);
  struct writer w = {.L = L, .out = lua_touserdata(L, -1), .pretty = pretty};
  lua_pop(L, 1);
  kr_buf_restart(w.out);
  put_value(&w, index, 1);
  return w.out;
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
  const struct kr_buf *text = kr_check_json(L, 1, lua_toboolean(L, 2));
  lua_pushlstring(L, text->data, text->len);
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
  struct kr_buf *text = lua_newuserdatauv(L, sizeof *text, 0);
  *text = KR_BUF_INIT(KR_JSON_LIMIT);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, l_text_gc);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &text_key);
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
