/* cdp through a fake channel: ids, sessions, replies, wanted events, and every way a browser can lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "cdp.h"

struct fake {
  struct kr_channel channel;
  char sent[4][512];
  int count;
  int refuse;
  int closed;
};

static int fake_send(struct kr_channel *channel, const char *text, size_t len)
{
  struct fake *fake = (struct fake *)channel;
  if (fake->refuse) return -KR_TOO_LARGE;
  snprintf(fake->sent[fake->count++ % 4], sizeof fake->sent[0], "%.*s", (int)len, text);
  return 0;
}

static void fake_close(struct kr_channel *channel)
{
  struct fake *fake = (struct fake *)channel;
  fake->closed++;
  if (channel->on_closed) channel->on_closed(channel->owner, "closed by us");
}

struct seen {
  int events, closed;
  char session[64], method[64], text[64];
};

static void on_event(void *owner, const char *session, const char *method, const cJSON *params)
{
  struct seen *seen = owner;
  seen->events++;
  snprintf(seen->session, sizeof seen->session, "%s", session);
  snprintf(seen->method, sizeof seen->method, "%s", method);
  const cJSON *text = cJSON_GetObjectItemCaseSensitive(params, "text");
  snprintf(seen->text, sizeof seen->text, "%s", cJSON_IsString(text) ? text->valuestring : "");
}

static void on_closed(void *owner, const char *why)
{
  (void)why;
  ((struct seen *)owner)->closed++;
}

struct waiting {
  struct kr_reply reply;
  int calls, status, value;
};

static void on_reply(struct kr_reply *reply, int status, cJSON *body)
{
  struct waiting *waiting = (struct waiting *)reply;
  waiting->calls++;
  waiting->status = status;
  const cJSON *value = cJSON_GetObjectItemCaseSensitive(body, "value");
  waiting->value = cJSON_IsNumber(value) ? value->valueint : -1;
  cJSON_Delete(body);
}

struct bench {
  struct fake fake;
  struct seen seen;
  struct kr_cdp *cdp;
};

static int set_up(void **state)
{
  struct bench *bench = calloc(1, sizeof *bench);
  bench->fake.channel = (struct kr_channel){.send = fake_send, .close = fake_close};
  struct kr_cdp_events events = {.on_event = on_event, .on_closed = on_closed, .owner = &bench->seen};
  bench->cdp = kr_cdp_create(&bench->fake.channel, &events);
  *state = bench;
  return 0;
}

static int tear_down(void **state)
{
  struct bench *bench = *state;
  kr_cdp_destroy(bench->cdp);
  free(bench);
  return 0;
}

static void arrive(struct bench *bench, const char *text)
{
  char *copy = strdup(text);
  bench->fake.channel.on_message(bench->fake.channel.owner, copy, strlen(copy));
  free(copy);
}

static void replies_find_their_call(void **state)
{
  struct bench *bench = *state;
  struct waiting a = {.reply.done = on_reply}, b = {.reply.done = on_reply};
  assert_int_equal(kr_cdp_send(bench->cdp, "", "A.a", NULL, &a.reply), 0);
  char params[] = "{\"x\":1}";
  assert_int_equal(kr_cdp_send(bench->cdp, "S1", "B.b", &(struct kr_buf){.data = params, .len = 7}, &b.reply), 0);
  assert_string_equal(bench->fake.sent[0], "{\"id\":1,\"method\":\"A.a\"}");
  assert_string_equal(bench->fake.sent[1], "{\"id\":2,\"sessionId\":\"S1\",\"method\":\"B.b\",\"params\":{\"x\":1}}");
  arrive(bench, "{\"id\":2,\"sessionId\":\"S1\",\"result\":{\"value\":7}}");
  arrive(bench, "{\"id\":2,\"result\":{\"value\":8}}"); /* repeated: nobody's */
  arrive(bench, "{\"id\":99,\"result\":{}}");           /* unknown: nobody's */
  assert_int_equal(a.calls, 0);
  assert_int_equal(b.calls, 1);
  assert_int_equal(b.value, 7);
  arrive(bench, "{\"error\":{\"code\":-1,\"message\":\"no\"},\"id\":1}"); /* without a session: by id */
  assert_int_equal(a.status, -KR_PROTOCOL);
}

static void the_end_ends_every_call(void **state)
{
  struct bench *bench = *state;
  struct waiting many[300];
  for (int i = 0; i < 300; i++) {
    many[i] = (struct waiting){.reply.done = on_reply};
    assert_int_equal(kr_cdp_send(bench->cdp, "S", "A.a", NULL, &many[i].reply), 0);
  }
  kr_cdp_close(bench->cdp);
  for (int i = 0; i < 300; i++) {
    assert_int_equal(many[i].calls, 1);
    assert_int_equal(many[i].status, -KR_BROWSER_GONE);
  }
  assert_int_equal(bench->seen.closed, 1);
  struct waiting late = {.reply.done = on_reply};
  assert_int_equal(kr_cdp_send(bench->cdp, "", "A.a", NULL, &late.reply), -KR_BROWSER_GONE);
  assert_int_equal(late.calls, 0);
}

static void a_lost_session_ends_only_its_calls(void **state)
{
  struct bench *bench = *state;
  struct waiting mine = {.reply.done = on_reply}, other = {.reply.done = on_reply};
  kr_cdp_send(bench->cdp, "S1", "A.a", NULL, &mine.reply);
  kr_cdp_send(bench->cdp, "S2", "A.a", NULL, &other.reply);
  kr_cdp_abort(bench->cdp, "S1", -KR_PAGE_CRASHED);
  assert_int_equal(mine.status, -KR_PAGE_CRASHED);
  assert_int_equal(other.calls, 0);
  kr_cdp_forget(bench->cdp, &other.reply);
  arrive(bench, "{\"id\":2,\"result\":{}}");
  assert_int_equal(other.calls, 0);
}

static void only_wanted_events_come(void **state)
{
  struct bench *bench = *state;
  arrive(bench, "{\"method\":\"A.a\",\"params\":{}}");
  arrive(bench, "{\"params\":{},\"method\":\"A.a\"}"); /* the quick look cannot tell: parsed, then dropped */
  assert_int_equal(bench->seen.events, 0);
  kr_cdp_want(bench->cdp, "A.a");
  arrive(bench, "{\"method\":\"A.a\",\"params\":{\"text\":\"hi\"},\"sessionId\":\"S9\"}");
  arrive(bench, "{\"method\":\"A.ab\",\"params\":{}}");
  assert_int_equal(bench->seen.events, 1);
  assert_string_equal(bench->seen.session, "S9");
  assert_string_equal(bench->seen.text, "hi");
  assert_int_equal(kr_cdp_stats(bench->cdp).dropped, 3);
}

static void odd_text_does_not_end_the_browser(void **state)
{
  struct bench *bench = *state;
  kr_cdp_want(bench->cdp, "A.a");
  arrive(bench, "{\"method\":\"A.a\",\"params\":{\"text\":\"x\\ud800y\"}}");
  assert_string_equal(bench->seen.text, "x\xEF\xBF\xBDy");
  arrive(bench, "{\"method\":\"A.a\",\"params\":{\"text\":\"\\ud83d\\ude00\"}}");
  assert_string_equal(bench->seen.text, "\xF0\x9F\x98\x80");
  assert_int_equal(bench->fake.closed, 0);
}

static void what_is_no_message_ends_it(void **state)
{
  struct bench *bench = *state;
  struct waiting a = {.reply.done = on_reply};
  kr_log_level(KR_LOG_ERROR);
  kr_cdp_send(bench->cdp, "", "A.a", NULL, &a.reply);
  arrive(bench, "{\"id\":1,");
  assert_int_equal(a.status, -KR_BROWSER_GONE);
  assert_int_equal(bench->seen.closed, 1);
}

static void too_large_is_its_callers(void **state)
{
  struct bench *bench = *state;
  struct waiting a = {.reply.done = on_reply}, b = {.reply.done = on_reply};
  kr_cdp_send(bench->cdp, "", "A.a", NULL, &a.reply);
  char head[] = "{\"id\":1,\"result\":{\"value\":\"aaaaaaaa";
  bench->fake.channel.on_message(bench->fake.channel.owner, head, KR_CHANNEL_OVERSIZE);
  assert_int_equal(a.status, -KR_TOO_LARGE);
  bench->fake.refuse = 1;
  assert_int_equal(kr_cdp_send(bench->cdp, "", "A.a", NULL, &b.reply), -KR_TOO_LARGE);
  assert_int_equal(b.calls, 0);
  assert_int_equal(bench->fake.closed, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(replies_find_their_call, set_up, tear_down),
    cmocka_unit_test_setup_teardown(the_end_ends_every_call, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_lost_session_ends_only_its_calls, set_up, tear_down),
    cmocka_unit_test_setup_teardown(only_wanted_events_come, set_up, tear_down),
    cmocka_unit_test_setup_teardown(odd_text_does_not_end_the_browser, set_up, tear_down),
    cmocka_unit_test_setup_teardown(what_is_no_message_ends_it, set_up, tear_down),
    cmocka_unit_test_setup_teardown(too_large_is_its_callers, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
