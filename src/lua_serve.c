/* lua_serve: module karun.native.serve. Raw: the answer's head is text that Lua wrote. C never calls
 * into Lua: a task takes requests with server:accept(). */
#include "lua_serve.h"

#include <fcntl.h>
#include <lauxlib.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base.h"
#include "lua_error.h"
#include "lua_ws.h"
#include "serve.h"
#include "task.h"

static const char SERVER[] = "karun.native.server", EXCHANGE[] = "karun.native.exchange",
                  FILE_SENT[] = "karun.native.file";
enum { HIGH_WATER = 256 << 10, TURN = 1 << 20 };

struct server {
  struct kr_server *c;                     /* NULL: closed */
  struct kr_op *accepting;
};

struct exchange {
  struct kr_exchange *c;                   /* NULL: ended */
  struct kr_op *sending;
  size_t unwaited;                         /* bytes sent since the task last waited here */
};

struct file {
  int fd;
};

struct place_op {
  struct kr_op op;
  struct kr_op **place;
};

static void on_forget(struct kr_wait *wait)
{
  *((struct place_op *)(void *)wait)->place = NULL;
}

static void end_op(struct kr_op **place, int status)
{
  struct kr_op *op = *place;
  *place = NULL;
  if (op) kr_wait_end(&op->wait, status);
}

/* An op for the object at stack index 1, which lives as long as the op. */
static struct place_op *push_op(lua_State *L, struct kr_op **place, const char *what,
                                int (*finish)(lua_State *, struct kr_op *))
{
  if (*place) kr_raise(L, KR_USAGE, "%s: another task is waiting for the same already", what);
  struct place_op *op = kr_op_new(L, sizeof *op, what, on_forget, finish, NULL);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);
  op->place = place;
  *place = &op->op;
  return op;
}

/* ---- requests ---- */

/* Fields of one name are one text, as RFC 9110 joins them; cookies by "; ". */
static void push_headers(lua_State *L, const struct kr_head *head)
{
  lua_createtable(L, 0, (int)head->count);
  for (size_t i = 0; i < head->count; i++) {
    const struct kr_field *field = &head->fields[i];
    if (lua_getfield(L, -1, field->name) == LUA_TNIL) {
      lua_pop(L, 1);
      lua_pushstring(L, field->value);
    } else {
      lua_pushfstring(L, "%s%s%s", lua_tostring(L, -1), strcmp(field->name, "cookie") == 0 ? "; " : ", ", field->value);
      lua_remove(L, -2);
    }
    lua_setfield(L, -2, field->name);
  }
}

static void push_request(lua_State *L, const struct kr_exchange *x)
{
  const struct kr_head *head = kr_exchange_head(x);
  const struct kr_buf *body = kr_exchange_body(x);
  lua_createtable(L, 0, 8);
  lua_pushstring(L, head->method);
  lua_setfield(L, -2, "method");
  lua_pushstring(L, head->target);
  lua_setfield(L, -2, "target");
  lua_pushlstring(L, body->len ? body->data : "", body->len);
  lua_setfield(L, -2, "body");
  lua_pushstring(L, kr_exchange_address(x));
  lua_setfield(L, -2, "address");
  lua_pushinteger(L, head->minor);
  lua_setfield(L, -2, "minor");
  lua_pushboolean(L, head->keep);
  lua_setfield(L, -2, "keep");
  push_headers(L, head);
  lua_setfield(L, -2, "headers");
}

static int push_next(lua_State *L, struct server *server)
{
  if (!server->c) return 0;                /* closed: no more */
  struct exchange *x = lua_newuserdatauv(L, sizeof *x, 0);
  memset(x, 0, sizeof *x);
  luaL_setmetatable(L, EXCHANGE);
  x->c = kr_serve_next(server->c);
  if (!x->c) return -1;
  push_request(L, x->c);
  return 2;
}

/* ---- the server ---- */

static struct server *check_server(lua_State *L)
{
  return luaL_checkudata(L, 1, SERVER);
}

static void on_request(void *owner)
{
  end_op(&((struct server *)owner)->accepting, 0);
}

static size_t size_field(lua_State *L, const char *name)
{
  lua_getfield(L, 1, name);
  lua_Integer value = luaL_checkinteger(L, -1);
  lua_pop(L, 1);
  return (size_t)value;
}

/* open{host=, port=, head_limit=, body_limit=, idle=} -> server */
static int l_open(lua_State *L)
{
  const char *why = NULL;
  luaL_checktype(L, 1, LUA_TTABLE);
  struct server *server = lua_newuserdatauv(L, sizeof *server, 0);
  memset(server, 0, sizeof *server);
  luaL_setmetatable(L, SERVER);
  struct kr_serve_options options = {
    .head_limit = size_field(L, "head_limit"), .body_limit = size_field(L, "body_limit"),
    .port = (int)size_field(L, "port"), .on_request = on_request, .owner = server,
  };
  lua_getfield(L, 1, "idle");
  options.idle = luaL_checknumber(L, -1);
  lua_getfield(L, 1, "host");
  options.host = luaL_checkstring(L, -1);
  int err = kr_serve_open(&server->c, kr_lua_loop(L), &options, &why);
  if (err) return kr_raise(L, -err, "cannot serve on %s, port %d: %s", options.host, options.port, why);
  lua_settop(L, 2);
  return 1;
}

static int finish_accept(lua_State *L, struct kr_op *op);

static int wait_for_request(lua_State *L, struct server *server)
{
  return kr_op_wait(L, push_op(L, &server->accepting, "waiting for a request", finish_accept), INFINITY);
}

static int finish_accept(lua_State *L, struct kr_op *op)
{
  if (op->wait.status) return kr_op_raise(L, op, "%s", op->what);
  struct server *server = lua_touserdata(L, 1);
  lua_settop(L, 1);
  int n = push_next(L, server);
  return n >= 0 ? n : wait_for_request(L, server); /* its client has gone meanwhile */
}

/* server:accept() -> exchange, request | nothing once it is closed */
static int l_accept(lua_State *L)
{
  struct server *server = check_server(L);
  lua_settop(L, 1);
  int n = push_next(L, server);
  lua_settop(L, n >= 0 ? 1 + n : 1);
  return n >= 0 ? n : wait_for_request(L, server);
}

static int l_port(lua_State *L)
{
  struct server *server = check_server(L);
  lua_pushinteger(L, server->c ? kr_serve_port(server->c) : 0);
  return 1;
}

static int l_connections(lua_State *L)
{
  struct server *server = check_server(L);
  lua_pushinteger(L, server->c ? (lua_Integer)kr_serve_connections(server->c) : 0);
  return 1;
}

static int l_close(lua_State *L)
{
  struct server *server = check_server(L);
  kr_serve_close(server->c);
  server->c = NULL;
  end_op(&server->accepting, 0);
  return 0;
}

/* ---- an exchange ---- */

static struct exchange *check_exchange(lua_State *L)
{
  struct exchange *x = luaL_checkudata(L, 1, EXCHANGE);
  if (!x->c) kr_raise(L, KR_USAGE, "the answer is complete already");
  return x;
}

static void on_drained(void *owner, int status)
{
  end_op(&((struct exchange *)owner)->sending, status);
}

static int finish_send(lua_State *L, struct kr_op *op)
{
  struct exchange *x = lua_touserdata(L, 1);
  if (x->c) kr_exchange_on_drained(x->c, NULL, NULL);
  if (op->wait.status == -KR_NET) return kr_op_raise(L, op, "the client has gone");
  if (op->wait.status) return kr_op_raise(L, op, "%s", op->what);
  return 0;
}

/* The deadline is the server's: it gives up a client that reads nothing for `idle` seconds. */
static int wait_drained(lua_State *L, struct exchange *x, const char *what)
{
  x->unwaited = 0;
  struct place_op *op = push_op(L, &x->sending, what, finish_send);
  kr_exchange_on_drained(x->c, on_drained, x);
  return kr_op_wait(L, op, INFINITY);
}

/* exchange:send(bytes): waits while much has not left yet; and for a turn of the loop now and then, or a client
 * that reads as fast as we write would keep all other tasks waiting */
static int l_send(lua_State *L)
{
  struct exchange *x = check_exchange(L);
  size_t len;
  const char *bytes = luaL_checklstring(L, 2, &len);
  int err = kr_exchange_send(x->c, bytes, len);
  if (err == -KR_NET) return kr_raise(L, KR_NET, "the client has gone");
  if (err) return kr_raise(L, -err, "%zu bytes are too many for one piece", len);
  x->unwaited += len;
  if (kr_exchange_queued(x->c) < HIGH_WATER && x->unwaited < TURN) return 0;
  return wait_drained(L, x, "sending");
}

/* exchange:send_file(file, offset, length): from 0; waits until it has left */
static int l_send_file(lua_State *L)
{
  struct exchange *x = check_exchange(L);
  struct file *file = luaL_checkudata(L, 2, FILE_SENT);
  int64_t offset = luaL_checkinteger(L, 3), length = luaL_checkinteger(L, 4);
  int fd = fcntl(file->fd, F_DUPFD_CLOEXEC, 0);
  if (fd < 0) return kr_raise(L, KR_DISK, "cannot open the file once more");
  kr_exchange_send_file(x->c, fd, offset, length);
  return wait_drained(L, x, "sending a file");
}

static struct kr_exchange *release_exchange(lua_State *L)
{
  struct exchange *x = check_exchange(L);
  struct kr_exchange *c = x->c;
  x->c = NULL;
  end_op(&x->sending, -KR_CANCELLED);
  return c;
}

/* exchange:finish(keep) */
static int l_finish(lua_State *L)
{
  bool keep = lua_toboolean(L, 2);
  kr_exchange_end(release_exchange(L), keep);
  return 0;
}

/* exchange:abort(reset) */
static int l_abort(lua_State *L)
{
  bool reset = lua_toboolean(L, 2);
  kr_exchange_abort(release_exchange(L), reset);
  return 0;
}

/* exchange:upgrade(limit) -> socket | nil */
static int l_upgrade(lua_State *L)
{
  struct exchange *x = check_exchange(L);
  size_t limit = (size_t)luaL_checkinteger(L, 2);
  const char *said = kr_head_value(kr_exchange_head(x->c), "sec-websocket-key");
  char key[64] = "";
  if (said) strncpy(key, said, sizeof key - 1);
  struct kr_socket *socket = kr_socket_push(L);
  int fd = kr_exchange_detach(release_exchange(L));
  struct kr_ws *ws = fd >= 0 ? kr_ws_adopt(kr_lua_loop(L), fd, key, limit) : NULL;
  if (!ws) return 0;
  kr_socket_take(socket, ws);
  return 1;
}

static int l_gone(lua_State *L)
{
  struct exchange *x = luaL_checkudata(L, 1, EXCHANGE);
  lua_pushboolean(L, !x->c || kr_exchange_gone(x->c));
  return 1;
}

static int l_exchange_gc(lua_State *L)
{
  struct exchange *x = luaL_checkudata(L, 1, EXCHANGE);
  if (x->c) kr_exchange_abort(x->c, false);
  x->c = NULL;
  return 0;
}

/* ---- files ---- */

/* Is path, links resolved, inside folder? */
static bool is_inside(const char *folder, const char *path)
{
  char *root = realpath(folder, NULL), *real = realpath(path, NULL);
  size_t len = root ? strlen(root) : 0;
  bool inside = root && real && strncmp(real, root, len) == 0 && (real[len] == '/' || real[len] == '\0' || len == 1);
  free(root);
  free(real);
  return inside;
}

/* open_file(folder, path) -> file, size, mtime | "folder" | nil */
static int l_open_file(lua_State *L)
{
  const char *folder = luaL_checkstring(L, 1), *path = luaL_checkstring(L, 2);
  struct file *file = lua_newuserdatauv(L, sizeof *file, 0);
  file->fd = -1;
  luaL_setmetatable(L, FILE_SENT);
  struct stat st;
  if (!is_inside(folder, path)) return 0;
  file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not hold us up */
  if (file->fd < 0 || fstat(file->fd, &st)) return 0;
  if (S_ISDIR(st.st_mode)) {
    lua_pushliteral(L, "folder");
    return 1;
  }
  if (!S_ISREG(st.st_mode)) return 0;
  lua_pushinteger(L, st.st_size);
  lua_pushnumber(L, (double)st.st_mtim.tv_sec + (double)st.st_mtim.tv_nsec / 1e9);
  return 3;
}

static int l_file_close(lua_State *L)
{
  struct file *file = luaL_checkudata(L, 1, FILE_SENT);
  if (file->fd >= 0) close(file->fd);
  file->fd = -1;
  return 0;
}

static void make_class(lua_State *L, const char *name, const luaL_Reg *methods, lua_CFunction gc)
{
  luaL_newmetatable(L, name);
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, gc);
  lua_setfield(L, -2, "__gc");
  lua_pushcfunction(L, gc);
  lua_setfield(L, -2, "__close");
  lua_pop(L, 1);
}

int kr_open_serve(lua_State *L)
{
  static const luaL_Reg server[] = {
    {"accept", l_accept}, {"port", l_port}, {"connections", l_connections}, {"close", l_close}, {NULL, NULL},
  };
  static const luaL_Reg exchange[] = {
    {"send", l_send}, {"send_file", l_send_file}, {"finish", l_finish}, {"abort", l_abort},
    {"upgrade", l_upgrade}, {"gone", l_gone}, {NULL, NULL},
  };
  static const luaL_Reg file[] = {{"close", l_file_close}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"open", l_open}, {"open_file", l_open_file}, {NULL, NULL}};
  make_class(L, SERVER, server, l_close);
  make_class(L, EXCHANGE, exchange, l_exchange_gc);
  make_class(L, FILE_SENT, file, l_file_close);
  luaL_requiref(L, "karun.native.ws", kr_open_ws, 0); /* the class of sockets */
  luaL_newlib(L, functions);
  return 1;
}
