/* runtime: what task.c, coroutine.c and lua_task.c share: the state of all tasks. Nobody else includes it. */
#ifndef KR_RUNTIME_H
#define KR_RUNTIME_H

#include "task.h"

extern const char KR_TASK_META[], KR_SIGNAL_META[];
extern char kr_task_token;               /* what a wait yields; passed outwards by the script's own coroutines */

struct latch_op {
  struct kr_op op;
  struct latch_op *next, **link;
};

struct latch {
  bool set;
  struct latch_op *first;
};

struct kr_task {
  struct runtime *rt;
  lua_State *co;
  struct kr_ready ready;
  struct kr_op *at;           /* where it sleeps */
  int cancel;                 /* kind to raise at waits: 0, CANCELLED, INTERRUPTED, LIMIT */
  int shield;                 /* >0: clean-up that may wait although cancelled */
  int nargs;                  /* for the first resume */
  bool done, failed;
  struct latch *ended;
};

struct runtime {
  struct kr_loop *loop;
  lua_State *L;               /* the main state: where nothing waits */
  struct kr_task *running, *main;
  lua_State *volatile busy;   /* the coroutine that runs now, for the interrupt hook */
  size_t tasks;
  unsigned interrupts;        /* how often the hook has raised */
};

struct runtime *kr_runtime(lua_State *L);
void kr_latch_forget(struct kr_wait *wait);
void kr_latch_join(struct latch *latch, struct latch_op *op);
void kr_latch_set(struct latch *latch);
/* function and nargs arguments at the top of L -> task userdata at the top */
struct kr_task *kr_task_spawn(lua_State *L, int nargs);
void kr_task_cancel(struct kr_task *task, int kind);
/* Pushes the results of an ended task (index: its userdata), or its error -> how many */
int kr_task_outcome(lua_State *L, struct kr_task *task, int index);
void kr_coroutine_setup(lua_State *L);   /* replaces coroutine.resume and wrap */
void kr_lua_task_setup(lua_State *L);    /* the metatables of tasks and signals */

#endif
