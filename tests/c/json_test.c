/* json: what cJSON alone would refuse or cut goes in and comes out whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "json.h"

static void check_text(const char *json, const char *want, size_t want_len)
{
  cJSON *tree = kr_json_parse(json, strlen(json), NULL);
  assert_non_null(tree);
  size_t len;
  char *owned;
  const char *text = kr_json_text(tree, &len, &owned);
  assert_int_equal(len, want_len);
  assert_memory_equal(text, want, want_len);
  free(owned);
  cJSON_Delete(tree);
}

static void texts_in(void **state)
{
  (void)state;
  check_text("\"a\\u0000b\"", "a\0b", 3);
  check_text("\"\\\\u0000\"", "\\u0000", 6); /* an escaped backslash, no NUL */
  check_text("\"\\ud800\"", "\xEF\xBF\xBD", 3);
  check_text("\"\\udc00x\"", "\xEF\xBF\xBDx", 4);
  check_text("\"\\ud83d\\ude00\"", "\xF0\x9F\x98\x80", 4);
  check_text("\"\\ud83d\\u0041\"", "\xEF\xBF\xBD" "A", 4);
  check_text("\"\xEF\xB7\x90" "0\"", "\xEF\xB7\x90" "0", 4); /* our own mark, as data */
  check_text("\"\\ufdd0\"", "\xEF\xB7\x90", 3);
}

static void texts_out(void **state)
{
  (void)state;
  const char bytes[] = "a\0\xEF\xB7\x90\"\\\n\x1F/";
  struct kr_buf out = KR_BUF_INIT(100);
  assert_int_equal(kr_json_add_text(&out, bytes, sizeof bytes - 1), 0);
  assert_string_equal(out.data, "\"a\\u0000\xEF\xB7\x90\\\"\\\\\\n\\u001f/\"");
  assert_int_equal(out.len, strlen(out.data));
  assert_int_equal(kr_json_add_text(&out, bytes, 100), -KR_TOO_LARGE);
  kr_buf_free(&out);
  out = KR_BUF_INIT(12);
  assert_int_equal(kr_json_add_text(&out, "\n\n\n\n\n\n\n\n\n", 9), -KR_TOO_LARGE); /* it fits until it is escaped */
  kr_buf_free(&out);
}

static void rubbish_is_refused(void **state)
{
  (void)state;
  const char *bad[] = {"", "{", "[1,]", "{\"a\":1} x", "nul", "\"\\u12\"", "\x01"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_null(kr_json_parse(bad[i], strlen(bad[i]), NULL));
  cJSON *tree = kr_json_parse(" [1] \n", 6, NULL);
  assert_non_null(tree);
  cJSON_Delete(tree);
  char deep[4001];
  memset(deep, '[', 4000);
  deep[4000] = '\0';
  assert_null(kr_json_parse(deep, 4000, NULL));
}

static void utf8(void **state)
{
  (void)state;
  assert_true(kr_utf8_valid("h\xC3\xA9\xF0\x9F\x98\x80", 7));
  assert_false(kr_utf8_valid("\xC3", 1));
  assert_false(kr_utf8_valid("\xED\xA0\x80", 3));     /* a surrogate */
  assert_false(kr_utf8_valid("\xC0\x80", 2));         /* overlong */
  assert_false(kr_utf8_valid("\xF4\x90\x80\x80", 4)); /* above U+10FFFF */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(texts_in), cmocka_unit_test(texts_out), cmocka_unit_test(rubbish_is_refused), cmocka_unit_test(utf8),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
