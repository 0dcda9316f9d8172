/* lua_proc: see lua_proc.h. A child is ended when its process is gone and its outputs are read to the
 * end; whoever collects it kills what still runs. */
#include "lua_proc.h"

#include <errno.h>
#include <lauxlib.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"
#include "lua_error.h"
#include "task.h"

static const char PROC[] = "karun.proc";
#define OUT_LIMIT ((size_t)64 << 20)
enum { IN, OUT, ERR, STREAMS };

struct child;

struct stream {
  uv_pipe_t pipe;
  struct child *child;
  struct kr_buf buf;
  char chunk[16 * 1024];
  bool open;
};

struct exit_op {
  struct kr_op op;
  struct child *child;
  struct exit_op *next;
};

struct child {
  struct kr_proc *proc;
  struct stream *streams[STREAMS];
  struct exit_op *waiting;
  int status;
  bool exited, keep_tail;
};

static struct child *check_child(lua_State *L, int index)
{
  return luaL_checkudata(L, index, PROC);
}

struct kr_proc *kr_check_proc(lua_State *L, int index)
{
  struct child *child = check_child(L, index);
  if (!child->proc) kr_raise(L, KR_USAGE, "this process object was closed");
  return child->proc;
}

static bool has_ended(const struct child *child)
{
  const struct stream *out = child->streams[OUT], *err = child->streams[ERR];
  return child->exited && !(out && out->open) && !(err && err->open);
}

static void tell_if_ended(struct child *child)
{
  if (!has_ended(child)) return;
  while (child->waiting) {
    struct exit_op *op = child->waiting;
    child->waiting = op->next;
    kr_wait_end(&op->op.wait, 0);
  }
}

/* ---- streams ---- */

static void on_stream_closed(uv_handle_t *handle)
{
  struct stream *stream = handle->data;
  kr_buf_free(&stream->buf);
  free(stream);
}

static void drop_stream(struct child *child, int which)
{
  struct stream *stream = child->streams[which];
  if (!stream) return;
  child->streams[which] = NULL;
  stream->child = NULL;
  uv_close((uv_handle_t *)&stream->pipe, on_stream_closed);
}

static void on_stream_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
  (void)suggested;
  struct stream *stream = handle->data;
  *out = uv_buf_init(stream->chunk, sizeof stream->chunk);
}

static void keep(struct stream *stream, const char *bytes, size_t len)
{
  if (stream->child->keep_tail && stream->buf.len + len > KR_PROC_STDERR_LIMIT) { /* the last words count */
    size_t half = stream->buf.len / 2;
    memmove(stream->buf.data, stream->buf.data + half, stream->buf.len - half);
    stream->buf.len -= half;
  }
  kr_buf_add(&stream->buf, bytes, len); /* over the ceiling: the rest is dropped */
}

static void on_stream_read(uv_stream_t *handle, ssize_t n, const uv_buf_t *buf)
{
  struct stream *stream = handle->data;
  if (n > 0) {
    keep(stream, buf->base, (size_t)n);
  } else if (n < 0) {
    stream->open = false;
    uv_read_stop(handle);
    tell_if_ended(stream->child);
  }
}

static struct stream *open_stream(struct kr_loop *loop, struct child *child, int which)
{
  int fd = kr_proc_take_fd(child->proc, which);
  if (fd < 0) return NULL;
  struct stream *stream = kr_alloc(sizeof *stream);
  stream->child = child;
  stream->buf = KR_BUF_INIT(OUT_LIMIT);
  uv_pipe_init(kr_loop_uv(loop), &stream->pipe, 0);
  stream->pipe.data = stream;
  stream->open = uv_pipe_open(&stream->pipe, fd) == 0;
  if (stream->open && which != IN) uv_read_start((uv_stream_t *)&stream->pipe, on_stream_alloc, on_stream_read);
  return child->streams[which] = stream;
}

/* ---- start ---- */

static void on_exit_status(struct kr_proc *proc, int status)
{
  struct child *child = kr_proc_owner(proc);
  child->exited = true;
  child->status = status;
  tell_if_ended(child);
}

/* list of texts at index -> NULL-ended vector, collected with the userdata that is pushed; NULL when nil */
static char **check_texts(lua_State *L, int index)
{
  if (lua_isnil(L, index)) { lua_pushnil(L); return NULL; }
  luaL_checktype(L, index, LUA_TTABLE);
  size_t n = lua_rawlen(L, index);
  char **texts = lua_newuserdatauv(L, (n + 1) * sizeof *texts, 0);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, index, (lua_Integer)i + 1);
    texts[i] = (char *)(uintptr_t)luaL_checkstring(L, -1); /* the table at index keeps it */
    lua_pop(L, 1);
  }
  texts[n] = NULL;
  return texts;
}

static void on_input_written(uv_write_t *request, int status)
{
  (void)status;
  struct stream *stream = request->handle->data;
  free(request);
  if (stream->child) drop_stream(stream->child, IN);
}

/* All of it, then the end of its stdin: a pipe is ended by closing it. */
static void write_input(struct child *child, const char *input, size_t len)
{
  struct stream *stream = child->streams[IN];
  if (!stream) return;
  uv_write_t *request = kr_alloc(sizeof *request + len);
  memcpy(request + 1, input, len);
  uv_buf_t buf = uv_buf_init((char *)(request + 1), (unsigned)len);
  if (len && uv_write(request, (uv_stream_t *)&stream->pipe, &buf, 1, on_input_written) == 0) return;
  free(request);
  drop_stream(child, IN);
}

/* start{ argv={…}, env={"K=v", …}|nil, cwd=|nil, pipe=bool, capture=bool, input=text|nil } -> child.
 * pipe: DevTools on 3 and 4, only the last words of stderr are kept. capture: stdin, stdout, stderr. */
static int l_start(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  static const char *const fields[] = {"argv", "env", "cwd", "pipe", "capture", "input"};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) lua_getfield(L, 1, fields[i]); /* 2..7 */
  char **argv = check_texts(L, 2), **env = check_texts(L, 3);                                /* 8, 9 */
  if (!argv || !argv[0]) return kr_raise(L, KR_USAGE, "proc.start: argv is empty");
  struct kr_proc_spec spec = {
    .argv = argv, .env = env, .cwd = luaL_optstring(L, 4, NULL), .pipe = lua_toboolean(L, 5), .capture = lua_toboolean(L, 6),
  };
  size_t input_len = 0;
  const char *input = luaL_optlstring(L, 7, "", &input_len);
  struct child *child = lua_newuserdatauv(L, sizeof *child, 0);
  *child = (struct child){.keep_tail = spec.pipe};
  luaL_setmetatable(L, PROC);
  int sys = 0;
  if (kr_proc_start(kr_lua_loop(L), &spec, on_exit_status, child, &child->proc, &sys))
    return kr_raise(L, KR_LAUNCH, "%s cannot be started: %s", argv[0], strerror(sys));
  for (int i = 0; i < STREAMS; i++) open_stream(kr_lua_loop(L), child, i);
  write_input(child, input, input_len);
  return 1;
}

/* ---- use ---- */

static void exit_forget(struct kr_wait *wait)
{
  struct exit_op *op = (struct exit_op *)(void *)wait;
  for (struct exit_op **link = &op->child->waiting; *link; link = &(*link)->next)
    if (*link == op) { *link = op->next; return; }
}

static int exit_finish(lua_State *L, struct kr_op *op)
{
  if (op->wait.status == -KR_CANCELLED) return kr_op_raise(L, op, "waiting for a process");
  lua_pushboolean(L, op->wait.status == 0);
  return 1;
}

/* child:wait(timeout) -> true when it has ended, false when time is up */
static int l_wait(lua_State *L)
{
  struct child *child = check_child(L, 1);
  double timeout = kr_opt_seconds(L, 2, INFINITY);
  struct exit_op *op = kr_op_new(L, sizeof *op, "process", exit_forget, exit_finish, NULL);
  op->child = child;
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);
  if (has_ended(child)) {
    kr_wait_end(&op->op.wait, 0);
  } else {
    op->next = child->waiting;
    child->waiting = op;
  }
  return kr_op_wait(L, op, timeout);
}

static int push_stream(lua_State *L, struct child *child, int which)
{
  struct stream *stream = child->streams[which];
  lua_pushlstring(L, stream && stream->buf.data ? stream->buf.data : "", stream ? stream->buf.len : 0);
  return 1;
}

static int l_out(lua_State *L) { return push_stream(L, check_child(L, 1), OUT); }
static int l_err(lua_State *L) { return push_stream(L, check_child(L, 1), ERR); }

static int l_pid(lua_State *L)
{
  lua_pushinteger(L, kr_proc_pid(kr_check_proc(L, 1)));
  return 1;
}

/* child:status() -> exit code | nil, signal | nil, nil while it runs */
static int l_status(lua_State *L)
{
  struct child *child = check_child(L, 1);
  if (!child->exited) return 0;
  if (WIFSIGNALED(child->status)) {
    lua_pushnil(L);
    lua_pushinteger(L, WTERMSIG(child->status));
    return 2;
  }
  lua_pushinteger(L, WEXITSTATUS(child->status));
  return 1;
}

static int l_kill(lua_State *L)
{
  kr_proc_kill(kr_check_proc(L, 1), (int)luaL_optinteger(L, 2, SIGTERM));
  return 0;
}

/* Only the leader: a terminal's Ctrl-C for one program. */
static int l_signal(lua_State *L)
{
  struct child *child = check_child(L, 1);
  if (!child->exited) kill(kr_proc_pid(child->proc), (int)luaL_checkinteger(L, 2));
  return 0;
}

/* close(), and when collected: what still runs is killed */
static int l_close(lua_State *L)
{
  struct child *child = check_child(L, 1);
  child->exited = true;
  kr_proc_destroy(child->proc);
  child->proc = NULL;
  for (int i = 0; i < STREAMS; i++) drop_stream(child, i);
  return 0;
}

extern char **environ;

/* environ() -> list of "NAME=value" */
static int l_environ(lua_State *L)
{
  lua_newtable(L);
  for (int i = 0; environ[i]; i++) {
    lua_pushstring(L, environ[i]);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/* setenv(name, value|nil) */
static int l_setenv(lua_State *L)
{
  const char *name = luaL_checkstring(L, 1);
  if (lua_isnoneornil(L, 2)) unsetenv(name);
  else setenv(name, luaL_checkstring(L, 2), 1);
  return 0;
}

static int l_getpid(lua_State *L)
{
  lua_pushinteger(L, getpid());
  lua_pushboolean(L, geteuid() == 0);
  return 2;
}

/* alive(pid) -> a process of that number runs (a zombie does not) */
static int l_alive(lua_State *L)
{
  pid_t pid = (pid_t)luaL_checkinteger(L, 1);
  lua_pushboolean(L, pid > 0 && (kill(pid, 0) == 0 || errno == EPERM));
  return 1;
}

static int l_hostname(lua_State *L)
{
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  lua_pushstring(L, name);
  return 1;
}

int kr_open_proc(lua_State *L)
{
  static const luaL_Reg methods[] = {
    {"wait", l_wait}, {"out", l_out}, {"err", l_err}, {"pid", l_pid}, {"status", l_status},
    {"kill", l_kill}, {"signal", l_signal}, {"close", l_close}, {NULL, NULL},
  };
  static const luaL_Reg functions[] = {
    {"start", l_start}, {"environ", l_environ}, {"setenv", l_setenv}, {"getpid", l_getpid}, {"alive", l_alive}, {"hostname", l_hostname}, {NULL, NULL},
  };
  luaL_newmetatable(L, PROC);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, l_close);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
