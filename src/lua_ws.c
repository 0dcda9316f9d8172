/* lua_ws: module karun.native.ws. A socket keeps what was received until a task asks for it; when too
 * much waits it stops reading, so that the other side is slowed down instead of our memory filled. */
#include "lua_ws.h"

#include <lauxlib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "lua_cdp.h"
#include "lua_error.h"
#include "task.h"

static const char SOCKET[] = "karun.socket";
enum { IN_BYTES = 4 << 20, IN_MESSAGES = 1024, OUT_BYTES = 1 << 20, LIMIT = 256 << 20 };

struct message {
  struct message *next;
  size_t len;
  bool binary;
  char bytes[];
};

struct kr_socket {
  struct kr_ws *ws;                        /* NULL: ended */
  struct kr_op *opening, *receiving, *sending;
  struct message *first, **last;
  size_t bytes, messages;                  /* received, not asked for */
  bool paused;
  int code;
  char why[256];
};

/* An op that its socket points to from one place. */
struct socket_op {
  struct kr_op op;
  struct kr_op **place;
};

static void on_forget(struct kr_wait *wait)
{
  struct socket_op *op = (struct socket_op *)(void *)wait;
  *op->place = NULL;
}

static void end_op(struct kr_op **place, int status)
{
  struct kr_op *op = *place;
  *place = NULL;
  if (op) kr_wait_end(&op->wait, status);
}

/* Pushes an op for the socket at index, which lives as long as the op. */
static struct socket_op *push_op(lua_State *L, int index, struct kr_op **place, const char *what,
                                 int (*finish)(lua_State *, struct kr_op *))
{
  if (*place) kr_raise(L, KR_USAGE, "%s: another task is waiting for the same already", what);
  struct socket_op *op = kr_op_new(L, sizeof *op, what, on_forget, finish, NULL);
  lua_pushvalue(L, index);
  lua_setiuservalue(L, -2, 1);
  op->place = place;
  *place = &op->op;
  return op;
}

/* ---- what the connection tells ---- */

static void on_opened(void *owner)
{
  end_op(&((struct kr_socket *)owner)->opening, 0);
}

static void on_drained(void *owner)
{
  end_op(&((struct kr_socket *)owner)->sending, 0);
}

static void on_message(void *owner, char *text, size_t len)
{
  struct kr_socket *socket = owner;
  struct message *message = kr_alloc(sizeof *message + len);
  message->len = len;
  message->binary = kr_ws_binary(socket->ws);
  if (len) memcpy(message->bytes, text, len);
  *socket->last = message;
  socket->last = &message->next;
  socket->bytes += len;
  socket->messages++;
  if (!socket->paused && (socket->bytes > IN_BYTES || socket->messages > IN_MESSAGES)) {
    socket->paused = true;
    kr_ws_pause(socket->ws, true);
  }
  end_op(&socket->receiving, 0);
}

static void on_closed(void *owner, const char *why)
{
  struct kr_socket *socket = owner;
  socket->code = kr_ws_close_code(socket->ws);
  snprintf(socket->why, sizeof socket->why, "%s", why);
  socket->ws = NULL;
  end_op(&socket->opening, -KR_NET);
  end_op(&socket->sending, -KR_NET);
  end_op(&socket->receiving, 0);
}

/* ---- the socket ---- */

struct kr_socket *kr_socket_push(lua_State *L)
{
  struct kr_socket *socket = lua_newuserdatauv(L, sizeof *socket, 0);
  memset(socket, 0, sizeof *socket);
  socket->last = &socket->first;
  luaL_setmetatable(L, SOCKET);
  return socket;
}

void kr_socket_take(struct kr_socket *socket, struct kr_ws *ws)
{
  struct kr_channel *channel = kr_ws_channel(ws);
  socket->ws = ws;
  channel->owner = socket;
  channel->on_message = on_message;
  channel->on_closed = on_closed;
  kr_ws_on(ws, on_opened, on_drained);
}

static struct kr_socket *check_socket(lua_State *L)
{
  return luaL_checkudata(L, 1, SOCKET);
}

static int finish_connect(lua_State *L, struct kr_op *op)
{
  lua_getiuservalue(L, lua_gettop(L), 1);  /* nothing else is on the stack above the op */
  struct kr_socket *socket = lua_touserdata(L, -1);
  if (!op->wait.status) return 1;
  struct kr_ws *ws = socket->ws;
  socket->ws = NULL;
  if (ws) kr_ws_forget(ws);
  return kr_op_raise(L, op, "cannot connect to \"%s\"%s%s", lua_tostring(L, 1), socket->why[0] ? ": " : "", socket->why);
}

/* devtools: the socket was only needed until it opened; from now on it is the connection's channel. */
static int finish_devtools(lua_State *L, struct kr_op *op)
{
  finish_connect(L, op);
  struct kr_socket *socket = lua_touserdata(L, -1);
  struct kr_ws *ws = socket->ws;
  if (!ws) return kr_raise(L, KR_NET, "cannot connect to \"%s\": %s", lua_tostring(L, 1), socket->why);
  socket->ws = NULL;
  kr_ws_on(ws, NULL, NULL);
  kr_push_connection(L, kr_ws_channel(ws));
  return 1;
}

static int start_connect(lua_State *L, int (*finish)(lua_State *, struct kr_op *))
{
  const char *url = luaL_checkstring(L, 1), *why = NULL;
  double timeout = kr_opt_seconds(L, 2, 30);
  size_t limit = (size_t)luaL_optinteger(L, 3, LIMIT);
  struct kr_socket *socket = kr_socket_push(L);
  struct kr_ws *ws = kr_ws_connect(kr_lua_loop(L), url, limit, &why);
  if (!ws) return kr_raise(L, KR_USAGE, "cannot connect to \"%s\": %s", url, why);
  kr_socket_take(socket, ws);
  struct socket_op *op = push_op(L, lua_gettop(L), &socket->opening, "connecting to a WebSocket", finish);
  return kr_op_wait(L, op, timeout);
}

/* connect(url, timeout, limit) -> socket */
static int l_connect(lua_State *L)
{
  return start_connect(L, finish_connect);
}

/* devtools(url, timeout, limit) -> a protocol connection, as karun.native.cdp has them */
static int l_devtools(lua_State *L)
{
  return start_connect(L, finish_devtools);
}

static int push_message(lua_State *L, struct kr_socket *socket)
{
  struct message *message = socket->first;
  if (!message) {                          /* the end */
    lua_pushnil(L);
    lua_pushstring(L, socket->why);
    lua_pushinteger(L, socket->code);
    return 3;
  }
  lua_pushlstring(L, message->bytes, message->len);
  lua_pushboolean(L, message->binary);
  socket->first = message->next;
  if (!socket->first) socket->last = &socket->first;
  socket->bytes -= message->len;
  socket->messages--;
  free(message);
  if (socket->paused && socket->bytes <= IN_BYTES / 2 && socket->messages <= IN_MESSAGES / 2) {
    socket->paused = false;
    if (socket->ws) kr_ws_pause(socket->ws, false);
  }
  return 2;
}

static int finish_receive(lua_State *L, struct kr_op *op)
{
  if (op->wait.status) return kr_op_raise(L, op, "%s", op->what);
  return push_message(L, lua_touserdata(L, 1));
}

/* socket:receive(timeout) -> bytes, binary | nil, why, code */
static int l_receive(lua_State *L)
{
  struct kr_socket *socket = check_socket(L);
  double timeout = kr_opt_seconds(L, 2, INFINITY);
  if (socket->first || !socket->ws) return push_message(L, socket);
  return kr_op_wait(L, push_op(L, 1, &socket->receiving, "waiting for a message", finish_receive), timeout);
}

static int finish_send(lua_State *L, struct kr_op *op)
{
  struct kr_socket *socket = lua_touserdata(L, 1);
  return op->wait.status ? kr_op_raise(L, op, "sending a message%s%s", socket->why[0] ? ": " : "", socket->why) : 0;
}

/* socket:send(bytes, binary, timeout): waits only when much has not left yet */
static int l_send(lua_State *L)
{
  struct kr_socket *socket = check_socket(L);
  size_t len;
  const char *bytes = luaL_checklstring(L, 2, &len);
  bool binary = lua_toboolean(L, 3);
  double timeout = kr_opt_seconds(L, 4, 30);
  int err = socket->ws ? kr_ws_send(socket->ws, bytes, len, binary) : -KR_NET;
  if (err == -KR_TOO_LARGE) return kr_raise(L, KR_TOO_LARGE, "a message of %zu bytes is too large for this socket", len);
  if (err) return kr_raise(L, KR_NET, "the WebSocket is closed: %s", socket->why);
  if (kr_ws_queued(socket->ws) <= OUT_BYTES) return 0;
  return kr_op_wait(L, push_op(L, 1, &socket->sending, "sending a message", finish_send), timeout);
}

/* socket:close(code, reason): at once for us; receive gives nil from now on */
static int l_close(lua_State *L)
{
  struct kr_socket *socket = check_socket(L);
  int code = (int)luaL_optinteger(L, 2, 1000);
  if (socket->ws) kr_ws_close(socket->ws, code, luaL_optstring(L, 3, ""));
  return 0;
}

static int l_closed(lua_State *L)
{
  lua_pushboolean(L, !check_socket(L)->ws);
  return 1;
}

static int l_gc(lua_State *L)
{
  struct kr_socket *socket = check_socket(L);
  if (socket->ws) kr_ws_forget(socket->ws);
  socket->ws = NULL;
  while (socket->first) {
    struct message *message = socket->first;
    socket->first = message->next;
    free(message);
  }
  socket->last = &socket->first;
  return 0;
}

int kr_open_ws(lua_State *L)
{
  static const luaL_Reg methods[] = {
    {"receive", l_receive}, {"send", l_send}, {"close", l_close}, {"closed", l_closed}, {NULL, NULL},
  };
  static const luaL_Reg functions[] = {{"connect", l_connect}, {"devtools", l_devtools}, {NULL, NULL}};
  if (luaL_newmetatable(L, SOCKET)) {
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, l_gc);
    lua_setfield(L, -2, "__gc");
  }
  luaL_requiref(L, "karun.native.cdp", kr_open_cdp, 0); /* the class of connections, for devtools */
  luaL_newlib(L, functions);
  return 1;
}
