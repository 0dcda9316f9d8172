/* WebSockets: our client against our server's end, both on one loop, through a real socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lws.h"
#include "serve.h"
#include "ws.h"

enum { LIMIT = 8 << 20 };

static struct kr_loop *loop;
static struct kr_server *server;
static struct kr_ready answering;

struct end {
  struct kr_ws *ws;
  char *text;                              /* the last message */
  size_t len, messages;
  bool binary, opened, closed, drained;
  int code;
  char why[200];
};

static struct end near, far;               /* the client's, the server's */

static void on_message(void *owner, char *text, size_t len)
{
  struct end *end = owner;
  free(end->text);
  end->text = malloc(len + 1);
  if (len) memcpy(end->text, text, len);
  end->text[len] = '\0';
  end->len = len;
  end->binary = kr_ws_binary(end->ws);
  end->messages++;
}

static void on_closed(void *owner, const char *why)
{
  struct end *end = owner;
  end->closed = true;
  end->code = kr_ws_close_code(end->ws);
  end->ws = NULL;
  snprintf(end->why, sizeof end->why, "%s", why);
}

static void on_opened(void *owner)
{
  ((struct end *)owner)->opened = true;
}

static void on_drained(void *owner)
{
  ((struct end *)owner)->drained = true;
}

static void watch(struct end *end, struct kr_ws *ws)
{
  struct kr_channel *channel = kr_ws_channel(ws);
  end->ws = ws;
  channel->owner = end;
  channel->on_message = on_message;
  channel->on_closed = on_closed;
  kr_ws_on(ws, on_opened, on_drained);
}

/* Runs the loop until the flag is set: as a task would wait. */
static void until(const bool *flag)
{
  assert_int_equal(kr_loop_run(loop, flag), 0);
}

static void until_message(struct end *end, size_t count)
{
  while (end->messages < count) {
    assert_false(end->closed);
    uv_run(kr_loop_uv(loop), UV_RUN_ONCE);
  }
}

static void on_request(void *owner)
{
  (void)owner;
  kr_loop_ready(loop, &answering);
}

static void upgrade(struct kr_ready *ready)
{
  (void)ready;
  struct kr_exchange *x = kr_serve_next(server);
  const char *key = kr_head_value(kr_exchange_head(x), "sec-websocket-key");
  char copy[64];
  if (!key) {
    static const char no[] = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
    kr_exchange_send(x, no, sizeof no - 1);
    kr_exchange_end(x, true);
    return;
  }
  snprintf(copy, sizeof copy, "%s", key);
  struct kr_ws *ws = kr_ws_adopt(loop, kr_exchange_detach(x), copy, LIMIT);
  assert_non_null(ws);
  watch(&far, ws);
}

static int set_up(void **state)
{
  (void)state;
  const char *why = NULL;
  struct kr_serve_options options = {
    .host = "127.0.0.1", .head_limit = 4096, .body_limit = 0, .idle = 60, .on_request = on_request,
  };
  loop = kr_loop_create();
  answering = (struct kr_ready){.run = upgrade};
  memset(&near, 0, sizeof near);
  memset(&far, 0, sizeof far);
  return kr_serve_open(&server, loop, &options, &why);
}

static int tear_down(void **state)
{
  (void)state;
  if (near.ws) kr_ws_forget(near.ws);
  if (far.ws) kr_ws_forget(far.ws);
  kr_serve_close(server);
  kr_lws_finish();
  kr_loop_destroy(loop);
  free(near.text);
  free(far.text);
  return 0;
}

static void open_both(void)
{
  char url[64];
  const char *why = NULL;
  snprintf(url, sizeof url, "ws://127.0.0.1:%d/x", kr_serve_port(server));
  struct kr_ws *ws = kr_ws_connect(loop, url, LIMIT, &why);
  assert_non_null(ws);
  watch(&near, ws);
  until(&near.opened);
}

/* ---- tests ---- */

static void messages_of_all_sizes(void **state)
{
  (void)state;
  static const size_t sizes[] = {0, 1, 125, 126, 65535, 65536, 1 << 20, LIMIT};
  open_both();
  char *text = malloc(LIMIT);
  for (size_t i = 0; i < LIMIT; i++) text[i] = (char)('a' + i % 23);
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    assert_int_equal(kr_ws_channel(near.ws)->send(kr_ws_channel(near.ws), text, sizes[i]), 0);
    until_message(&far, i + 1);
    assert_int_equal(far.len, sizes[i]);
    assert_memory_equal(far.text, text, sizes[i]);
    assert_int_equal(kr_ws_send(far.ws, text, sizes[i], true), 0);
    until_message(&near, i + 1);
    assert_int_equal(near.len, sizes[i]);
    assert_memory_equal(near.text, text, sizes[i]);
    assert_true(near.binary && !far.binary);
  }
  free(text);
}

static void many_in_order(void **state)
{
  (void)state;
  char text[16];
  open_both();
  for (int i = 1; i <= 1000; i++) {
    int len = snprintf(text, sizeof text, "n%d", i);
    assert_int_equal(kr_ws_send(near.ws, text, (size_t)len, false), 0);
  }
  until_message(&far, 1000);
  assert_string_equal(far.text, "n1000");
  until(&near.drained);
  assert_int_equal(kr_ws_queued(near.ws), 0);
}

static void the_queue_is_bounded(void **state)
{
  (void)state;
  static char much[3 << 20];
  open_both();
  kr_ws_pause(far.ws, true);
  int err = 0;
  size_t taken = 0;
  for (; !err; taken++) err = kr_ws_send(near.ws, much, sizeof much, true);
  assert_int_equal(err, -KR_TOO_LARGE);
  assert_in_range(taken, 2, 4);
  kr_ws_pause(far.ws, false);
  until_message(&far, taken - 1);
}

static void too_large_a_message(void **state)
{
  (void)state;
  char url[64];
  const char *why = NULL;
  char *text = calloc(1, LIMIT + 1);
  memset(text, 'x', LIMIT + 1);
  snprintf(url, sizeof url, "ws://127.0.0.1:%d/x", kr_serve_port(server));
  watch(&near, kr_ws_connect(loop, url, 2 * LIMIT, &why));
  until(&near.opened);
  assert_int_equal(kr_ws_send(near.ws, text, LIMIT + 1, false), 0);
  until(&far.closed);
  assert_non_null(strstr(far.why, "larger than"));
  assert_int_equal(far.messages, 0);
  until(&near.closed);
  free(text);
}

static void closing_says_why(void **state)
{
  (void)state;
  open_both();
  kr_ws_send(near.ws, "last words", 10, false);
  kr_ws_close(near.ws, 4001, "enough");
  assert_int_equal(kr_ws_send(near.ws, "x", 1, false), -KR_BROWSER_GONE);
  until(&far.closed);
  assert_string_equal(far.text, "last words");
  assert_int_equal(far.code, 4001);
  assert_non_null(strstr(far.why, "enough"));
  until(&near.closed);
}

static void not_to_be_reached(void **state)
{
  (void)state;
  static const struct { const char *url, *why; } cases[] = {
    {"ws://127.0.0.1:1/", NULL}, {"ws://[::1]:1/", NULL}, {"ws://no-such-host.invalid/", "no-such-host.invalid"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *why = NULL;
    memset(&near, 0, sizeof near);
    watch(&near, kr_ws_connect(loop, cases[i].url, LIMIT, &why));
    until(&near.closed);
    assert_false(near.opened);
    assert_true(near.why[0]);
    if (cases[i].why) assert_non_null(strstr(near.why, cases[i].why));
  }
}

static void no_address_at_all(void **state)
{
  (void)state;
  static const char *const urls[] = {
    "http://x/", "wss://x/", "ws://", "ws:///x", "ws://a b/", "ws://u@h/", "ws://[::1/", "ws://h:/", "ws://h/a\r\nb", "",
  };
  for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
    const char *why = NULL;
    assert_null(kr_ws_connect(loop, urls[i], LIMIT, &why));
    assert_non_null(why);
  }
}

static void given_up_before_it_opened(void **state)
{
  (void)state;
  const char *why = NULL;
  char url[64];
  snprintf(url, sizeof url, "ws://127.0.0.1:%d/x", kr_serve_port(server));
  kr_ws_forget(kr_ws_connect(loop, url, LIMIT, &why));       /* while its name is looked up */
  watch(&near, kr_ws_connect(loop, url, LIMIT, &why));
  kr_ws_close(near.ws, 1000, "");
  until(&near.closed);
  assert_false(near.opened);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
    EACH(messages_of_all_sizes), EACH(many_in_order), EACH(the_queue_is_bounded), EACH(too_large_a_message),
    EACH(closing_says_why), EACH(not_to_be_reached), EACH(no_address_at_all), EACH(given_up_before_it_opened),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
