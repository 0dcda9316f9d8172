/* tick: see tick.h. */
#include "tick.h"

#include <stdlib.h>
#include <uv.h>

#include "base.h"
#include "loop.h"

struct kr_tick {
  uv_timer_t timer;
  void (*run)(void *arg);
  void *arg;
};

static void on_timer(uv_timer_t *timer)
{
  struct kr_tick *tick = timer->data;
  tick->run(tick->arg);
}

static void on_closed(uv_handle_t *handle)
{
  free(handle->data);
}

struct kr_tick *kr_tick_create(struct kr_loop *loop, double seconds, void (*run)(void *arg), void *arg)
{
  struct kr_tick *tick = kr_alloc(sizeof *tick);
  tick->run = run;
  tick->arg = arg;
  tick->timer.data = tick;
  uint64_t every = seconds < 0.01 ? 10 : (uint64_t)(seconds * 1000);
  uv_timer_init(kr_loop_uv(loop), &tick->timer);
  uv_timer_start(&tick->timer, on_timer, every, every);
  uv_unref((uv_handle_t *)&tick->timer);
  return tick;
}

void kr_tick_destroy(struct kr_tick *tick)
{
  if (tick) uv_close((uv_handle_t *)&tick->timer, on_closed);
}
