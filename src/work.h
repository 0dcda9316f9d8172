/* work: one job in the thread pool, told to one wait. The job lives until its thread has left it and
 * nobody waits for it, whichever is later. Floor 1; its users are the rooms that may block. */
#ifndef KR_WORK_H
#define KR_WORK_H

#include <stdatomic.h>

#include "wait.h"

/* First member of the job's own struct, which is zeroed by kr_alloc. */
struct kr_work {
  int (*run)(struct kr_work *work);        /* in the pool: 0 or -KR_<KIND>; long ones look at stop */
  void (*destroy)(struct kr_work *work);   /* on the loop, once: frees the struct too */
  void (*interrupt)(struct kr_work *work); /* on the loop, while run may be running; may be NULL */
  atomic_bool stop;
  uv_work_t request;
  struct kr_wait *wait;
  unsigned holders;
};

/* The caller is one holder and must drop it; the pool is another. */
void kr_work_start(struct kr_loop *loop, struct kr_work *work, struct kr_wait *wait);
int kr_work_run_here(struct kr_work *work); /* on this thread, at once, where nobody can wait */
void kr_work_forget(struct kr_work *work);  /* the wait is over: tell nobody, stop soon */
void kr_work_drop(struct kr_work *work);

#endif
