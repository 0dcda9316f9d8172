/* loop: owns the uv loop, a binary heap of deadlines behind one uv timer, and the ready queue. */
#include "loop.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "base.h"

struct kr_loop {
  uv_loop_t uv;
  uv_timer_t timer;                /* set to the earliest deadline; the only timer of ours */
  struct kr_deadline **heap;       /* heap[1..count] */
  size_t count, cap;
  struct kr_ready *first, **last;
  size_t ready_count;
  uv_idle_t hurry;                 /* runs while something is ready: uv must not sleep then */
  struct kr_ready *at_end;
};

/* ---- deadlines ---- */

static void heap_put(struct kr_loop *loop, size_t place, struct kr_deadline *deadline)
{
  loop->heap[place] = deadline;
  deadline->place = place;
}

static void heap_up(struct kr_loop *loop, size_t place)
{
  struct kr_deadline *moving = loop->heap[place];
  for (; place > 1 && loop->heap[place / 2]->at > moving->at; place /= 2)
    heap_put(loop, place, loop->heap[place / 2]);
  heap_put(loop, place, moving);
}

static void heap_down(struct kr_loop *loop, size_t place)
{
  struct kr_deadline *moving = loop->heap[place];
  for (size_t child; (child = place * 2) <= loop->count; place = child) {
    if (child < loop->count && loop->heap[child + 1]->at < loop->heap[child]->at) child++;
    if (loop->heap[child]->at >= moving->at) break;
    heap_put(loop, place, loop->heap[child]);
  }
  heap_put(loop, place, moving);
}

static void on_timer(uv_timer_t *timer);

static void set_timer(struct kr_loop *loop)
{
  if (!loop->count) {
    uv_timer_stop(&loop->timer);
    return;
  }
  double left = loop->heap[1]->at - kr_loop_now();
  /* rounded up, else the loop wakes a moment too early and spins */
  uint64_t ms = left <= 0 ? 0 : left > 1e9 ? (uint64_t)1e12 : (uint64_t)ceil(left * 1000);
  uv_update_time(&loop->uv);
  uv_timer_start(&loop->timer, on_timer, ms, 0);
}

static void on_timer(uv_timer_t *timer)
{
  struct kr_loop *loop = timer->data;
  double now = kr_loop_now();
  while (loop->count && loop->heap[1]->at <= now) {
    struct kr_deadline *due = loop->heap[1];
    kr_loop_disarm(loop, due);
    due->fire(due);
  }
  set_timer(loop);
}

void kr_loop_arm(struct kr_loop *loop, struct kr_deadline *deadline, double at)
{
  kr_loop_disarm(loop, deadline);
  if (loop->count + 2 > loop->cap) {
    loop->cap = loop->cap ? loop->cap * 2 : 64;
    loop->heap = kr_realloc(loop->heap, loop->cap * sizeof *loop->heap);
  }
  deadline->at = at;
  heap_put(loop, ++loop->count, deadline);
  heap_up(loop, loop->count);
  if (deadline->place == 1) set_timer(loop);
}

void kr_loop_disarm(struct kr_loop *loop, struct kr_deadline *deadline)
{
  size_t place = deadline->place;
  if (!place) return;
  deadline->place = 0;
  struct kr_deadline *filler = loop->heap[loop->count--];
  if (filler != deadline) {
    heap_put(loop, place, filler);
    heap_up(loop, place);
    heap_down(loop, filler->place);
  }
  if (!loop->count) uv_timer_stop(&loop->timer); /* a timer that is early by a removed entry only wakes once */
}

size_t kr_loop_deadlines(const struct kr_loop *loop)
{
  return loop->count;
}

/* ---- ready queue ---- */

static void on_hurry(uv_idle_t *hurry)
{
  (void)hurry;
}

/* A timer's callback may queue this before uv polls in the same turn, so the loop's own look at the
 * queue is not enough. */
void kr_loop_ready(struct kr_loop *loop, struct kr_ready *ready)
{
  if (ready->queued) return;
  uv_idle_start(&loop->hurry, on_hurry);
  ready->queued = true;
  ready->next = NULL;
  *loop->last = ready;
  loop->last = &ready->next;
  loop->ready_count++;
}

void kr_loop_unready(struct kr_loop *loop, struct kr_ready *ready)
{
  if (!ready->queued) return;
  struct kr_ready **link = &loop->first;
  while (*link != ready) link = &(*link)->next;
  *link = ready->next;
  if (loop->last == &ready->next) loop->last = link;
  ready->queued = false;
  if (--loop->ready_count == 0) uv_idle_stop(&loop->hurry);
}

static void run_ready(struct kr_loop *loop)
{
  /* only what is there now: work that re-queues itself must not keep the outside world waiting */
  for (size_t left = loop->ready_count; left && loop->first; left--) {
    struct kr_ready *ready = loop->first;
    kr_loop_unready(loop, ready);
    ready->run(ready);
  }
}

/* ---- life ---- */

struct kr_loop *kr_loop_create(void)
{
  struct kr_loop *loop = kr_alloc(sizeof *loop);
  uv_loop_init(&loop->uv);
  uv_timer_init(&loop->uv, &loop->timer);
  uv_idle_init(&loop->uv, &loop->hurry);
  uv_unref((uv_handle_t *)&loop->hurry);
  loop->timer.data = loop;
  loop->uv.data = loop;
  loop->last = &loop->first;
  return loop;
}

uv_loop_t *kr_loop_uv(struct kr_loop *loop)
{
  return &loop->uv;
}

double kr_loop_now(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int kr_loop_run(struct kr_loop *loop, const bool *done)
{
  while (!*done) {
    if (loop->first) run_ready(loop);
    if (*done) break;
    int alive = uv_run(&loop->uv, loop->first ? UV_RUN_NOWAIT : UV_RUN_ONCE);
    if (!alive && !loop->first && !*done) return -KR_DEADLOCK;
  }
  return 0;
}

static void close_left(uv_handle_t *handle, void *arg)
{
  (void)arg;
  if (uv_is_closing(handle)) return;
  if (uv_has_ref(handle)) kr_log(KR_LOG_DEBUG, "a %s handle was still open at the end", uv_handle_type_name(handle->type));
  uv_close(handle, NULL);
}

void kr_loop_at_end(struct kr_loop *loop, struct kr_ready *ready)
{
  ready->next = loop->at_end;
  loop->at_end = ready;
}

void kr_loop_destroy(struct kr_loop *loop)
{
  if (!loop) return;
  while (loop->at_end) {
    struct kr_ready *ready = loop->at_end;
    loop->at_end = ready->next;
    ready->run(ready);
  }
  uv_close((uv_handle_t *)&loop->timer, NULL);
  uv_close((uv_handle_t *)&loop->hurry, NULL);
  uv_run(&loop->uv, UV_RUN_DEFAULT); /* what closes by itself first: libwebsockets, pipes */
  uv_walk(&loop->uv, close_left, NULL);
  uv_run(&loop->uv, UV_RUN_DEFAULT);
  if (uv_loop_close(&loop->uv)) kr_log(KR_LOG_DEBUG, "the loop did not close");
  free(loop->heap);
  free(loop);
}
