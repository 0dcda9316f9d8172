/* wait: see wait.h. */
#include "wait.h"

#include <math.h>

#include "base.h"

#define WAIT_OF(member, ptr) ((struct kr_wait *)(void *)((char *)(ptr) - offsetof(struct kr_wait, member)))

static size_t pending;

static void on_ready(struct kr_ready *ready)
{
  struct kr_wait *wait = WAIT_OF(ready, ready);
  wait->state = KR_WAIT_TOLD;
  if (wait->ended) wait->ended(wait);
}

static void on_deadline(struct kr_deadline *deadline)
{
  kr_wait_abandon(WAIT_OF(deadline, deadline), -KR_TIMEOUT);
}

void kr_wait_init(struct kr_wait *wait, struct kr_loop *loop, void (*forget)(struct kr_wait *))
{
  *wait = (struct kr_wait){.loop = loop, .forget = forget};
  wait->ready.run = on_ready;
  wait->deadline.fire = on_deadline;
}

void kr_wait_start(struct kr_wait *wait, double timeout)
{
  if (wait->state != KR_WAIT_IDLE) return; /* it ended before we could wait */
  wait->state = KR_WAIT_PENDING;
  pending++;
  if (timeout <= 0) kr_wait_abandon(wait, -KR_TIMEOUT);
  else if (!isinf(timeout)) kr_loop_arm(wait->loop, &wait->deadline, kr_loop_now() + timeout);
}

void kr_wait_end(struct kr_wait *wait, int status)
{
  if (wait->state != KR_WAIT_IDLE && wait->state != KR_WAIT_PENDING) return;
  if (wait->state == KR_WAIT_PENDING) pending--;
  kr_loop_disarm(wait->loop, &wait->deadline);
  wait->status = status;
  wait->state = KR_WAIT_ENDED;
  kr_loop_ready(wait->loop, &wait->ready);
}

void kr_wait_abandon(struct kr_wait *wait, int status)
{
  if (wait->state == KR_WAIT_ENDED || wait->state == KR_WAIT_TOLD) return;
  void (*forget)(struct kr_wait *) = wait->forget;
  kr_wait_end(wait, status);
  if (forget) forget(wait);
}

void kr_wait_finish(struct kr_wait *wait)
{
  if (!wait->loop) return;
  if (wait->state == KR_WAIT_PENDING || wait->state == KR_WAIT_IDLE) kr_wait_abandon(wait, -KR_CANCELLED);
  kr_loop_unready(wait->loop, &wait->ready);
  wait->state = KR_WAIT_TOLD;
}

size_t kr_wait_pending(void)
{
  return pending;
}
