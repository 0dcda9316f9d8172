/* lua_error: error objects. Tables { kind, message, where, traceback, … } with one metatable. */
#ifndef KR_LUA_ERROR_H
#define KR_LUA_ERROR_H

#include <lua.h>
#include <stdbool.h>

#include "base.h"

/* Pushes a new error object that points at the script's line (the innermost frame outside lua/karun). */
void kr_push_error(lua_State *L, int kind, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Raises one. */
int kr_raise(lua_State *L, int kind, const char *format, ...) __attribute__((format(printf, 3, 4), noreturn));
bool kr_is_error(lua_State *L, int index);
/* The value at the top becomes an error object: a string raised becomes kind `usage` with it as message. */
void kr_as_error(lua_State *L);
/* The folder whose files are karun's own and are left out of "where" (ends in /). Borrows for ever. */
void kr_error_library(const char *folder);
bool kr_is_library(const char *source);  /* of a lua_Debug: one of those files? */
int kr_open_error(lua_State *L);         /* module karun.native.error */

#endif
