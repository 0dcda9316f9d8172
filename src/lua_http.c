/* lua_http: see lua_http.h. */
#include "lua_http.h"

#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "http.h"
#include "lua_error.h"
#include "task.h"

static const char CLIENT[] = "karun.http.client", REQUEST[] = "karun.http.request";

struct request_op {
  struct kr_op op;
  struct kr_http_request *request;
};

/* ---- the client: one a state, made with the module ---- */

static int l_client_gc(lua_State *L)
{
  struct kr_http **client = luaL_checkudata(L, 1, CLIENT);
  kr_http_destroy(*client);
  *client = NULL;
  return 0;
}

static struct kr_http *client_of(lua_State *L)
{
  lua_rawgetp(L, LUA_REGISTRYINDEX, CLIENT);
  struct kr_http **client = luaL_checkudata(L, -1, CLIENT);
  lua_pop(L, 1);
  return *client;
}

/* ---- what is asked for ---- */

/* The list of texts at field -> NULL-ended vector, kept by a userdata left on the stack; NULL for none. */
static const char *const *texts_of(lua_State *L, const char *field)
{
  if (lua_getfield(L, 1, field) == LUA_TNIL) return NULL;
  luaL_checktype(L, -1, LUA_TTABLE);
  int list = lua_gettop(L);
  size_t n = lua_rawlen(L, list);
  const char **texts = lua_newuserdatauv(L, (n + 1) * sizeof *texts, 0);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, list, (lua_Integer)i + 1);
    texts[i] = luaL_checkstring(L, -1); /* the list keeps it */
    lua_pop(L, 1);
  }
  texts[n] = NULL;
  return texts;
}

static const char *text_in(lua_State *L, int table, const char *field, size_t *len)
{
  lua_getfield(L, table, field);
  const char *text = luaL_optlstring(L, -1, NULL, len);
  lua_pop(L, 1); /* the table keeps it */
  return text;
}

static struct kr_http_part *parts_of(lua_State *L, size_t *count)
{
  *count = 0;
  if (lua_getfield(L, 1, "parts") == LUA_TNIL) return NULL;
  luaL_checktype(L, -1, LUA_TTABLE);
  int list = lua_gettop(L);
  size_t n = lua_rawlen(L, list);
  struct kr_http_part *parts = lua_newuserdatauv(L, n * sizeof *parts + 1, 0);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, list, (lua_Integer)i + 1);
    int part = lua_gettop(L);
    parts[i] = (struct kr_http_part){.name = text_in(L, part, "name", NULL), .filename = text_in(L, part, "filename", NULL),
                                     .type = text_in(L, part, "type", NULL), .file = text_in(L, part, "file", NULL)};
    parts[i].bytes = text_in(L, part, "value", &parts[i].len);
    lua_pop(L, 1);
  }
  *count = n;
  return parts;
}

/* request{ url, method, headers = {"name: value"}, cookies = {line}, body, parts = {{ name, value | file,
 * filename, type }}, redirects, stall, compressed } -> request */
static int l_request(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  size_t part_count, body_len = 0;
  struct kr_http_ask ask = {.url = text_in(L, 1, "url", NULL), .method = text_in(L, 1, "method", NULL)};
  if (!ask.url || !ask.method) return kr_raise(L, KR_USAGE, "http.request wants a url and a method");
  ask.body = text_in(L, 1, "body", &body_len);
  ask.body_len = body_len;
  ask.headers = texts_of(L, "headers");
  ask.cookies = texts_of(L, "cookies");
  struct kr_http_part *parts = parts_of(L, &part_count);
  lua_getfield(L, 1, "redirects");
  ask.redirects = (long)luaL_optinteger(L, -1, 0);
  lua_getfield(L, 1, "stall");
  ask.stall = luaL_optnumber(L, -1, INFINITY);
  lua_getfield(L, 1, "compressed");
  ask.compressed = lua_toboolean(L, -1);
  struct kr_http *client = client_of(L);
  struct kr_http_request **request = lua_newuserdatauv(L, sizeof *request, 0);
  *request = NULL;
  luaL_setmetatable(L, REQUEST);
  *request = kr_http_request_create(client, &ask, parts, part_count);
  return 1;
}

/* ---- waits ---- */

static struct kr_http_request *check_request(lua_State *L)
{
  struct kr_http_request **request = luaL_checkudata(L, 1, REQUEST);
  if (!*request) kr_raise(L, KR_USAGE, "this request was closed");
  return *request;
}

static void request_forget(struct kr_wait *wait)
{
  kr_http_forget(((struct request_op *)(void *)wait)->request);
}

static int raise_fault(lua_State *L, struct kr_op *op, struct kr_http_request *request)
{
  int status = op->wait.status;
  if (status == -KR_TIMEOUT || status == -KR_CANCELLED) return kr_op_raise(L, op, "%s", op->what);
  const char *net = NULL, *words = kr_http_fault(request, &net);
  kr_push_error(L, -status, "%s", words);
  if (net) {
    lua_pushfstring(L, "net::%s", net);
    lua_setfield(L, -2, "net");
  }
  return lua_error(L);
}

static struct request_op *new_op(lua_State *L, struct kr_http_request *request, const char *what,
                                 int (*finish)(lua_State *, struct kr_op *))
{
  struct request_op *op = kr_op_new(L, sizeof *op, what, request_forget, finish, NULL);
  op->request = request;
  lua_pushvalue(L, 1); /* the request must outlive the op */
  lua_setiuservalue(L, -2, 1);
  return op;
}

static void push_count(lua_State *L, double count)
{
  if (count < 0) lua_pushnil(L);
  else lua_pushinteger(L, (lua_Integer)count);
}

static int send_finish(lua_State *L, struct kr_op *op)
{
  struct kr_http_request *request = ((struct request_op *)(void *)op)->request;
  if (op->wait.status) return raise_fault(L, op, request);
  const struct kr_buf *head = kr_http_head(request);
  double retry_after = kr_http_retry_after(request);
  lua_pushinteger(L, kr_http_status(request));
  lua_pushstring(L, kr_http_url(request));
  lua_pushlstring(L, head->data ? head->data : "", head->len);
  push_count(L, kr_http_total(request));
  if (retry_after > 0) lua_pushnumber(L, retry_after);
  else lua_pushnil(L);
  return 5;
}

/* send(timeout) -> status, url, head, total|nil, retry_after|nil */
static int l_send(lua_State *L)
{
  struct kr_http_request *request = check_request(L);
  double timeout = kr_opt_seconds(L, 2, INFINITY);
  struct request_op *op = new_op(L, request, "http.fetch", send_finish);
  kr_http_send(request, &op->op.wait);
  return kr_op_wait(L, op, timeout);
}

static int receive_finish(lua_State *L, struct kr_op *op)
{
  struct kr_http_request *request = ((struct request_op *)(void *)op)->request;
  if (op->wait.status) return raise_fault(L, op, request);
  lua_pushboolean(L, kr_http_finished(request));
  return 1;
}

/* receive(fd|-1, limit, step, timeout) -> finished. With step also after each piece. */
static int l_receive(lua_State *L)
{
  struct kr_http_request *request = check_request(L);
  int fd = (int)luaL_checkinteger(L, 2);
  double limit = luaL_checknumber(L, 3), timeout = kr_opt_seconds(L, 5, INFINITY);
  bool step = lua_toboolean(L, 4);
  struct request_op *op = new_op(L, request, "http.fetch", receive_finish);
  kr_http_receive(request, &op->op.wait, fd, limit, step);
  return kr_op_wait(L, op, timeout);
}

/* ---- what came ---- */

static int l_received(lua_State *L)
{
  push_count(L, kr_http_received(check_request(L)));
  return 1;
}

static int l_body(lua_State *L)
{
  const struct kr_buf *body = kr_http_body(check_request(L));
  lua_pushlstring(L, body->data ? body->data : "", body->len);
  return 1;
}

static int l_close(lua_State *L)
{
  struct kr_http_request **request = luaL_checkudata(L, 1, REQUEST), *closing = *request;
  *request = NULL;
  kr_http_request_close(closing);
  return 0;
}

int kr_open_http(lua_State *L)
{
  static const luaL_Reg functions[] = {{"request", l_request}, {NULL, NULL}};
  static const luaL_Reg methods[] = {
    {"send", l_send}, {"receive", l_receive}, {"received", l_received}, {"body", l_body}, {"close", l_close}, {NULL, NULL},
  };
  luaL_newmetatable(L, CLIENT);
  lua_pushcfunction(L, l_client_gc);
  lua_setfield(L, -2, "__gc");
  luaL_newmetatable(L, REQUEST);
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, l_close);
  lua_setfield(L, -2, "__gc");
  lua_pushcfunction(L, l_close);
  lua_setfield(L, -2, "__close");
  lua_pop(L, 2);
  luaL_newlib(L, functions);
  /* made before every request, hence collected after them; libcurl itself starts at the first request */
  struct kr_http **client = lua_newuserdatauv(L, sizeof *client, 0);
  *client = kr_http_create(kr_lua_loop(L));
  luaL_setmetatable(L, CLIENT);
  lua_rawsetp(L, LUA_REGISTRYINDEX, CLIENT);
  return 1;
}
