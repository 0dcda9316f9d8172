/* loop: the one uv loop, its clock, deadlines and the ready queue.
 * A finished wait never resumes inside a library's callback: it joins the ready queue, which the
 * loop runs after the callbacks have returned. */
#ifndef KR_LOOP_H
#define KR_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct kr_loop;

/* One thing to run from the loop itself. Embedded by its owner; in the queue at most once. */
struct kr_ready {
  struct kr_ready *next;
  void (*run)(struct kr_ready *ready);
  bool queued;
};

/* One deadline on the monotonic clock. Embedded by its owner; fires once. */
struct kr_deadline {
  double at;                               /* seconds, kr_loop_now */
  size_t place;                            /* 1-based place in the heap, 0: not armed */
  void (*fire)(struct kr_deadline *deadline);
};

struct kr_loop *kr_loop_create(void);
void kr_loop_destroy(struct kr_loop *loop);          /* closes what is left, runs the loop until empty */
uv_loop_t *kr_loop_uv(struct kr_loop *loop);
double kr_loop_now(void);                            /* seconds, CLOCK_MONOTONIC, read afresh */
void kr_loop_ready(struct kr_loop *loop, struct kr_ready *ready);
void kr_loop_unready(struct kr_loop *loop, struct kr_ready *ready);
void kr_loop_at_end(struct kr_loop *loop, struct kr_ready *ready); /* runs it first of all in kr_loop_destroy */
void kr_loop_arm(struct kr_loop *loop, struct kr_deadline *deadline, double at);
void kr_loop_disarm(struct kr_loop *loop, struct kr_deadline *deadline);
size_t kr_loop_deadlines(const struct kr_loop *loop); /* how many are armed */
/* Runs until *done. 0, or -KR_DEADLOCK when nothing is left that could ever happen. */
int kr_loop_run(struct kr_loop *loop, const bool *done);

#endif
