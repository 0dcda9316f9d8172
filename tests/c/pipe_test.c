/* The DevTools pipe: where messages end, however they are cut into writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base.h"
#include "pipe.h"

struct bench {
  struct kr_loop *loop;
  struct kr_channel *channel;
  int to_us, from_us;                      /* the browser's ends */
  char got[8][8192];
  int count;
  bool closed;
};

static void on_message(void *owner, char *text, size_t len)
{
  struct bench *bench = owner;
  assert_int_equal(text[len], 0);
  snprintf(bench->got[bench->count++], sizeof bench->got[0], "%s", text);
}

static void on_closed(void *owner, const char *why)
{
  (void)why;
  ((struct bench *)owner)->closed = true;
}

static int set_up(void **state)
{
  struct bench *bench = calloc(1, sizeof *bench);
  int down[2], up[2];
  assert_int_equal(pipe(down), 0);
  assert_int_equal(pipe(up), 0);
  bench->loop = kr_loop_create();
  bench->channel = kr_pipe_open(bench->loop, down[1], up[0]);
  assert_non_null(bench->channel);
  bench->channel->owner = bench;
  bench->channel->on_message = on_message;
  bench->channel->on_closed = on_closed;
  bench->from_us = down[0];
  bench->to_us = up[1];
  *state = bench;
  return 0;
}

static int tear_down(void **state)
{
  struct bench *bench = *state;
  close(bench->to_us);
  close(bench->from_us);
  if (!bench->closed) bench->channel->close(bench->channel);
  kr_loop_destroy(bench->loop);
  free(bench);
  return 0;
}

static void arrive(struct bench *bench, const char *bytes, size_t len)
{
  assert_int_equal(write(bench->to_us, bytes, len), len);
  uv_run(kr_loop_uv(bench->loop), UV_RUN_NOWAIT);
}

#define ARRIVE(bench, text) arrive(bench, text, sizeof text - 1)

/* Chromium writes a message and its NUL apart. */
static void a_whole_message_needs_no_nul(void **state)
{
  struct bench *bench = *state;
  ARRIVE(bench, "{\"id\":1}");
  assert_int_equal(bench->count, 1);
  ARRIVE(bench, "\0{\"id\":2,\"a\":{}}");
  assert_int_equal(bench->count, 2);
  ARRIVE(bench, "\0");
  ARRIVE(bench, "{\"id\":3}\0{\"id\":4}");
  assert_int_equal(bench->count, 4);
  assert_string_equal(bench->got[0], "{\"id\":1}");
  assert_string_equal(bench->got[1], "{\"id\":2,\"a\":{}}");
  assert_string_equal(bench->got[2], "{\"id\":3}");
  assert_string_equal(bench->got[3], "{\"id\":4}");
}

/* Braces that close inside of a text, and texts cut behind a backslash, end nothing. */
static void a_part_is_no_message(void **state)
{
  struct bench *bench = *state;
  ARRIVE(bench, "{\"a\":\"}");
  ARRIVE(bench, "\\");
  ARRIVE(bench, "\"}");
  ARRIVE(bench, "\",\"b\":{}");
  assert_int_equal(bench->count, 0);
  ARRIVE(bench, "}");
  assert_int_equal(bench->count, 1);
  assert_string_equal(bench->got[0], "{\"a\":\"}\\\"}\",\"b\":{}}");
}

static void what_is_no_object_waits_for_its_nul(void **state)
{
  struct bench *bench = *state;
  ARRIVE(bench, "[{}");
  ARRIVE(bench, "{}}");
  assert_int_equal(bench->count, 0);
  ARRIVE(bench, "\0");
  assert_int_equal(bench->count, 1);
  assert_string_equal(bench->got[0], "[{}{}}");
}

static void a_long_message_in_many_writes(void **state)
{
  struct bench *bench = *state;
  char text[6000];
  memset(text, 'x', sizeof text);
  memcpy(text, "{\"a\":\"", 6);
  memcpy(text + sizeof text - 3, "\"}", 3);
  for (size_t at = 0; at < sizeof text; at += 1000) arrive(bench, text + at, 1000);
  assert_int_equal(bench->count, 1);
  assert_string_equal(bench->got[0], text);
}

static void what_is_sent_ends_with_a_nul(void **state)
{
  struct bench *bench = *state;
  char seen[16] = "";
  assert_int_equal(bench->channel->send(bench->channel, "{\"id\":1}", 8), 0);
  assert_int_equal(read(bench->from_us, seen, sizeof seen), 9);
  assert_memory_equal(seen, "{\"id\":1}", 9);
}

static void the_end_of_the_browser_is_told(void **state)
{
  struct bench *bench = *state;
  close(bench->to_us);
  for (int i = 0; i < 10 && !bench->closed; i++) uv_run(kr_loop_uv(bench->loop), UV_RUN_NOWAIT);
  assert_true(bench->closed);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
    WITH(a_whole_message_needs_no_nul), WITH(a_part_is_no_message), WITH(what_is_no_object_waits_for_its_nul),
    WITH(a_long_message_in_many_writes), WITH(what_is_sent_ends_with_a_nul), WITH(the_end_of_the_browser_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
