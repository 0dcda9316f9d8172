/* main: arguments to one state, one script, one exit code. Knows where karun's Lua lies and what the
 * signals mean: once, a clean end; twice, at once. */
#include <lauxlib.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "loop.h"
#include "lua_error.h"
#include "lua_open.h"
#include "proc.h"
#include "task.h"

static const double GRACE = 5; /* seconds for a clean end after the first signal (docs/guide.md) */

static struct {
  volatile sig_atomic_t signo;             /* the first one that came */
  uv_async_t wake;
  struct kr_deadline grace;
  struct kr_loop *loop;
  lua_State *L;
} ending;

/* In the handler only async-signal-safe calls, and planting the hook that lua.h allows there. */
static void on_signal(int signo)
{
  if (ending.signo) {
    kr_proc_kill_all();
    _exit(128 + signo);
  }
  ending.signo = signo;
  kr_log_say("finishing, press again to force");
  kr_task_interrupt();
  uv_async_send(&ending.wake);
}

static void on_grace_over(struct kr_deadline *deadline)
{
  (void)deadline;
  kr_log(KR_LOG_WARN, "the end took longer than %.0f s; leaving now", GRACE);
  kr_proc_kill_all();
  _exit(128 + ending.signo);
}

static void on_wake(uv_async_t *async)
{
  (void)async;
  if (!ending.L) return;                   /* it came while Lua was being closed */
  kr_task_stop(ending.L, KR_INTERRUPTED);
  ending.grace.fire = on_grace_over;
  kr_loop_arm(ending.loop, &ending.grace, kr_loop_now() + GRACE);
}

static void watch_signals(struct kr_loop *loop, lua_State *L)
{
  ending.loop = loop;
  ending.L = L;
  uv_async_init(kr_loop_uv(loop), &ending.wake, on_wake);
  uv_unref((uv_handle_t *)&ending.wake);
  struct sigaction action = {.sa_handler = on_signal};
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGHUP, &action, NULL);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, NULL);
  sigaction(SIGXFSZ, &action, NULL); /* a file over the limit is an error of its write, not our end */
}

/* The folder of karun's Lua: PREFIX/share/karun/lua/ beside PREFIX/bin/karun, or lua/ of the source
 * tree above build/bin/karun or build/asan/bin/karun. Ends in a slash. */
static bool find_share(char *share, size_t size)
{
  static const char *const places[] = {"../share/karun/lua", "../../lua", "../../../lua"};
  char self[PATH_MAX], path[PATH_MAX + 32], real[PATH_MAX];
  ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
  if (n <= 0) return false;
  self[n] = '\0';
  const char *folder = dirname(self);
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    snprintf(path, sizeof path, "%s/%s/karun/init.lua", folder, places[i]);
    if (access(path, R_OK)) continue;
    snprintf(path, sizeof path, "%s/%s", folder, places[i]);
    if (!realpath(path, real)) continue;
    return snprintf(share, size, "%s/", real) < (int)size;
  }
  return false;
}

static void push_arguments(lua_State *L, int argc, char **argv)
{
  lua_createtable(L, argc, 1);
  for (int i = 0; i < argc; i++) {
    lua_pushstring(L, argv[i]);
    lua_rawseti(L, -2, i);
  }
}

/* require("karun.cli")(argv, share) -> exit code */
static int run(lua_State *L, const char *share, int argc, char **argv)
{
  static const char START[] = "local argv, share = ... return require('karun.cli')(argv, share)";
  if (luaL_loadbuffer(L, START, sizeof START - 1, "=karun")) return 70;
  push_arguments(L, argc, argv);
  lua_pushstring(L, share);
  int err = kr_task_main(L, 2);
  if (err) {
    fprintf(stderr, "karun: internal error: %s\n", luaL_tolstring(L, -1, NULL));
    if (lua_istable(L, -2) && lua_getfield(L, -2, "traceback") == LUA_TSTRING) fprintf(stderr, "%s\n", lua_tostring(L, -1));
    return 70;
  }
  return lua_isinteger(L, -1) ? (int)lua_tointeger(L, -1) : 0;
}

int main(int argc, char **argv)
{
  char share[PATH_MAX + 2], library[PATH_MAX + 16];
  if (!find_share(share, sizeof share)) {
    fprintf(stderr, "karun: its Lua files are missing beside the program (share/karun/lua); install it again\n");
    return 70;
  }
  snprintf(library, sizeof library, "%skarun/", share);
  kr_error_library(library);
  struct kr_loop *loop = kr_loop_create();
  lua_State *L = kr_lua_open(loop, share);
  if (!L) return 70;
  watch_signals(loop, L);
  int code = run(L, share, argc, argv);
  kr_loop_disarm(loop, &ending.grace);
  ending.L = NULL;
  lua_close(L);
  kr_loop_destroy(loop);
  return ending.signo ? 128 + ending.signo : code;
}
