/* lua_log: see lua_log.h. */
#include "lua_log.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base.h"
#include "lua_error.h"

/* mask(text) -> text with every secret as *** */
static int l_mask(lua_State *L)
{
  size_t len, masked_len;
  const char *text = luaL_checklstring(L, 1, &len);
  char *masked = kr_mask(text, len, &masked_len);
  if (!masked) {
    lua_settop(L, 1);
    return 1;
  }
  lua_pushlstring(L, masked, masked_len);
  free(masked);
  return 1;
}

static int l_secret(lua_State *L)
{
  size_t len;
  const char *text = luaL_checklstring(L, 1, &len);
  kr_secret_add(text, len);
  return 0;
}

/* write(text): to stderr, masked, in one piece */
static int l_write(lua_State *L)
{
  l_mask(L);
  size_t len;
  const char *text = lua_tolstring(L, -1, &len);
  fwrite(text, 1, len, stderr);
  fflush(stderr);
  return 0;
}

static int l_level(lua_State *L)
{
  kr_log_level((enum kr_level)luaL_checkinteger(L, 1));
  return 0;
}

/* isatty(0|1|2) */
static int l_isatty(lua_State *L)
{
  lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
  return 1;
}

/* columns() -> how wide the terminal on stderr is, or nil */
static int l_columns(lua_State *L)
{
  struct winsize size;
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || !size.ws_col) return 0;
  lua_pushinteger(L, size.ws_col);
  return 1;
}

/* wall() -> seconds since 1970, with their fraction */
static int l_wall(lua_State *L)
{
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  lua_pushnumber(L, (lua_Number)now.tv_sec + (lua_Number)now.tv_nsec / 1e9);
  return 1;
}

/* json(true): lines of C's own, too, are JSON objects from now on */
static int l_json(lua_State *L)
{
  kr_log_json(lua_toboolean(L, 1));
  return 0;
}

/* ask(prompt) -> a line typed without echo, or nil at the end of input. Only for a terminal at start. */
static int l_ask(lua_State *L)
{
  const char *prompt = luaL_checkstring(L, 1);
  bool echo = lua_toboolean(L, 2);
  struct termios before, quiet;
  char line[1024];
  if (tcgetattr(STDIN_FILENO, &before)) return 0;
  quiet = before;
  if (!echo) quiet.c_lflag &= ~(tcflag_t)ECHO;
  fputs(prompt, stderr);
  fflush(stderr);
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  char *got = fgets(line, sizeof line, stdin);
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
  if (!echo) fputc('\n', stderr);
  if (!got) return 0;
  lua_pushlstring(L, line, strcspn(line, "\r\n"));
  explicit_bzero(line, sizeof line);
  return 1;
}

int kr_open_log(lua_State *L)
{
  static const luaL_Reg functions[] = {
    {"mask", l_mask}, {"secret", l_secret}, {"write", l_write}, {"level", l_level}, {"isatty", l_isatty}, {"ask", l_ask},
    {"columns", l_columns}, {"json", l_json}, {"wall", l_wall}, {NULL, NULL},
  };
  luaL_newlib(L, functions);
  lua_pushliteral(L, KR_VERSION);
  lua_setfield(L, -2, "version");
  return 1;
}
