/* lua_cdp: see lua_cdp.h. A connection calls one Lua function for every wanted event, from the loop,
 * where nothing can wait; a call waits for its reply in the calling task. */
#include "lua_cdp.h"

#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cdp.h"
#include "lua_error.h"
#include "lua_json.h"
#include "lua_proc.h"
#include "pipe.h"
#include "task.h"

static const char CONNECTION[] = "karun.connection";
enum { MAX_BURST = 64 };

struct connection {
  lua_State *L;                            /* the main state */
  struct kr_cdp *cdp;
  bool closed;
};

/* Several messages sent together, one wait for all replies. */
struct call_reply {
  struct kr_reply reply;
  struct call_op *op;
  bool came, failed;
  cJSON *body;                             /* the result or the error object; ours */
};

struct call_op {
  struct kr_op op;
  struct connection *conn;
  int count, left;
  struct call_reply replies[];
};

static struct connection *check_connection(lua_State *L)
{
  return luaL_checkudata(L, 1, CONNECTION);
}

/* ---- events ---- */

static void report_failure(lua_State *L)
{
  kr_log(KR_LOG_ERROR, "internal: an event handler failed: %s", luaL_tolstring(L, -1, NULL));
  lua_pop(L, 2);
}

/* userdata, function in its user value 1 */
static bool push_handler(struct connection *conn)
{
  lua_State *L = conn->L;
  luaL_checkstack(L, 8, "event");
  lua_rawgetp(L, LUA_REGISTRYINDEX, conn);
  if (lua_getiuservalue(L, -1, 1) == LUA_TFUNCTION) {
    lua_remove(L, -2);
    return true;
  }
  lua_pop(L, 2);
  return false;
}

static int traceback(lua_State *L)
{
  luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
  return 1;
}

static void on_event(void *owner, const char *session, const char *method, const cJSON *params)
{
  struct connection *conn = owner;
  lua_State *L = conn->L;
  lua_pushcfunction(L, traceback);
  if (!push_handler(conn)) { lua_pop(L, 1); return; }
  lua_pushstring(L, session);
  lua_pushstring(L, method);
  kr_push_json(L, params);
  if (lua_pcall(L, 3, 0, -5)) report_failure(L);
  lua_pop(L, 1);
}

static void on_closed(void *owner, const char *why)
{
  struct connection *conn = owner;
  lua_State *L = conn->L;
  conn->closed = true;
  lua_pushcfunction(L, traceback);
  if (push_handler(conn)) {
    lua_pushliteral(L, "");
    lua_pushliteral(L, "closed");
    lua_pushstring(L, why);
    if (lua_pcall(L, 3, 0, -5)) report_failure(L);
  }
  lua_pop(L, 1);
  lua_pushnil(L); /* nothing more will come: the collector may have it */
  lua_rawsetp(L, LUA_REGISTRYINDEX, conn);
}

void kr_push_connection(lua_State *L, struct kr_channel *channel)
{
  struct connection *conn = lua_newuserdatauv(L, sizeof *conn, 1);
  *conn = (struct connection){.closed = false};
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  conn->L = lua_tothread(L, -1);
  lua_pop(L, 1);
  luaL_setmetatable(L, CONNECTION);
  struct kr_cdp_events events = {.on_event = on_event, .on_closed = on_closed, .owner = conn};
  conn->cdp = kr_cdp_create(channel, &events);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, conn);
}

/* ---- calls ---- */

static void call_forget(struct kr_wait *wait)
{
  struct call_op *call = (struct call_op *)(void *)wait;
  for (int i = 0; i < call->count; i++) kr_cdp_forget(call->conn->cdp, &call->replies[i].reply);
}

static void call_release(struct kr_op *op)
{
  struct call_op *call = (struct call_op *)op;
  if (call->conn->cdp) call_forget(&op->wait);
  for (int i = 0; i < call->count; i++) cJSON_Delete(call->replies[i].body);
}

static void on_reply(struct kr_reply *reply, int status, cJSON *body)
{
  struct call_reply *slot = (struct call_reply *)(void *)reply;
  struct call_op *call = slot->op;
  slot->body = body;
  slot->came = status == 0 || status == -KR_PROTOCOL;
  slot->failed = status == -KR_PROTOCOL;
  if (!slot->came) kr_wait_abandon(&call->op.wait, status);
  else if (--call->left == 0) kr_wait_end(&call->op.wait, 0);
}

static const char *message_of(const struct call_reply *slot)
{
  const cJSON *message = cJSON_GetObjectItemCaseSensitive(slot->body, "message");
  return cJSON_IsString(message) ? message->valuestring : "no message";
}

static double code_of(const struct call_reply *slot)
{
  const cJSON *code = cJSON_GetObjectItemCaseSensitive(slot->body, "code");
  return cJSON_IsNumber(code) ? code->valuedouble : 0;
}

/* One of a burst: its result, or {failed=, code=}. */
static void push_reply(lua_State *L, const struct call_reply *slot)
{
  if (!slot->failed) { kr_push_json(L, slot->body); return; }
  lua_createtable(L, 0, 2);
  lua_pushstring(L, message_of(slot));
  lua_setfield(L, -2, "failed");
  lua_pushnumber(L, code_of(slot));
  lua_setfield(L, -2, "code");
}

/* -> the list of replies; or nil, kind, what came of it */
static int burst_finish(lua_State *L, struct kr_op *op)
{
  struct call_op *call = (struct call_op *)op;
  if (op->wait.status == -KR_CANCELLED) return kr_op_raise(L, op, "%s", op->what);
  lua_createtable(L, call->count, 0);
  for (int i = 0; i < call->count; i++) {
    if (!call->replies[i].came) continue;
    push_reply(L, &call->replies[i]);
    lua_rawseti(L, -2, i + 1);
  }
  if (!op->wait.status) return 1;
  lua_pushnil(L);
  lua_pushstring(L, kr_kind_name(op->wait.status));
  lua_pushvalue(L, -3);
  return 3;
}

/* -> the result; or nil, kind, message, code */
static int call_finish(lua_State *L, struct kr_op *op)
{
  const struct call_reply *slot = &((struct call_op *)op)->replies[0];
  if (op->wait.status == -KR_CANCELLED) return kr_op_raise(L, op, "%s", op->what);
  if (!op->wait.status && !slot->failed) {
    kr_push_json(L, slot->body);
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, op->wait.status ? kr_kind_name(op->wait.status) : "protocol");
  if (op->wait.status) return 2;
  lua_pushstring(L, message_of(slot));
  lua_pushnumber(L, code_of(slot));
  return 4;
}

static struct call_op *new_call(lua_State *L, struct connection *conn, int count, const char *what,
                                int (*finish)(lua_State *L, struct kr_op *op))
{
  struct call_op *call = kr_op_new(L, sizeof *call + (size_t)count * sizeof call->replies[0], what, call_forget, finish, call_release);
  call->conn = conn;
  call->count = call->left = count;
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);             /* the connection outlives the op */
  return call;
}

/* Sends one of a call; params at index (nil: none). */
static int send_one(lua_State *L, struct call_op *call, int slot, const char *session, const char *method, int params)
{
  const struct kr_buf *text = lua_isnoneornil(L, params) ? NULL : kr_check_json(L, params, false);
  call->replies[slot].op = call;
  call->replies[slot].reply.done = on_reply;
  return kr_cdp_send(call->conn->cdp, session, method, text, &call->replies[slot].reply);
}

/* conn:call(session, method, params|nil, timeout) */
static int l_call(lua_State *L)
{
  struct connection *conn = check_connection(L);
  const char *session = luaL_optstring(L, 2, ""), *method = luaL_checkstring(L, 3);
  double timeout = kr_opt_seconds(L, 5, 30);
  lua_settop(L, 5);
  struct call_op *call = new_call(L, conn, 1, method, call_finish);
  int err = send_one(L, call, 0, session, method, 4);
  if (err) kr_wait_end(&call->op.wait, err);
  return kr_op_wait(L, call, timeout);
}

/* conn:burst({ {session, method, params}, … }, timeout) -> list of results, a failed one as {failed=, code=} */
static int l_burst(lua_State *L)
{
  struct connection *conn = check_connection(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  double timeout = kr_opt_seconds(L, 3, 30);
  int count = (int)luaL_len(L, 2), err = 0;
  if (count < 1 || count > MAX_BURST) return kr_raise(L, KR_INTERNAL, "a burst of %d messages", count);
  lua_settop(L, 3);
  struct call_op *call = new_call(L, conn, count, "burst", burst_finish);
  for (int i = 0; i < count && !err; i++) {
    lua_rawgeti(L, 2, i + 1);              /* 5 */
    lua_rawgeti(L, 5, 1);
    lua_rawgeti(L, 5, 2);
    lua_rawgeti(L, 5, 3);                  /* 8 */
    err = send_one(L, call, i, luaL_optstring(L, 6, ""), luaL_checkstring(L, 7), 8);
    lua_settop(L, 4);
  }
  if (err) kr_wait_abandon(&call->op.wait, err);
  return kr_op_wait(L, call, timeout);
}

/* conn:send(session, method, params): nobody waits for the answer. -> true, or false when it cannot be sent */
static int l_send(lua_State *L)
{
  struct connection *conn = check_connection(L);
  const char *session = luaL_optstring(L, 2, ""), *method = luaL_checkstring(L, 3);
  const struct kr_buf *text = lua_isnoneornil(L, 4) ? NULL : kr_check_json(L, 4, false);
  lua_pushboolean(L, kr_cdp_send(conn->cdp, session, method, text, NULL) == 0);
  return 1;
}

/* conn:abort(session, kind): every pending call of the session ends as nil, kind */
static int l_abort(lua_State *L)
{
  struct connection *conn = check_connection(L);
  kr_cdp_abort(conn->cdp, luaL_checkstring(L, 2), -kr_kind_from_name(luaL_checkstring(L, 3)));
  return 0;
}

static int l_on(lua_State *L)
{
  check_connection(L);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  lua_setiuservalue(L, 1, 1);
  return 0;
}

static int l_want(lua_State *L)
{
  struct connection *conn = check_connection(L);
  for (int i = 2; i <= lua_gettop(L); i++) kr_cdp_want(conn->cdp, luaL_checkstring(L, i));
  return 0;
}

static int l_closed(lua_State *L)
{
  lua_pushboolean(L, check_connection(L)->closed);
  return 1;
}

static int l_close(lua_State *L)
{
  kr_cdp_close(check_connection(L)->cdp);
  return 0;
}

static int l_stats(lua_State *L)
{
  struct kr_cdp_stats stats = kr_cdp_stats(check_connection(L)->cdp);
  lua_pushinteger(L, (lua_Integer)stats.calls);
  lua_pushinteger(L, (lua_Integer)stats.events);
  lua_pushinteger(L, (lua_Integer)stats.dropped);
  return 3;
}

static int l_gc(lua_State *L)
{
  struct connection *conn = lua_touserdata(L, 1);
  kr_cdp_destroy(conn->cdp);
  conn->cdp = NULL;
  return 0;
}

/* pipe(process) -> connection over the DevTools pipe of a process started with pipe=true */
static int l_pipe(lua_State *L)
{
  struct kr_proc *proc = kr_check_proc(L, 1);
  int to = kr_proc_take_fd(proc, 3), from = kr_proc_take_fd(proc, 4);
  struct kr_channel *channel = to >= 0 && from >= 0 ? kr_pipe_open(kr_lua_loop(L), to, from) : NULL;
  if (!channel) return kr_raise(L, KR_LAUNCH, "the browser's DevTools pipe cannot be opened");
  kr_push_connection(L, channel);
  return 1;
}

int kr_open_cdp(lua_State *L)
{
  static const luaL_Reg methods[] = {
    {"call", l_call}, {"burst", l_burst}, {"send", l_send}, {"on", l_on}, {"abort", l_abort}, {"want", l_want},
    {"closed", l_closed}, {"close", l_close}, {"stats", l_stats}, {NULL, NULL},
  };
  static const luaL_Reg functions[] = {{"pipe", l_pipe}, {NULL, NULL}};
  luaL_newmetatable(L, CONNECTION);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, l_gc);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
