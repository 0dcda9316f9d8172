/* wait: kr_wait is one pending thing with one owner, one deadline and exactly one ending.
 * The source (a timer, a reply, a transfer) calls kr_wait_end; the owner (a task) hears of it once,
 * from the ready queue. Whoever ends it first wins; later endings are ignored. */
#ifndef KR_WAIT_H
#define KR_WAIT_H

#include "loop.h"

enum kr_wait_state { KR_WAIT_IDLE, KR_WAIT_PENDING, KR_WAIT_ENDED, KR_WAIT_TOLD };

struct kr_wait {
  struct kr_loop *loop;
  struct kr_ready ready;
  struct kr_deadline deadline;
  enum kr_wait_state state;
  int status;                              /* 0, or -KR_<KIND> once ended */
  void (*forget)(struct kr_wait *wait);    /* source's: drop every pointer to me (time-out, cancel) */
  void (*ended)(struct kr_wait *wait);     /* owner's: once, from the ready queue */
  void *owner;
};

/* forget may be NULL. */
void kr_wait_init(struct kr_wait *wait, struct kr_loop *loop, void (*forget)(struct kr_wait *));
/* Sets the deadline: timeout in seconds; 0 ends it as timed out at once, INFINITY never. */
void kr_wait_start(struct kr_wait *wait, double timeout);
/* By the source. status 0 or -KR_<KIND>. */
void kr_wait_end(struct kr_wait *wait, int status);
/* By the owner or for it: as kr_wait_end, and the source is told to forget it. */
void kr_wait_abandon(struct kr_wait *wait, int status);
/* Nobody listens any more: no ending is told. Call before freeing. */
void kr_wait_finish(struct kr_wait *wait);
size_t kr_wait_pending(void);              /* how many are pending in the process */

#endif
