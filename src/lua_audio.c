/* lua_audio: see lua_audio.h. Each call is one job in the thread pool. A sound is a userdata that
 * keeps its low-rate samples for as long as it is compared. */
#include "lua_audio.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audio.h"
#include "base.h"
#include "lua_error.h"
#include "lua_work.h"
#include "task.h"

static const char SOUND[] = "karun.sound";

/* A sound is held by its userdata and by every comparison under way: one that was cancelled runs on for
 * a moment after the script has let go of it. Counted on the loop's thread only. */
struct held {
  unsigned holders;
  struct kr_sound sound;
};

static struct held *hold(struct held *held)
{
  held->holders++;
  return held;
}

static void let_go(struct held *held)
{
  if (!held || --held->holders) return;
  kr_audio_finish(&held->sound);
  free(held);
}

/* One job of any of the three kinds. */
struct job {
  struct kr_work work;
  char *path, *out;
  struct held *read;                       /* read */
  struct held *a, *b;                      /* project */
  double max_lag_s, ratio, lag_s;
  uint64_t samples, written;               /* wav */
  char fault[KR_AUDIO_FAULT];
};

static void job_destroy(struct kr_work *work)
{
  struct job *job = (struct job *)work;
  let_go(job->read);
  let_go(job->a);
  let_go(job->b);
  free(job->path);
  free(job->out);
  free(job);
}

static struct job *job_new(int (*run)(struct kr_work *), const char *path)
{
  struct job *job = kr_alloc(sizeof *job);
  job->work.run = run;
  job->work.destroy = job_destroy;
  if (path) job->path = kr_strdup(path);
  return job;
}

static int raise_fault(lua_State *L, const struct job *job, int status)
{
  kr_push_error(L, -status, "%s: %s", job->path, job->fault[0] ? job->fault : "cannot be read");
  lua_pushstring(L, job->path);
  lua_setfield(L, -2, "path");
  return lua_error(L);
}

static int run_read(struct kr_work *work)
{
  struct job *job = (struct job *)work;
  return kr_audio_read(job->path, &job->read->sound, &work->stop, job->fault);
}

static int finish_read(lua_State *L, struct kr_work *work, int status)
{
  struct job *job = (struct job *)work;
  if (status) return raise_fault(L, job, status);
  struct held **sound = lua_newuserdatauv(L, sizeof *sound, 0);
  *sound = hold(job->read);
  luaL_setmetatable(L, SOUND);
  return 1;
}

/* read(path, timeout) -> sound */
static int l_read(lua_State *L)
{
  struct job *job = job_new(run_read, luaL_checkstring(L, 1));
  job->read = hold(kr_alloc(sizeof *job->read));
  return kr_lua_work(L, &job->work, "audio.read", kr_opt_seconds(L, 2, 60), finish_read);
}

static struct held *check_sound(lua_State *L, int index)
{
  return *(struct held **)luaL_checkudata(L, index, SOUND);
}

/* sound:facts() -> table */
static int l_facts(lua_State *L)
{
  const struct kr_sound *sound = &check_sound(L, 1)->sound;
  char print[20];
  snprintf(print, sizeof print, "%016llx", (unsigned long long)sound->fingerprint);
  lua_createtable(L, 0, 9);
  lua_pushstring(L, print);
  lua_setfield(L, -2, "fingerprint");
  const struct { const char *name; double value; } numbers[] = {{"duration_s", sound->duration_s}, {"peak", sound->peak}, {"rms", sound->rms}};
  for (size_t i = 0; i < 3; i++) {
    lua_pushnumber(L, numbers[i].value);
    lua_setfield(L, -2, numbers[i].name);
  }
  const struct { const char *name; lua_Integer value; } counts[] = {
    {"rate", sound->rate}, {"channels", sound->channels}, {"bitrate", sound->bitrate},
    {"samples", (lua_Integer)sound->samples}, {"frames", (lua_Integer)sound->frames},
  };
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    lua_pushinteger(L, counts[i].value);
    lua_setfield(L, -2, counts[i].name);
  }
  return 1;
}

static int run_project(struct kr_work *work)
{
  struct job *job = (struct job *)work;
  job->ratio = kr_audio_project(&job->a->sound, &job->b->sound, job->max_lag_s, &job->lag_s);
  return 0;
}

static int finish_project(lua_State *L, struct kr_work *work, int status)
{
  struct job *job = (struct job *)work;
  if (status) return kr_raise(L, -status, "sounds cannot be compared");
  lua_pushnumber(L, job->ratio);
  lua_pushnumber(L, job->lag_s);
  return 2;
}

/* a:project(b, max_lag_s, timeout) -> ratio, lag in seconds */
static int l_project(lua_State *L)
{
  struct held *a = check_sound(L, 1), *b = check_sound(L, 2);
  double max_lag_s = luaL_checknumber(L, 3), timeout = kr_opt_seconds(L, 4, 60);
  struct job *job = job_new(run_project, NULL);
  job->a = hold(a);
  job->b = hold(b);
  job->max_lag_s = max_lag_s;
  return kr_lua_work(L, &job->work, "audio.project", timeout, finish_project);
}

static int run_wav(struct kr_work *work)
{
  struct job *job = (struct job *)work;
  return kr_audio_wav(job->path, job->out, job->samples, &job->written, &work->stop, job->fault);
}

static int finish_wav(lua_State *L, struct kr_work *work, int status)
{
  struct job *job = (struct job *)work;
  if (status) return raise_fault(L, job, status);
  lua_pushinteger(L, (lua_Integer)job->written);
  return 1;
}

/* wav(path, out, samples (0: all), timeout) -> samples written for each channel */
static int l_wav(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1), *out = luaL_checkstring(L, 2);
  lua_Integer samples = luaL_checkinteger(L, 3);
  double timeout = kr_opt_seconds(L, 4, 60);
  struct job *job = job_new(run_wav, path);
  job->out = kr_strdup(out);
  job->samples = (uint64_t)(samples > 0 ? samples : 0);
  return kr_lua_work(L, &job->work, "audio.wav", timeout, finish_wav);
}

static int l_gc(lua_State *L)
{
  struct held **sound = luaL_checkudata(L, 1, SOUND);
  let_go(*sound);
  *sound = NULL;
  return 0;
}

int kr_open_audio(lua_State *L)
{
  static const luaL_Reg methods[] = {{"facts", l_facts}, {"project", l_project}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"read", l_read}, {"wav", l_wav}, {NULL, NULL}};
  luaL_newmetatable(L, SOUND);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, l_gc);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
