/* loop and wait: one ending a wait, deadlines in order, the ready queue, and a deadlock that is told. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base.h"
#include "wait.h"

struct probe {
  struct kr_wait wait;
  int told, forgotten;
  bool *done;
};

static int order[8], order_count;

static void on_ended(struct kr_wait *wait)
{
  struct probe *probe = (struct probe *)wait;
  probe->told++;
  order[order_count++ % 8] = (int)(intptr_t)wait->owner;
  if (probe->done) *probe->done = true;
}

static void on_forget(struct kr_wait *wait)
{
  ((struct probe *)wait)->forgotten++;
}

static void start(struct probe *probe, struct kr_loop *loop, int name, bool *done, double timeout)
{
  *probe = (struct probe){.done = done};
  kr_wait_init(&probe->wait, loop, on_forget);
  probe->wait.ended = on_ended;
  probe->wait.owner = (void *)(intptr_t)name;
  kr_wait_start(&probe->wait, timeout);
}

static void deadlines_come_in_order(void **state)
{
  (void)state;
  struct kr_loop *loop = kr_loop_create();
  struct probe probes[4];
  bool done = false;
  order_count = 0;
  start(&probes[0], loop, 3, &done, 0.03);
  start(&probes[1], loop, 1, NULL, 0.01);
  start(&probes[2], loop, 2, NULL, 0.02);
  start(&probes[3], loop, 9, NULL, INFINITY);
  assert_int_equal(kr_wait_pending(), 4);
  assert_int_equal(kr_loop_run(loop, &done), 0);
  assert_int_equal(order[0], 1);
  assert_int_equal(order[1], 2);
  assert_int_equal(order[2], 3);
  assert_int_equal(probes[0].wait.status, -KR_TIMEOUT);
  assert_int_equal(probes[0].forgotten, 1);
  assert_int_equal(probes[3].told, 0);
  kr_wait_finish(&probes[3].wait);
  assert_int_equal(kr_wait_pending(), 0);
  kr_loop_destroy(loop);
}

static void the_first_ending_wins(void **state)
{
  (void)state;
  struct kr_loop *loop = kr_loop_create();
  struct probe probe;
  bool done = false;
  start(&probe, loop, 1, &done, 10);
  kr_wait_end(&probe.wait, 0);
  kr_wait_end(&probe.wait, -KR_NET);
  kr_wait_abandon(&probe.wait, -KR_CANCELLED);
  assert_int_equal(probe.told, 0); /* never inside the call that ends it */
  assert_int_equal(kr_loop_run(loop, &done), 0);
  assert_int_equal(probe.told, 1);
  assert_int_equal(probe.wait.status, 0);
  assert_int_equal(probe.forgotten, 0);
  assert_int_equal(kr_loop_deadlines(loop), 0);
  kr_loop_destroy(loop);
}

static void an_end_before_the_start_counts(void **state)
{
  (void)state;
  struct kr_loop *loop = kr_loop_create();
  struct probe probe = {0};
  bool done = false;
  kr_wait_init(&probe.wait, loop, on_forget);
  probe.wait.ended = on_ended;
  probe.done = &done;
  kr_wait_end(&probe.wait, 0);
  kr_wait_start(&probe.wait, 10);
  assert_int_equal(kr_loop_run(loop, &done), 0);
  assert_int_equal(probe.told, 1);
  kr_loop_destroy(loop);
}

static void nobody_left_is_a_deadlock(void **state)
{
  (void)state;
  struct kr_loop *loop = kr_loop_create();
  struct probe probe;
  bool done = false;
  start(&probe, loop, 1, &done, INFINITY);
  assert_int_equal(kr_loop_run(loop, &done), -KR_DEADLOCK);
  kr_wait_finish(&probe.wait);
  kr_loop_destroy(loop);
}

static void ten_thousand_deadlines(void **state)
{
  (void)state;
  enum { MANY = 10000 };
  struct kr_loop *loop = kr_loop_create();
  struct probe *probes = calloc(MANY, sizeof *probes);
  bool done = false;
  for (int i = 0; i < MANY; i++) start(&probes[i], loop, i, NULL, 1000 + (i * 7919) % MANY);
  for (int i = 0; i < MANY; i += 2) kr_wait_end(&probes[i].wait, 0);
  assert_int_equal(kr_loop_deadlines(loop), MANY / 2);
  probes[0].done = &done;
  assert_int_equal(kr_loop_run(loop, &done), 0);
  for (int i = 0; i < MANY; i++) kr_wait_finish(&probes[i].wait);
  assert_int_equal(kr_loop_deadlines(loop), 0);
  free(probes);
  kr_loop_destroy(loop);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(deadlines_come_in_order), cmocka_unit_test(the_first_ending_wins),
    cmocka_unit_test(an_end_before_the_start_counts), cmocka_unit_test(nobody_left_is_a_deadlock),
    cmocka_unit_test(ten_thousand_deadlines),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
