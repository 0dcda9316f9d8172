/* lua_file: see lua_file.h. What may take long is a job in the thread pool; what a directory entry
 * answers is asked at once. */
#include "lua_file.h"

#include <dirent.h>
#include <errno.h>
#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "file.h"
#include "hold.h"
#include "lua_error.h"
#include "lua_watch.h"
#include "lua_work.h"
#include "name.h"
#include "task.h"

static const char HOLD[] = "karun.hold";
enum { READ_AT_ONCE = 1024 * 1024 }; /* a smaller file is read quicker than a thread is asked */

static int raise_fault(lua_State *L, const struct kr_fault *fault, const char *path)
{
  kr_push_error(L, fault->kind, "%s", fault->text);
  lua_pushstring(L, path);
  lua_setfield(L, -2, "path");
  if (fault->pid) {
    lua_pushinteger(L, fault->pid);
    lua_setfield(L, -2, "pid");
  }
  return lua_error(L);
}

/* ---- jobs ---- */

/* One struct for all verbs: each uses what it needs. */
struct job {
  struct kr_work work;
  int (*act)(struct job *job);
  char *path, *other, *bytes;
  size_t len;
  mode_t mode;
  bool flag, same;
  struct kr_buf out;
  char hex[KR_SHA256_HEX];
  struct kr_fault fault;
};

static int act_read(struct job *job) { return kr_file_read(job->path, &job->out, &job->work.stop, &job->fault); }
static int act_write(struct job *job) { return kr_file_write(job->path, job->bytes, job->len, job->mode, job->flag, &job->work.stop, &job->fault); }
static int act_append(struct job *job) { return kr_file_append(job->path, job->bytes, job->len, job->mode, &job->fault); }
static int act_copy(struct job *job) { return kr_file_copy(job->path, job->other, job->flag, &job->work.stop, &job->fault); }
static int act_move(struct job *job) { return kr_file_move(job->path, job->other, job->flag, &job->work.stop, &job->fault); }
static int act_remove(struct job *job) { return kr_file_remove(job->path, job->flag, false, &job->fault); }
static int act_sha256(struct job *job) { return kr_file_sha256(job->path, job->hex, &job->work.stop, &job->fault); }
static int act_same(struct job *job) { return kr_file_same(job->path, job->other, &job->same, &job->work.stop, &job->fault); }
static int act_sync(struct job *job) { return kr_file_sync(job->path, &job->fault); }

static int job_run(struct kr_work *work)
{
  struct job *job = (struct job *)(void *)work;
  return job->act(job);
}

static void job_destroy(struct kr_work *work)
{
  struct job *job = (struct job *)(void *)work;
  free(job->path);
  free(job->other);
  free(job->bytes);
  kr_buf_free(&job->out);
  free(job);
}

static int job_finish(lua_State *L, struct kr_work *work, int status)
{
  struct job *job = (struct job *)(void *)work;
  if (status) return raise_fault(L, &job->fault, job->path);
  if (job->act == act_read) lua_pushlstring(L, job->out.data ? job->out.data : "", job->out.len);
  else if (job->act == act_sha256) lua_pushstring(L, job->hex);
  else if (job->act == act_same) lua_pushboolean(L, job->same);
  else return 0;
  return 1;
}

/* Nothing raises between here and kr_lua_work: the job is held by no userdata yet. */
static struct job *job_new(int (*act)(struct job *), const char *path)
{
  struct job *job = kr_alloc(sizeof *job);
  job->work.run = job_run;
  job->work.destroy = job_destroy;
  job->act = act;
  job->path = kr_strdup(path);
  return job;
}

/* read(path, limit, timeout) -> bytes */
static int l_read(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  double limit = luaL_checknumber(L, 2), timeout = kr_opt_seconds(L, 3, INFINITY);
  struct stat st;
  struct job *job = job_new(act_read, path);
  job->out = KR_BUF_INIT((size_t)limit);
  if (stat(path, &st) == 0 && st.st_size > READ_AT_ONCE) return kr_lua_work(L, &job->work, "file.read", timeout, job_finish);
  int status = kr_work_run_here(&job->work);
  struct kr_fault fault = job->fault;
  struct kr_buf bytes = job->out;
  job->out = KR_BUF_INIT(0);
  kr_work_drop(&job->work);
  if (!status) lua_pushlstring(L, bytes.data ? bytes.data : "", bytes.len); /* 1 MB: not worth a guard against no memory */
  kr_buf_free(&bytes);
  return status ? raise_fault(L, &fault, path) : 1;
}

static int write_with(lua_State *L, int (*act)(struct job *), const char *what)
{
  size_t len;
  const char *path = luaL_checkstring(L, 1), *bytes = luaL_checklstring(L, 2, &len);
  mode_t mode = (mode_t)luaL_optinteger(L, 3, 0);
  double timeout = kr_opt_seconds(L, 5, INFINITY);
  struct job *job = job_new(act, path);
  job->bytes = kr_strndup(bytes, len); /* a copy: the thread may outlive the string, when the wait is given up */
  job->len = len;
  job->mode = mode;
  job->flag = lua_toboolean(L, 4);
  return kr_lua_work(L, &job->work, what, timeout, job_finish);
}

/* write(path, bytes, mode|nil, replace, timeout), append(path, bytes, mode|nil, nil, timeout) */
static int l_write(lua_State *L) { return write_with(L, act_write, "file.write"); }
static int l_append(lua_State *L) { return write_with(L, act_append, "file.append"); }

static int pair_with(lua_State *L, int (*act)(struct job *), const char *what)
{
  const char *path = luaL_checkstring(L, 1), *other = luaL_checkstring(L, 2);
  double timeout = kr_opt_seconds(L, 4, INFINITY);
  struct job *job = job_new(act, path);
  job->other = kr_strdup(other);
  job->flag = lua_toboolean(L, 3);
  return kr_lua_work(L, &job->work, what, timeout, job_finish);
}

/* copy(from, to, replace, timeout), move(from, to, replace, timeout), same(a, b, nil, timeout) -> boolean */
static int l_copy(lua_State *L) { return pair_with(L, act_copy, "file.copy"); }
static int l_move(lua_State *L) { return pair_with(L, act_move, "file.move"); }
static int l_same(lua_State *L) { return pair_with(L, act_same, "file.same"); }

static int one_with(lua_State *L, int (*act)(struct job *), const char *what)
{
  const char *path = luaL_checkstring(L, 1);
  double timeout = kr_opt_seconds(L, 3, INFINITY);
  struct job *job = job_new(act, path);
  job->flag = lua_toboolean(L, 2);
  return kr_lua_work(L, &job->work, what, timeout, job_finish);
}

/* remove(path, recursive, timeout), sha256(path, nil, timeout) -> hex, sync(path, nil, timeout) */
static int l_remove(lua_State *L) { return one_with(L, act_remove, "file.remove"); }
static int l_sha256(lua_State *L) { return one_with(L, act_sha256, "file.sha256"); }
static int l_sync(lua_State *L) { return one_with(L, act_sync, "file.sync"); }

/* ---- asked at once ---- */

static const char *type_name(mode_t mode)
{
  return S_ISREG(mode) ? "file" : S_ISDIR(mode) ? "directory" : S_ISLNK(mode) ? "link" : "other";
}

/* stat(path) -> { type, size, mtime, mode } | nil */
static int l_stat(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  struct stat st;
  if (lstat(path, &st) < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return 0;
    struct kr_fault fault = {0};
    kr_fault_set(&fault, kr_kind_from_errno(errno), "cannot look at '%s': %s", path, strerror(errno));
    return raise_fault(L, &fault, path);
  }
  lua_createtable(L, 0, 4);
  lua_pushstring(L, type_name(st.st_mode));
  lua_setfield(L, -2, "type");
  lua_pushinteger(L, (lua_Integer)st.st_size);
  lua_setfield(L, -2, "size");
  lua_pushnumber(L, (double)st.st_mtim.tv_sec + (double)st.st_mtim.tv_nsec / 1e9);
  lua_setfield(L, -2, "mtime");
  lua_pushinteger(L, (lua_Integer)(st.st_mode & 07777));
  lua_setfield(L, -2, "mode");
  return 1;
}

/* readlink(path) -> where a link points to, nil for what is none */
static int l_readlink(lua_State *L)
{
  char target[4096];
  ssize_t n = readlink(luaL_checkstring(L, 1), target, sizeof target);
  if (n < 0) return 0;
  lua_pushlstring(L, target, (size_t)n);
  return 1;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
  return strcmp((*a)->d_name, (*b)->d_name);
}

/* list(path) -> names, in the order of their bytes */
static int l_list(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  struct dirent **entries = NULL;
  int n = scandir(path, &entries, NULL, by_bytes);
  if (n < 0) {
    struct kr_fault fault = {0};
    kr_fault_set(&fault, errno == ENOTDIR ? KR_FILE : kr_kind_from_errno(errno), "cannot list '%s': %s", path, strerror(errno));
    return raise_fault(L, &fault, path);
  }
  lua_createtable(L, n, 0);
  for (int i = 0, kept = 0; i < n; i++) {
    const char *name = entries[i]->d_name;
    if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0) {
      lua_pushstring(L, name);
      lua_rawseti(L, -2, ++kept);
    }
    free(entries[i]);
  }
  free(entries);
  return 1;
}

/* mkdir(path, mode|nil) */
static int l_mkdir(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  struct kr_fault fault = {0};
  if (kr_file_mkdir(path, (mode_t)luaL_optinteger(L, 2, 0), &fault)) return raise_fault(L, &fault, path);
  return 0;
}

static mode_t mask; /* the process's umask, read once while no thread of ours makes files */

/* publish(path): a private temporary file gets the mode of any new file */
static int l_publish(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  if (chmod(path, 0666 & ~mask) == 0) return 0;
  struct kr_fault fault = {0};
  kr_fault_set(&fault, kr_kind_from_errno(errno), "cannot set the mode of '%s': %s", path, strerror(errno));
  return raise_fault(L, &fault, path);
}

/* free_space(path) -> bytes */
static int l_free_space(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  struct kr_fault fault = {0};
  double bytes = 0;
  if (kr_file_free_space(path, &bytes, &fault)) return raise_fault(L, &fault, path);
  lua_pushinteger(L, (lua_Integer)bytes);
  return 1;
}

/* ---- names ---- */

static int push_name(lua_State *L, char *name)
{
  if (!name) return kr_raise(L, KR_USAGE, "the name is not UTF-8");
  lua_pushstring(L, name); /* short: at most a few hundred bytes, lost only when memory is out */
  free(name);
  return 1;
}

/* safe_name(text, limit) -> name */
static int l_safe_name(lua_State *L)
{
  size_t len;
  const char *text = luaL_checklstring(L, 1, &len);
  lua_Integer limit = luaL_optinteger(L, 2, KR_NAME_LIMIT);
  if (limit < 32 || limit > 255) return kr_raise(L, KR_USAGE, "safe_name: limit is 32 to 255 bytes");
  return push_name(L, kr_name_safe(text, len, (size_t)limit));
}

/* fold(name) -> what names share that differ only in case or coding */
static int l_fold(lua_State *L)
{
  size_t len;
  const char *text = luaL_checklstring(L, 1, &len);
  return push_name(L, kr_name_fold(text, len));
}

/* bare(name) -> what is left of it without case and accents */
static int l_bare(lua_State *L)
{
  size_t len;
  const char *text = luaL_checklstring(L, 1, &len);
  return push_name(L, kr_name_bare(text, len));
}

static int l_nfc(lua_State *L)
{
  size_t len;
  const char *text = luaL_checklstring(L, 1, &len);
  return push_name(L, kr_name_nfc(text, len));
}

/* ---- holds: lock, temporary folder, part ---- */

static int push_hold(lua_State *L, const char *path, int (*make)(const char *, struct kr_hold **, struct kr_fault *))
{
  struct kr_hold **hold = lua_newuserdatauv(L, sizeof *hold, 0);
  struct kr_fault fault = {0};
  *hold = NULL;
  luaL_setmetatable(L, HOLD);
  if (make(path, hold, &fault)) return raise_fault(L, &fault, path ? path : "");
  return 1;
}

static int l_lock(lua_State *L) { return push_hold(L, luaL_checkstring(L, 1), kr_hold_lock); }
static int l_temp(lua_State *L) { return push_hold(L, luaL_optstring(L, 1, NULL), kr_hold_temp); }
static int l_part(lua_State *L) { return push_hold(L, luaL_checkstring(L, 1), kr_hold_part); }

/* sweep(folder|nil): removes what killed runs left there */
static int l_sweep(lua_State *L)
{
  kr_hold_sweep(luaL_optstring(L, 1, NULL));
  return 0;
}

static struct kr_hold *check_hold(lua_State *L)
{
  struct kr_hold **hold = luaL_checkudata(L, 1, HOLD);
  if (!*hold) kr_raise(L, KR_USAGE, "this lock or temporary file was closed");
  return *hold;
}

static int l_hold_path(lua_State *L)
{
  lua_pushstring(L, kr_hold_path(check_hold(L)));
  return 1;
}

static int l_hold_fd(lua_State *L)
{
  lua_pushinteger(L, kr_hold_fd(check_hold(L)));
  return 1;
}

/* truncate(): a part begins anew */
static int l_hold_truncate(lua_State *L)
{
  struct kr_fault fault = {0};
  struct kr_hold *hold = check_hold(L);
  if (kr_hold_truncate(hold, &fault)) return raise_fault(L, &fault, kr_hold_path(hold));
  return 0;
}

static int l_hold_close(lua_State *L)
{
  struct kr_hold **hold = luaL_checkudata(L, 1, HOLD);
  struct kr_hold *closing = *hold;
  *hold = NULL;
  kr_hold_drop(closing);
  return 0;
}

/* point(link, target): makes or replaces a symbolic link, in one step */
static int l_point(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1), *target = luaL_checkstring(L, 2);
  const char *beside = lua_pushfstring(L, "%s.new", path);
  unlink(beside);
  bool ok = symlink(target, beside) == 0 && rename(beside, path) == 0;
  lua_pushboolean(L, ok);
  return 1;
}

int kr_open_file(lua_State *L)
{
  static const luaL_Reg functions[] = {
    {"read", l_read}, {"write", l_write}, {"append", l_append}, {"copy", l_copy}, {"move", l_move}, {"same", l_same},
    {"remove", l_remove}, {"sha256", l_sha256}, {"sync", l_sync}, {"stat", l_stat}, {"readlink", l_readlink},
    {"list", l_list}, {"mkdir", l_mkdir}, {"free_space", l_free_space}, {"publish", l_publish}, {"safe_name", l_safe_name},
    {"fold", l_fold}, {"bare", l_bare}, {"nfc", l_nfc}, {"lock", l_lock}, {"temp", l_temp}, {"part", l_part}, {"sweep", l_sweep},
    {"point", l_point}, {"watch", kr_lua_watch}, {NULL, NULL},
  };
  static const luaL_Reg methods[] = {
    {"path", l_hold_path}, {"fd", l_hold_fd}, {"truncate", l_hold_truncate}, {"close", l_hold_close}, {NULL, NULL},
  };
  umask(mask = umask(077));
  luaL_newmetatable(L, HOLD);
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, l_hold_close);
  lua_setfield(L, -2, "__gc");
  lua_pushcfunction(L, l_hold_close);
  lua_setfield(L, -2, "__close");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
