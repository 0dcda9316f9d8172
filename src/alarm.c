/* alarm: see alarm.h. */
#include "alarm.h"

#include <math.h>
#include <stdlib.h>
#include <uv.h>

#include "base.h"
#include "loop.h"

struct kr_alarm {
  uv_timer_t timer;
  void (*ring)(void *arg);
  void *arg;
};

static void on_timer(uv_timer_t *timer)
{
  struct kr_alarm *alarm = timer->data;
  alarm->ring(alarm->arg);
}

static void on_closed(uv_handle_t *handle)
{
  free(handle->data);
}

struct kr_alarm *kr_alarm_create(struct kr_loop *loop, void (*ring)(void *arg), void *arg)
{
  struct kr_alarm *alarm = kr_alloc(sizeof *alarm);
  alarm->ring = ring;
  alarm->arg = arg;
  alarm->timer.data = alarm;
  uv_timer_init(kr_loop_uv(loop), &alarm->timer);
  uv_unref((uv_handle_t *)&alarm->timer);
  return alarm;
}

void kr_alarm_set(struct kr_alarm *alarm, double seconds)
{
  uint64_t ms = seconds < 0.01 ? 10 : seconds < 1e9 ? (uint64_t)ceil(seconds * 1000) : (uint64_t)1e12;
  uv_update_time(alarm->timer.loop); /* a script may have run for long */
  uv_timer_start(&alarm->timer, on_timer, ms, 0);
}

void kr_alarm_destroy(struct kr_alarm *alarm)
{
  if (alarm) uv_close((uv_handle_t *)&alarm->timer, on_closed);
}
