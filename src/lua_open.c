/* lua_open: the list of native modules and the search path. A module is opened at its first use; those
 * that stand on a heavy library (libcurl alone brings thirty more) lie in files of their own, rooms,
 * which are not even loaded before. The library's Lua is read from disk, compiled where that is fresh. */
#include "lua_alarm.h"
#include "lua_open.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <libgen.h>
#include <limits.h>
#include <lualib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lua_budget.h"
#include "lua_base64.h"
#include "lua_cdp.h"
#include "lua_error.h"
#include "lua_file.h"
#include "lua_json.h"
#include "lua_log.h"
#include "lua_proc.h"
#include "task.h"

enum { MAX_COMPILED = 16 << 20 };

static const luaL_Reg natives[] = {
  {"karun.native.budget", kr_open_budget},
  {"karun.native.base64", kr_open_base64},
  {"karun.native.cdp", kr_open_cdp},
  {"karun.native.error", kr_open_error},
  {"karun.native.file", kr_open_file},
  {"karun.native.json", kr_open_json},
  {"karun.native.log", kr_open_log},
  {"karun.native.proc", kr_open_proc},
  {"karun.native.task", kr_open_task},
  {"karun.native.alarm", kr_open_alarm},
  {NULL, NULL},
};

/* lib/karun/<file>.so beside bin/, made by the Makefile's ROOMS */
static const struct room {
  const char *module, *file, *open;
} rooms[] = {
  {"karun.native.audio", "audio", "kr_open_audio"},
  {"karun.native.http", "http", "kr_open_http"},
  {"karun.native.serve", "lws", "kr_open_serve"},
  {"karun.native.store", "store", "kr_open_store"},
  {"karun.native.ws", "lws", "kr_open_ws"},
  {"karun.native.yaml", "yaml", "kr_open_yaml"},
};

/* What lies beside the program: <prefix>/lib/karun/<name><ending>. */
static void lib_path(char *path, size_t size, const char *name, const char *ending)
{
  static char folder[PATH_MAX];
  if (!*folder) {
    ssize_t n = readlink("/proc/self/exe", folder, sizeof folder - 1);
    folder[n > 0 ? n : 0] = '\0';
    dirname(folder);
  }
  snprintf(path, size, "%s/../lib/karun/%s%s", folder, name, ending);
}

/* The loader of a room's module. The room stays loaded: handles on the loop outlive the Lua state. */
static int open_room(lua_State *L)
{
  const struct room *room = lua_touserdata(L, lua_upvalueindex(1));
  char path[PATH_MAX + 64];
  lib_path(path, sizeof path, room->file, ".so");
  void *library = dlopen(path, RTLD_NOW | RTLD_NODELETE);
  void *symbol = library ? dlsym(library, room->open) : NULL;
  if (!symbol) return kr_raise(L, KR_INTERNAL, "%s cannot be opened: %s", room->module, dlerror());
  lua_CFunction open = NULL;
  *(void **)&open = symbol; /* how POSIX turns dlsym's answer into a function */
  return open(L);
}

static void add_rooms(lua_State *L)
{
  for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
    lua_pushlightuserdata(L, (void *)(uintptr_t)&rooms[i]);
    lua_pushcclosure(L, open_room, 1);
    lua_setfield(L, -2, rooms[i].module);
  }
}

/* ---- compiled Lua (scripts/compile.lua) ---- */

/* The whole file in a userdata on the stack, or NULL and nothing. */
static const char *push_file(lua_State *L, const char *path, size_t *len)
{
  struct stat st;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return NULL;
  char *text = NULL;
  if (!fstat(fd, &st) && st.st_size < MAX_COMPILED) {
    text = lua_newuserdatauv(L, (size_t)st.st_size + 1, 0);
    ssize_t n = read(fd, text, (size_t)st.st_size);
    *len = n < 0 ? 0 : (size_t)n;
    text[*len] = '\0';
  }
  close(fd);
  return text;
}

/* Pushes the chunk of a compiled file when it was made of this very source: its time, its size, its path. */
static bool push_compiled(lua_State *L, const char *path, const char *source, const struct stat *of_source)
{
  char mark[64];
  size_t len = 0;
  int n = snprintf(mark, sizeof mark, "#%lld.%09ld0 %lld\n", (long long)of_source->st_mtim.tv_sec, of_source->st_mtim.tv_nsec,
                   (long long)of_source->st_size);
  const char *text = push_file(L, path, &len);
  if (!text || strncmp(text, mark, (size_t)n) || luaL_loadbufferx(L, text + n, len - (size_t)n, source, "b")) return false;
  lua_Debug chunk;
  lua_pushvalue(L, -1);
  lua_getinfo(L, ">S", &chunk);
  return chunk.source[0] == '@' && !strcmp(chunk.source + 1, source);
}

/* A searcher of `require`: name -> chunk, path of the source; or nothing, and the text is looked for. */
static int search_compiled(lua_State *L)
{
  const char *share = lua_tostring(L, lua_upvalueindex(1)), *name = luaL_gsub(L, luaL_checkstring(L, 1), ".", "/");
  static const char *const endings[] = {".lua", "/init.lua"};
  char path[PATH_MAX + 64], ending[32];
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
    const char *source = lua_pushfstring(L, "%s%s%s", share, name, endings[i]);
    struct stat st;
    if (stat(source, &st)) continue;
    const char *compiled = lua_pushfstring(L, "lua/%s", name);
    snprintf(ending, sizeof ending, "%sc", endings[i]);
    lib_path(path, sizeof path, compiled, ending);
    if (!push_compiled(L, path, source, &st)) return 0; /* this one, as text */
    lua_pushstring(L, source);
    return 2;
  }
  return 0;
}

/* Second in the list of searchers, after preload. */
static void add_searcher(lua_State *L, const char *share)
{
  lua_getfield(L, -1, "searchers");
  for (lua_Integer i = luaL_len(L, -1); i > 1; i--) {
    lua_geti(L, -1, i);
    lua_seti(L, -2, i + 1);
  }
  lua_pushstring(L, share);
  lua_pushcclosure(L, search_compiled, 1);
  lua_seti(L, -2, 2);
  lua_pop(L, 1);
}

static void set_path(lua_State *L, const char *share)
{
  lua_getglobal(L, "package");
  lua_pushfstring(L, "%s?.lua;%s?/init.lua", share, share);
  lua_setfield(L, -2, "path");
  lua_pushliteral(L, "");
  lua_setfield(L, -2, "cpath");
  add_searcher(L, share);
  lua_getfield(L, -1, "preload");
  luaL_setfuncs(L, natives, 0);
  add_rooms(L);
  lua_pop(L, 2);
}

lua_State *kr_lua_open(struct kr_loop *loop, const char *share)
{
  lua_State *L = luaL_newstate();
  if (!L) return NULL;
  luaL_openlibs(L);
  kr_task_setup(L, loop);
  /* made at once: every other module raises errors and makes lists */
  luaL_requiref(L, "karun.native.error", kr_open_error, 0);
  luaL_requiref(L, "karun.native.json", kr_open_json, 0);
  lua_pop(L, 2);
  set_path(L, share);
  lua_gc(L, LUA_GCGEN, 0, 0);
  return L;
}
