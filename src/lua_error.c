/* lua_error: see lua_error.h. */
#include "lua_error.h"

#include <lauxlib.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char META[] = "karun.error";
static const char *library = "";

void kr_error_library(const char *folder)
{
  library = folder;
}

bool kr_is_library(const char *source)
{
  return *source == '@' && *library && !strncmp(source + 1, library, strlen(library));
}

static bool is_script(const lua_Debug *frame)
{
  if (frame->source[0] != '@' || frame->currentline < 0) return false;
  return !kr_is_library(frame->source);
}

/* Pushes "file:line" of the innermost script frame, or nothing. */
static bool push_where(lua_State *L)
{
  lua_Debug frame;
  for (int level = 0; lua_getstack(L, level, &frame); level++) {
    lua_getinfo(L, "Sl", &frame);
    if (!is_script(&frame)) continue;
    lua_pushfstring(L, "%s:%d", frame.source + 1, frame.currentline);
    return true;
  }
  return false;
}

/* error table at the top: where and traceback, once */
static void locate(lua_State *L)
{
  int err = lua_gettop(L);
  if (lua_getfield(L, err, "where") == LUA_TNIL && push_where(L)) lua_setfield(L, err, "where");
  lua_settop(L, err);
  luaL_traceback(L, L, NULL, 0);
  lua_setfield(L, err, "traceback");
}

void kr_push_error(lua_State *L, int kind, const char *format, ...)
{
  char message[4096];
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  luaL_checkstack(L, 8, "error object");
  lua_createtable(L, 0, 6);
  lua_pushstring(L, kr_kind_name(kind));
  lua_setfield(L, -2, "kind");
  lua_pushstring(L, message);
  lua_setfield(L, -2, "message");
  luaL_setmetatable(L, META);
  locate(L);
}

int kr_raise(lua_State *L, int kind, const char *format, ...)
{
  char message[4096];
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  kr_push_error(L, kind, "%s", message);
  lua_error(L);
  abort(); /* lua_error does not return */
}

bool kr_is_error(lua_State *L, int index)
{
  if (!lua_istable(L, index) || !lua_getmetatable(L, index)) return false;
  luaL_getmetatable(L, META);
  bool same = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return same;
}

/* "file.lua:12: text" -> where, message; other texts stay whole. Error string at the top. */
static void split_where(lua_State *L, int err)
{
  const char *text = lua_tostring(L, -1), *colon = strchr(text, ':');
  char *end = NULL;
  while (colon && (strtol(colon + 1, &end, 10), end == colon + 1 || *end != ':')) colon = strchr(colon + 1, ':');
  if (!colon) return;
  lua_pushlstring(L, text, (size_t)(end - text));
  lua_setfield(L, err, "where");
}

void kr_as_error(lua_State *L)
{
  if (kr_is_error(L, -1)) return;
  luaL_checkstack(L, 8, "error object");
  bool text = lua_type(L, -1) == LUA_TSTRING;
  if (!text) luaL_tolstring(L, -1, NULL); /* original, text */
  int at = lua_gettop(L);
  lua_createtable(L, 0, 6);
  lua_pushstring(L, kr_kind_name(KR_USAGE));
  lua_setfield(L, -2, "kind");
  lua_pushvalue(L, at);
  lua_setfield(L, -2, "message");
  lua_pushvalue(L, at);
  split_where(L, at + 1);
  lua_pop(L, 1);
  lua_pushboolean(L, 1);
  lua_setfield(L, -2, "raised");   /* by Lua itself or error("text"), not by karun */
  luaL_setmetatable(L, META);
  lua_replace(L, text ? at : at - 1);
  if (!text) lua_pop(L, 1);
}

/* tostring(err): what a person reads */
static int l_tostring(lua_State *L)
{
  lua_settop(L, 1);
  lua_getfield(L, 1, "message"); /* err, message */
  lua_getfield(L, 1, "where");   /* err, message, where */
  const char *message = luaL_tolstring(L, 2, NULL);
  const char *where = lua_tostring(L, 3);
  if (where && strncmp(message, where, strlen(where)) != 0) lua_pushfstring(L, "%s: %s", where, message);
  else lua_pushstring(L, message);
  return 1;
}

/* new(kind, message, fields?) -> error object */
static int l_new(lua_State *L)
{
  const char *kind = luaL_checkstring(L, 1);
  luaL_checkstring(L, 2);
  if (!kr_kind_from_name(kind)) return kr_raise(L, KR_USAGE, "karun.error: there is no kind `%s`", kind);
  lua_settop(L, 3);
  lua_createtable(L, 0, 8);
  if (lua_istable(L, 3)) {
    for (lua_pushnil(L); lua_next(L, 3);) {
      lua_pushvalue(L, -2);
      lua_insert(L, -2);
      lua_settable(L, 4);
    }
  }
  lua_pushvalue(L, 1);
  lua_setfield(L, 4, "kind");
  lua_pushvalue(L, 2);
  lua_setfield(L, 4, "message");
  luaL_setmetatable(L, META);
  locate(L);
  return 1;
}

static int l_is(lua_State *L)
{
  lua_pushboolean(L, kr_is_error(L, 1));
  return 1;
}

/* wrap(value) -> the value as an error object */
static int l_wrap(lua_State *L)
{
  lua_settop(L, 1);
  kr_as_error(L);
  return 1;
}

/* try(fn, ...) -> true, results | false, error object. As pcall; fn may wait. */
static int finish_try(lua_State *L, int status, lua_KContext ctx)
{
  (void)ctx;
  if (status == LUA_OK || status == LUA_YIELD) {
    lua_pushboolean(L, 1);
    lua_replace(L, 1);
    return lua_gettop(L);
  }
  kr_as_error(L);
  lua_pushboolean(L, 0);
  lua_insert(L, -2);
  return 2;
}

static int l_try(lua_State *L)
{
  luaL_checkany(L, 1);
  lua_pushboolean(L, 1);
  lua_insert(L, 1); /* true, fn, args… */
  return finish_try(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, finish_try), 0);
}

static int l_kinds(lua_State *L)
{
  lua_createtable(L, 0, KR_KIND_COUNT);
  for (int kind = 1; kind < KR_KIND_COUNT; kind++) {
    lua_pushboolean(L, 1);
    lua_setfield(L, -2, kr_kind_name(kind));
  }
  return 1;
}

/* where(level?) -> "file:line" of the script, or nil */
static int l_where(lua_State *L)
{
  return push_where(L) ? 1 : 0;
}

int kr_open_error(lua_State *L)
{
  static const luaL_Reg functions[] = {
    {"new", l_new}, {"is", l_is}, {"wrap", l_wrap}, {"try", l_try}, {"kinds", l_kinds}, {"where", l_where}, {NULL, NULL},
  };
  luaL_newmetatable(L, META);
  lua_pushcfunction(L, l_tostring);
  lua_setfield(L, -2, "__tostring");
  lua_pushstring(L, META);
  lua_setfield(L, -2, "__name");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
