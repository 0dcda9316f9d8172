/* lua_watch: see lua_watch.h. It listens from its making on, so that nothing is missed between an
 * act and the wait for it; what nobody fetched is kept up to a ceiling. */
#include "lua_watch.h"

#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "lua_error.h"
#include "task.h"

static const char WATCH[] = "karun.watch";
enum { KEPT = 1024 };

struct event {
  struct event *next;
  bool rename;
  char name[];
};

/* Lives until uv has closed the handle. */
struct watch {
  uv_fs_event_t handle;
  struct event *first, **last;
  size_t count, dropped;
  int broken;                      /* uv's error, once */
  struct next_op *waiting;
};

struct next_op {
  struct kr_op op;
  struct watch *watch;
};

static void free_watch(uv_handle_t *handle)
{
  struct watch *watch = handle->data;
  for (struct event *event; (event = watch->first);) {
    watch->first = event->next;
    free(event);
  }
  free(watch);
}

static void tell(struct watch *watch, int status)
{
  struct next_op *op = watch->waiting;
  watch->waiting = NULL;
  if (op) kr_wait_end(&op->op.wait, status);
}

static void on_event(uv_fs_event_t *handle, const char *name, int events, int status)
{
  struct watch *watch = handle->data;
  if (status < 0) watch->broken = status;
  else if (watch->count == KEPT) watch->dropped++;
  else {
    size_t len = name ? strlen(name) : 0;
    struct event *event = kr_alloc(sizeof *event + len + 1);
    event->rename = events & UV_RENAME;
    memcpy(event->name, name ? name : "", len);
    *watch->last = event;
    watch->last = &event->next;
    watch->count++;
  }
  tell(watch, 0);
}

/* -> { name, what, dropped } */
static int push_event(lua_State *L, struct watch *watch)
{
  struct event *event = watch->first;
  if (!event) return kr_raise(L, KR_DISK, "the watch broke: %s", uv_strerror(watch->broken));
  lua_createtable(L, 0, 3);
  lua_pushstring(L, event->name);
  lua_setfield(L, -2, "name");
  lua_pushstring(L, event->rename ? "rename" : "change");
  lua_setfield(L, -2, "what");
  lua_pushinteger(L, (lua_Integer)watch->dropped);
  lua_setfield(L, -2, "dropped");
  watch->first = event->next;
  if (!watch->first) watch->last = &watch->first;
  watch->count--;
  free(event);
  return 1;
}

static void next_forget(struct kr_wait *wait)
{
  struct next_op *op = (struct next_op *)(void *)wait;
  if (op->watch->waiting == op) op->watch->waiting = NULL;
}

static int next_finish(lua_State *L, struct kr_op *base)
{
  struct next_op *op = (struct next_op *)(void *)base;
  if (base->wait.status == -KR_FILE) return kr_raise(L, KR_USAGE, "file.watch: closed while waiting");
  if (base->wait.status) return kr_op_raise(L, base, "file.watch: nothing happened");
  return push_event(L, op->watch);
}

static struct watch *check_watch(lua_State *L)
{
  struct watch **watch = luaL_checkudata(L, 1, WATCH);
  if (!*watch) kr_raise(L, KR_USAGE, "this watch was closed");
  return *watch;
}

/* next(timeout) -> event */
static int l_next(lua_State *L)
{
  struct watch *watch = check_watch(L);
  double timeout = kr_opt_seconds(L, 2, INFINITY);
  if (watch->first || watch->broken) return push_event(L, watch);
  if (watch->waiting) return kr_raise(L, KR_USAGE, "file.watch: another task waits on this watch already");
  struct next_op *op = kr_op_new(L, sizeof *op, "file.watch", next_forget, next_finish, NULL);
  op->watch = watch;
  lua_pushvalue(L, 1); /* the watch must outlive the op */
  lua_setiuservalue(L, -2, 1);
  watch->waiting = op;
  return kr_op_wait(L, op, timeout);
}

static int l_close(lua_State *L)
{
  struct watch **watch = luaL_checkudata(L, 1, WATCH), *closing = *watch;
  *watch = NULL;
  if (!closing) return 0;
  tell(closing, -KR_FILE);
  uv_close((uv_handle_t *)&closing->handle, free_watch);
  return 0;
}

static void set_metatable(lua_State *L)
{
  static const luaL_Reg methods[] = {{"next", l_next}, {"close", l_close}, {NULL, NULL}};
  if (luaL_newmetatable(L, WATCH)) {
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, l_close);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, l_close);
    lua_setfield(L, -2, "__close");
  }
  lua_setmetatable(L, -2);
}

int kr_lua_watch(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  struct watch **slot = lua_newuserdatauv(L, sizeof *slot, 0);
  *slot = NULL;
  set_metatable(L);
  struct watch *watch = kr_alloc(sizeof *watch);
  watch->last = &watch->first;
  uv_fs_event_init(kr_loop_uv(kr_lua_loop(L)), &watch->handle);
  watch->handle.data = watch;
  *slot = watch;
  int err = uv_fs_event_start(&watch->handle, on_event, path, 0);
  if (err) return kr_raise(L, err == UV_ENOENT ? KR_FILE : KR_DISK, "cannot watch '%s': %s", path, uv_strerror(err));
  return 1;
}
