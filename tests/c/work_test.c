/* work: a job ends its wait once, and is freed once, whoever comes last. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base.h"
#include "work.h"

struct job {
  struct kr_work work;
  bool patient;
  int *freed;
};

struct owner {
  struct kr_wait wait;
  struct job *job;
  bool done;
};

static int run(struct kr_work *work)
{
  struct job *job = (struct job *)(void *)work;
  while (job->patient && !atomic_load(&work->stop)) usleep(500);
  return job->patient ? -KR_CANCELLED : -KR_CONTENT;
}

static void destroy(struct kr_work *work)
{
  struct job *job = (struct job *)(void *)work;
  ++*job->freed;
  free(job);
}

static void on_forget(struct kr_wait *wait)
{
  kr_work_forget(&((struct owner *)(void *)wait)->job->work);
}

static void on_ended(struct kr_wait *wait)
{
  ((struct owner *)(void *)wait)->done = true;
}

static void start(struct kr_loop *loop, struct owner *owner, bool patient, int *freed, double timeout)
{
  *owner = (struct owner){.job = kr_alloc(sizeof *owner->job)};
  owner->job->work.run = run;
  owner->job->work.destroy = destroy;
  owner->job->patient = patient;
  owner->job->freed = freed;
  kr_wait_init(&owner->wait, loop, on_forget);
  owner->wait.ended = on_ended;
  kr_work_start(loop, &owner->job->work, &owner->wait);
  kr_wait_start(&owner->wait, timeout);
}

static void a_job_ends_its_wait(void **state)
{
  (void)state;
  struct kr_loop *loop = kr_loop_create();
  struct owner owner;
  int freed = 0;
  start(loop, &owner, false, &freed, INFINITY);
  assert_int_equal(kr_loop_run(loop, &owner.done), 0);
  assert_int_equal(owner.wait.status, -KR_CONTENT);
  assert_int_equal(freed, 0);
  kr_work_drop(&owner.job->work);
  assert_int_equal(freed, 1);
  kr_loop_destroy(loop);
}

static void a_given_up_job_outlives_its_owner(void **state)
{
  (void)state;
  struct kr_loop *loop = kr_loop_create();
  int freed = 0;
  struct owner owners[8]; /* more than the pool has threads: some never begin */
  for (int i = 0; i < 8; i++) start(loop, &owners[i], true, &freed, 0.01);
  for (int i = 0; i < 8; i++) {
    assert_int_equal(kr_loop_run(loop, &owners[i].done), 0);
    assert_int_equal(owners[i].wait.status, -KR_TIMEOUT);
    kr_work_drop(&owners[i].job->work);
  }
  kr_loop_destroy(loop); /* runs until the pool has let go */
  assert_int_equal(freed, 8);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_job_ends_its_wait),
    cmocka_unit_test(a_given_up_job_outlives_its_owner),
  };
  return cmocka_run_group_tests_name("work", tests, NULL, NULL);
}
