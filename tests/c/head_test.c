/* The text of requests: what is taken, what is refused and with which status, at every split. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "head.h"

static long parse(const char *text, struct kr_head *head)
{
  return kr_head_parse(head, text, strlen(text), 1000);
}

static void whole_request(void **state)
{
  (void)state;
  struct kr_head head;
  const char *text = "POST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length:  12 \r\nX-Two: 1\r\nx-two: 2\r\n\r\nrest";
  assert_int_equal(parse(text, &head), (long)strlen(text) - 4);
  assert_string_equal(head.method, "POST");
  assert_string_equal(head.target, "/a?b=c");
  assert_int_equal(head.length, 12);
  assert_int_equal(head.count, 4);
  assert_true(head.keep);
  assert_string_equal(kr_head_value(&head, "x-two"), "1");
  assert_null(kr_head_value(&head, "nothing"));
  kr_head_free(&head);
}

static void every_prefix_waits(void **state)
{
  (void)state;
  struct kr_head head;
  const char *text = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  for (size_t len = 0; len < strlen(text); len++) assert_int_equal(kr_head_parse(&head, text, len, 1000), 0);
  assert_int_equal(parse(text, &head), (long)strlen(text));
  kr_head_free(&head);
}

static void refused(void **state)
{
  (void)state;
  static const struct { const char *text; long status; } cases[] = {
    {"GET /\r\n\r\n", 400}, {"GET  / HTTP/1.1\r\n\r\n", 400}, {"G(T / HTTP/1.1\r\n\r\n", 400},
    {"GET / HTTP/2.0\r\n\r\n", 505}, {"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n", 400}, {"GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400}, {"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", 413},
    {"GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501}, {"GET / HTTP/1.1\r\nExpect: more\r\n\r\n", 417},
  };
  struct kr_head head;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) assert_int_equal(parse(cases[i].text, &head), -cases[i].status);
  assert_int_equal(kr_head_parse(&head, "GET / HTTP/1.1\r\nA: \0\r\n\r\n", 24, 1000), -400);
}

static void too_much(void **state)
{
  (void)state;
  struct kr_head head;
  struct kr_buf text = KR_BUF_INIT(1 << 20);
  kr_buf_add(&text, "GET / HTTP/1.1\r\n", 16);
  for (int i = 0; i <= KR_HEAD_FIELDS; i++) kr_buf_add(&text, "a: b\r\n", 6);
  assert_int_equal(kr_head_parse(&head, text.data, 900, 899), -431); /* not even whole yet */
  kr_buf_add(&text, "\r\n", 2);
  assert_int_equal(kr_head_parse(&head, text.data, text.len, 1000), -431);
  kr_buf_free(&text);
}

static void connection_is_kept(void **state)
{
  (void)state;
  static const struct { const char *text; bool keep; } cases[] = {
    {"GET / HTTP/1.1\r\n\r\n", true}, {"GET / HTTP/1.0\r\n\r\n", false},
    {"GET / HTTP/1.1\r\nConnection: foo, Close\r\n\r\n", false}, {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct kr_head head;
    assert_true(parse(cases[i].text, &head) > 0);
    assert_int_equal(head.keep, cases[i].keep);
    kr_head_free(&head);
  }
}

/* Feeds text in pieces of `step` bytes. The bytes left over, or the status. */
static long feed(const char *text, size_t step, struct kr_buf *body)
{
  struct kr_chunks chunks = {0};
  size_t len = strlen(text), at = 0, seen = 0;
  while (chunks.state != KR_CHUNK_DONE && seen < len) {
    seen = seen + step < len ? seen + step : len;
    long used = kr_chunks_feed(&chunks, text + at, seen - at, body);
    if (used < 0) return used;
    at += (size_t)used;
  }
  return chunks.state == KR_CHUNK_DONE ? (long)(len - at) : -1;
}

static void chunks_at_every_split(void **state)
{
  (void)state;
  const char *text = "5\r\nhello\r\n1;ext=1\r\n \r\n005\r\nworld\r\n0\r\nTrailer: x\r\n\r\n";
  for (size_t step = 1; step <= strlen(text); step++) {
    struct kr_buf body = KR_BUF_INIT(100);
    assert_int_equal(feed(text, step, &body), 0);
    assert_string_equal(body.data, "hello world");
    kr_buf_free(&body);
  }
}

static void chunks_refused(void **state)
{
  (void)state;
  static const struct { const char *text; long status; } cases[] = {
    {"x\r\n", 400}, {"\r\n", 400}, {"5\r\nhelloX\r\n", 400}, {"5hello\r\n", 400}, {"fffffffff\r\n", 413}, {"c\r\n0123456789ab\r\n", 413},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct kr_buf body = KR_BUF_INIT(10);
    assert_int_equal(feed(cases[i].text, 1000, &body), -cases[i].status);
    kr_buf_free(&body);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(whole_request), cmocka_unit_test(every_prefix_waits), cmocka_unit_test(refused),
    cmocka_unit_test(too_much), cmocka_unit_test(connection_is_kept), cmocka_unit_test(chunks_at_every_split),
    cmocka_unit_test(chunks_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
