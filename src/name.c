/* name: see name.h. */
#include "name.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

#include "base.h"

enum { LONGEST_EXTENSION = 16 };

static bool is_dropped(utf8proc_int32_t c)
{
  return c < 0x20 || (c >= 0x7f && c <= 0x9f)                   /* controls */
         || c == 0x061c || c == 0x200e || c == 0x200f           /* direction marks: they make a name lie about its end */
         || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069)
         || c == 0x200b || c == 0xfeff || (c & 0xfffe) == 0xfffe;
}

static utf8proc_int32_t tame(utf8proc_int32_t c)
{
  if (c == '\t' || c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029 || c == 0x85) return ' ';
  if (c < 0x80 && c && strchr("/\\<>:\"|?*", (int)c)) return '_';
  return is_dropped(c) ? 0 : c;
}

static char *normalize(const char *text, size_t len, utf8proc_option_t options)
{
  utf8proc_uint8_t *out = NULL;
  utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)len, &out, UTF8PROC_STABLE | options);
  if (n < 0) return NULL;
  char *copy = kr_strndup((const char *)out, (size_t)n);
  free(out);
  return copy;
}

char *kr_name_nfc(const char *text, size_t len)
{
  return normalize(text, len, UTF8PROC_COMPOSE);
}

char *kr_name_bare(const char *text, size_t len)
{
  return normalize(text, len, UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK);
}

char *kr_name_fold(const char *text, size_t len)
{
  return normalize(text, len, UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
}

/* Every character harmless; NULL when text is not UTF-8. */
static char *tame_all(const char *text, size_t len)
{
  char *out = kr_alloc(len + 1);
  size_t n = 0;
  while (len) {
    utf8proc_int32_t c;
    utf8proc_ssize_t used = utf8proc_iterate((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)len, &c);
    if (used <= 0) {
      free(out);
      return NULL;
    }
    text += used;
    len -= (size_t)used;
    c = tame(c);
    if (c) n += (size_t)utf8proc_encode_char(c, (utf8proc_uint8_t *)out + n);
  }
  out[n] = '\0';
  return out;
}

/* No leading dot, dash or space (hidden files, options); no trailing dot or space (Windows drops them). */
static void trim(char *name)
{
  size_t lead = strspn(name, ".- "), len = strlen(name);
  memmove(name, name + lead, len - lead + 1);
  len -= lead;
  while (len && (name[len - 1] == '.' || name[len - 1] == ' ')) name[--len] = '\0';
}

static size_t extension_at(const char *name)
{
  const char *dot = strrchr(name, '.');
  size_t len = dot ? strlen(dot) : 0;
  if (!dot || dot == name || len < 2 || len > LONGEST_EXTENSION || strchr(dot, ' ')) return strlen(name);
  return (size_t)(dot - name);
}

/* The longest beginning of text within room that ends where a person sees a character end. */
static size_t whole_characters(const char *text, size_t room)
{
  size_t len = strlen(text), at = 0, good = 0;
  utf8proc_int32_t last = 0, state = 0, c;
  while (at < len) {
    utf8proc_ssize_t used = utf8proc_iterate((const utf8proc_uint8_t *)text + at, (utf8proc_ssize_t)(len - at), &c);
    if (at && utf8proc_grapheme_break_stateful(last, c, &state)) good = at;
    if (at + (size_t)used > room) return good;
    at += (size_t)used;
    last = c;
  }
  return len;
}

static void shorten(char *name, size_t limit)
{
  size_t len = strlen(name), dot = extension_at(name), tail = len - dot;
  if (len <= limit) return;
  char extension[LONGEST_EXTENSION + 1];
  memcpy(extension, name + dot, tail);
  name[dot] = '\0';
  size_t stem = whole_characters(name, limit - tail);
  while (stem && (name[stem - 1] == ' ' || name[stem - 1] == '.')) stem--;
  if (!stem) name[stem++] = '_'; /* one character longer than the limit, a heap of combining marks */
  memcpy(name + stem, extension, tail);
  name[stem + tail] = '\0';
}

/* The length of a name that Windows keeps for a device, before any extension; else 0. */
static size_t reserved_len(const char *name)
{
  static const char *const devices[] = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"};
  size_t stem = strcspn(name, ".");
  while (stem && name[stem - 1] == ' ') stem--;
  for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
    if (stem == strlen(devices[i]) && !strncasecmp(name, devices[i], stem)) return stem;
  if (strncasecmp(name, "COM", 3) != 0 && strncasecmp(name, "LPT", 3) != 0) return 0;
  if (stem == 4 && name[3] >= '0' && name[3] <= '9') return stem;
  static const char *const superscripts[] = {"\u00b9", "\u00b2", "\u00b3"};
  for (size_t i = 0; stem == 5 && i < 3; i++)
    if (!memcmp(name + 3, superscripts[i], 2)) return stem;
  return 0;
}

char *kr_name_safe(const char *text, size_t len, size_t limit)
{
  char *tamed = tame_all(text, len);
  if (!tamed) return NULL;
  char *name = normalize(tamed, strlen(tamed), UTF8PROC_COMPOSE);
  free(tamed);
  if (!name) return NULL;
  trim(name);
  shorten(name, reserved_len(name) ? limit - 1 : limit); /* a byte kept for the mark of a reserved name */
  size_t size = strlen(name), reserved = reserved_len(name);
  if (reserved || !size) {
    name = kr_realloc(name, size + 2);
    memmove(name + reserved + 1, name + reserved, size - reserved + 1);
    name[reserved] = '_';
  }
  return name;
}
