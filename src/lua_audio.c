/* lua_audio: see lua_audio.h. All of it is work for the thread pool. */
#include "lua_audio.h"

#include <fcntl.h>
#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audio.h"
#include "lua_error.h"
#include "lua_work.h"
#include "task.h"

static const char SOUND[] = "karun.native.sound";

/* A decoded file, kept by its Lua object and by each job that reads it. */
struct shared {
  struct kr_audio *audio;
  unsigned holders;
};

struct job {
  struct kr_work work;
  char *path;
  struct shared *a, *b;
  int fd;
  double length_s;
  struct kr_audio_facts facts;
  struct kr_audio_match match;
  struct kr_fault fault;
};

static void let_go(struct shared *shared)
{
  if (!shared || --shared->holders) return;
  kr_audio_destroy(shared->audio);
  free(shared);
}

static void job_destroy(struct kr_work *work)
{
  struct job *job = (struct job *)(void *)work;
  free(job->path);
  let_go(job->a);
  let_go(job->b);
  if (job->fd >= 0) close(job->fd);
  free(job);
}

static struct job *job_new(int (*run)(struct kr_work *), const char *path)
{
  struct job *job = kr_alloc(sizeof *job);
  job->work.run = run;
  job->work.destroy = job_destroy;
  job->path = kr_strdup(path);
  job->fd = -1;
  return job;
}

static int raise_fault(lua_State *L, const struct job *job)
{
  kr_push_error(L, job->fault.kind, "%s", job->fault.text);
  if (job->path[0]) {
    lua_pushstring(L, job->path);
    lua_setfield(L, -2, "path");
  }
  return lua_error(L);
}

/* ---- probe ---- */

static int run_probe(struct kr_work *work)
{
  struct job *job = (struct job *)(void *)work;
  return kr_audio_probe(job->path, &work->stop, &job->a->audio, &job->fault);
}

static void push_facts(lua_State *L, const struct kr_audio_facts *facts)
{
  lua_createtable(L, 0, 8);
  lua_pushnumber(L, facts->duration_s);
  lua_setfield(L, -2, "duration_s");
  lua_pushinteger(L, facts->rate);
  lua_setfield(L, -2, "rate");
  lua_pushinteger(L, facts->channels);
  lua_setfield(L, -2, "channels");
  lua_pushinteger(L, (lua_Integer)facts->frames);
  lua_setfield(L, -2, "frames");
}

static int probe_finish(lua_State *L, struct kr_work *work, int status)
{
  struct job *job = (struct job *)(void *)work;
  if (status) return raise_fault(L, job);
  const struct kr_audio_facts *facts = kr_audio_facts(job->a->audio);
  push_facts(L, facts);
  lua_pushnumber(L, facts->rms);
  lua_setfield(L, -2, "rms");
  lua_pushnumber(L, facts->peak);
  lua_setfield(L, -2, "peak");
  lua_pushstring(L, facts->fingerprint);
  lua_setfield(L, -2, "fingerprint");
  struct shared **slot = lua_newuserdatauv(L, sizeof *slot, 0);
  *slot = job->a;
  job->a->holders++;
  luaL_setmetatable(L, SOUND);
  return 2;
}

/* probe(path, timeout) -> { duration_s, rate, channels, frames, rms, peak, fingerprint }, sound */
static int l_probe(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  double timeout = kr_opt_seconds(L, 2, INFINITY);
  struct job *job = job_new(run_probe, path);
  job->a = kr_alloc(sizeof *job->a);
  job->a->holders = 1;
  return kr_lua_work(L, &job->work, "audio.probe", timeout, probe_finish);
}

/* ---- project ---- */

static int run_project(struct kr_work *work)
{
  struct job *job = (struct job *)(void *)work;
  return kr_audio_project(job->a->audio, job->b->audio, &job->match, &job->fault);
}

static int project_finish(lua_State *L, struct kr_work *work, int status)
{
  struct job *job = (struct job *)(void *)work;
  if (status) return raise_fault(L, job);
  lua_pushnumber(L, job->match.ratio);
  lua_pushnumber(L, job->match.likeness);
  lua_pushnumber(L, job->match.lag_s);
  return 3;
}

/* project(a, b, timeout) -> ratio, likeness, lag */
static int l_project(lua_State *L)
{
  struct shared **a = luaL_checkudata(L, 1, SOUND), **b = luaL_checkudata(L, 2, SOUND);
  double timeout = kr_opt_seconds(L, 3, INFINITY);
  struct job *job = job_new(run_project, "");
  (job->a = *a)->holders++;
  (job->b = *b)->holders++;
  return kr_lua_work(L, &job->work, "audio.project", timeout, project_finish);
}

static int l_sound_gc(lua_State *L)
{
  struct shared **slot = luaL_checkudata(L, 1, SOUND);
  let_go(*slot);
  *slot = NULL;
  return 0;
}

/* ---- wav ---- */

static int run_wav(struct kr_work *work)
{
  struct job *job = (struct job *)(void *)work;
  return kr_audio_wav(job->path, job->fd, job->length_s, &work->stop, &job->facts, &job->fault);
}

static int wav_finish(lua_State *L, struct kr_work *work, int status)
{
  struct job *job = (struct job *)(void *)work;
  if (status) return raise_fault(L, job);
  push_facts(L, &job->facts);
  return 1;
}

/* wav(path, fd, length|nil, timeout) -> { duration_s, rate, channels, frames } */
static int l_wav(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  int fd = (int)luaL_checkinteger(L, 2);
  double length_s = luaL_optnumber(L, 3, -1), timeout = kr_opt_seconds(L, 4, INFINITY);
  struct job *job = job_new(run_wav, path);
  job->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3); /* the thread may outlive the one who owns fd */
  job->length_s = length_s;
  return kr_lua_work(L, &job->work, "audio.wav", timeout, wav_finish);
}

int kr_open_audio(lua_State *L)
{
  static const luaL_Reg functions[] = {{"probe", l_probe}, {"project", l_project}, {"wav", l_wav}, {NULL, NULL}};
  luaL_newmetatable(L, SOUND);
  lua_pushcfunction(L, l_sound_gc);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
