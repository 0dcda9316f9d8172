/* json: see json.h. */
#include "json.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"

#define MARK "\xEF\xB7\x90" /* U+FDD0 */
enum { MARK_LEN = 3 };

/* memmem looks at each byte more than once; the mark's first byte is rare */
static char *find_mark(const char *text, size_t len)
{
  const char *end = text + len;
  for (const char *at = text; (at = memchr(at, MARK[0], (size_t)(end - at))) != NULL; at++)
    if (end - at >= MARK_LEN && memcmp(at, MARK, MARK_LEN) == 0) return (char *)(uintptr_t)at;
  return NULL;
}

static int hex4(const char *at)
{
  int value = 0;
  for (int i = 0; i < 4; i++) {
    char c = at[i];
    int digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/* Does an escape need repair? Only \u0000, \ufdd0 and surrogates do. */
static bool is_odd(int code)
{
  return code == 0 || code == 0xFDD0 || (code >= 0xD800 && code <= 0xDFFF);
}

static bool needs_repair(const char *text, size_t len)
{
  if (find_mark(text, len)) return true;
  const char *end = text + len;
  for (const char *at = text; (at = memchr(at, '\\', (size_t)(end - at))) != NULL && end - at >= 6;) {
    if (at[1] == 'u' && is_odd(hex4(at + 2))) return true;
    at += 2;
  }
  return false;
}

/* One escape at *at; writes its repaired form, returns how many bytes of text it used. */
static size_t repair_escape(struct kr_buf *out, const char *at, size_t left)
{
  int code = left >= 6 && at[1] == 'u' ? hex4(at + 2) : -1;
  size_t used = code >= 0 ? 6 : left >= 2 ? 2 : 1;
  if (code == 0) {
    kr_buf_add(out, MARK "0", MARK_LEN + 1);
  } else if (code == 0xFDD0) {
    kr_buf_add(out, MARK "1", MARK_LEN + 1);
  } else if (code >= 0xD800 && code <= 0xDBFF && left >= 12 && at[6] == '\\' && at[7] == 'u' &&
             hex4(at + 8) >= 0xDC00 && hex4(at + 8) <= 0xDFFF) {
    kr_buf_add(out, at, 12);
    used = 12;
  } else if (code >= 0xD800 && code <= 0xDFFF) {
    kr_buf_add(out, "\xEF\xBF\xBD", 3);
  } else {
    kr_buf_add(out, at, used);
  }
  return used;
}

static void repair(struct kr_buf *out, const char *text, size_t len)
{
  size_t i = 0, from = 0;
  while (i < len) {
    bool mark = text[i] == MARK[0] && len - i >= MARK_LEN && memcmp(text + i, MARK, MARK_LEN) == 0;
    if (text[i] != '\\' && !mark) { i++; continue; }
    kr_buf_add(out, text + from, i - from);
    if (mark) { kr_buf_add(out, MARK "1", MARK_LEN + 1); i += MARK_LEN; }
    else i += repair_escape(out, text + i, len - i);
    from = i;
  }
  kr_buf_add(out, text + from, len - from);
}

cJSON *kr_json_parse(const char *text, size_t len, size_t *bad_at)
{
  struct kr_buf repaired = KR_BUF_INIT(len * 2 + 64);
  const char *from = text;
  if (needs_repair(text, len)) {
    repair(&repaired, text, len);
    from = repaired.data;
    len = repaired.len;
  }
  const char *end = NULL;
  cJSON *tree = cJSON_ParseWithLengthOpts(from, len, &end, 0);
  for (; tree && end < from + len; end++) {
    if (strchr(" \t\r\n", *end)) continue;
    cJSON_Delete(tree); /* something stands behind the value */
    tree = NULL;
    break;
  }
  if (bad_at) *bad_at = end ? (size_t)(end - from) : 0;
  kr_buf_free(&repaired);
  return tree;
}

const char *kr_json_text(const cJSON *item, size_t *len, char **owned)
{
  const char *text = item->valuestring ? item->valuestring : "";
  *len = strlen(text);
  *owned = NULL;
  const char *mark = find_mark(text, *len);
  if (!mark) return text;
  struct kr_buf out = KR_BUF_INIT(*len + 1);
  const char *from = text, *end = text + *len;
  for (; mark; mark = find_mark(from, (size_t)(end - from))) {
    kr_buf_add(&out, from, (size_t)(mark - from));
    if (mark[MARK_LEN] == '0') kr_buf_add(&out, "", 1);
    else kr_buf_add(&out, MARK, MARK_LEN);
    from = mark + MARK_LEN + (mark[MARK_LEN] ? 1 : 0);
  }
  kr_buf_add(&out, from, (size_t)(end - from));
  *len = out.len;
  return *owned = out.data;
}

/* How a byte that cannot stand as it is is written: itself or a letter behind a backslash, or by its number ('u'). RFC 8259, 7. */
static char escape_of(unsigned char byte)
{
  switch (byte) {
  case '"': case '\\': return (char)byte;
  case '\b': return 'b';
  case '\f': return 'f';
  case '\n': return 'n';
  case '\r': return 'r';
  case '\t': return 't';
  default: return 'u';
  }
}

int kr_json_add_text(struct kr_buf *out, const char *text, size_t len)
{
  size_t from = 0;
  int err = kr_buf_add(out, "\"", 1);
  for (size_t i = 0; i < len && !err; i++) {
    if ((unsigned char)text[i] >= 0x20 && text[i] != '"' && text[i] != '\\') continue;
    char code[8] = {'\\', escape_of((unsigned char)text[i])};
    if (code[1] == 'u') snprintf(code, sizeof code, "\\u%04x", (unsigned char)text[i]);
    err = kr_buf_add(out, text + from, i - from);
    if (!err) err = kr_buf_add(out, code, strlen(code));
    from = i + 1;
  }
  if (!err) err = kr_buf_add(out, text + from, len - from);
  return err ? err : kr_buf_add(out, "\"", 1);
}

bool kr_utf8_valid(const char *text, size_t len)
{
  const unsigned char *at = (const unsigned char *)text, *end = at + len;
  while (at < end) {
    if (*at < 0x80) { at++; continue; }
    int more = *at >= 0xF0 && *at <= 0xF4 ? 3 : *at >= 0xE0 && *at < 0xF0 ? 2 : *at >= 0xC2 && *at < 0xE0 ? 1 : 0;
    if (!more || end - at <= more) return false;
    uint32_t code = *at & (0x3Fu >> more);
    for (int i = 1; i <= more; i++) {
      if ((at[i] & 0xC0) != 0x80) return false;
      code = code << 6 | (at[i] & 0x3Fu);
    }
    if ((more == 2 && code < 0x800) || (more == 3 && (code < 0x10000 || code > 0x10FFFF)) || (code >= 0xD800 && code <= 0xDFFF))
      return false;
    at += more + 1;
  }
  return true;
}
