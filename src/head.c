/* head: see head.h. */
#include "head.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CHUNK_LINE = 256, TRAILER_LINES = 64 };

static bool is_token(unsigned char c)
{
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c && strchr("!#$%&'*+-.^_`|~", c));
}

/* Ends the token that begins at text with a NUL; gives what follows the mark behind it, else NULL. */
static char *cut_token(char *text, char mark)
{
  char *end = text;
  while (is_token((unsigned char)*end)) end++;
  if (end == text || *end != mark) return NULL;
  *end = '\0';
  return end + 1;
}

static char *trim(char *text)
{
  while (*text == ' ' || *text == '\t') text++;
  size_t len = strlen(text);
  while (len && (text[len - 1] == ' ' || text[len - 1] == '\t')) text[--len] = '\0';
  return text;
}

/* Is word among the comma-separated words of list? */
static bool has_word(const char *list, const char *word)
{
  size_t len = strlen(word);
  while (*list) {
    list += strspn(list, " \t,");
    size_t word_len = strcspn(list, " \t,");
    if (word_len == len && strncasecmp(list, word, len) == 0) return true;
    list += word_len;
  }
  return false;
}

/* "GET /path HTTP/1.1": 0 or the status to answer. */
static int parse_request_line(struct kr_head *head, char *line)
{
  head->method = line;
  head->target = cut_token(line, ' ');
  if (!head->target) return 400;
  char *end = head->target;
  while ((unsigned char)*end > ' ' && *end != 0x7f) end++;
  if (end == head->target || *end != ' ') return 400;
  *end++ = '\0';
  if (strncmp(end, "HTTP/", 5) != 0) return 400;
  if (strcmp(end, "HTTP/1.1") != 0 && strcmp(end, "HTTP/1.0") != 0) return 505;
  head->minor = end[7] - '0';
  head->keep = head->minor == 1;
  return 0;
}

static int parse_length(struct kr_head *head, const char *value)
{
  int64_t length = 0;
  if (!*value) return 400;
  for (; *value; value++) {
    if (*value < '0' || *value > '9') return 400;
    if (length > (INT64_MAX - 9) / 10) return 413;
    length = length * 10 + (*value - '0');
  }
  if (head->length >= 0 && head->length != length) return 400;
  head->length = length;
  return 0;
}

/* What the server itself must know of a field: 0 or the status to answer. */
static int heed_field(struct kr_head *head, const struct kr_field *field)
{
  if (strcmp(field->name, "content-length") == 0) return parse_length(head, field->value);
  if (strcmp(field->name, "transfer-encoding") == 0) {
    if (strcasecmp(field->value, "chunked") != 0 || head->chunked) return 501;
    head->chunked = true;
  } else if (strcmp(field->name, "connection") == 0) {
    if (has_word(field->value, "close")) head->keep = false;
    else if (head->minor == 0 && has_word(field->value, "keep-alive")) head->keep = true;
  } else if (strcmp(field->name, "expect") == 0) {
    if (strcasecmp(field->value, "100-continue") != 0) return 417;
    head->expect = head->minor == 1;
  }
  return 0;
}

static int parse_field(struct kr_head *head, char *line)
{
  if (head->count == KR_HEAD_FIELDS) return 431;
  struct kr_field *field = &head->fields[head->count];
  field->name = line;
  char *value = cut_token(line, ':'); /* no blanks before the colon, no folded lines: neither is a token */
  if (!value) return 400;
  field->value = trim(value);
  for (char *c = field->name; *c; c++)
    if (*c >= 'A' && *c <= 'Z') *c = (char)(*c - 'A' + 'a');
  head->count++;
  return heed_field(head, field);
}

static int parse_lines(struct kr_head *head)
{
  int status = 0;
  bool first = true;
  for (char *line = head->text, *end; !status && *line; line = end + 2, first = false) {
    end = strstr(line, "\r\n");
    *end = '\0';
    if (strpbrk(line, "\r\n")) return 400;
    status = first ? parse_request_line(head, line) : parse_field(head, line);
  }
  if (!status && head->chunked && head->length >= 0) status = 400; /* two lengths: request smuggling */
  return status;
}

long kr_head_parse(struct kr_head *head, const char *bytes, size_t len, size_t limit)
{
  size_t skip = len >= 2 && memcmp(bytes, "\r\n", 2) == 0 ? 2 : 0; /* some send one after a body */
  const char *end = memmem(bytes + skip, len - skip, "\r\n\r\n", 4);
  size_t size = end ? (size_t)(end - bytes) + 4 : len;
  if (size > limit) return -431;
  if (!end) return 0;
  if (memchr(bytes, '\0', size)) return -400;
  *head = (struct kr_head){.length = -1};
  head->text = kr_strndup(bytes + skip, size - skip - 2);
  head->fields = kr_alloc(KR_HEAD_FIELDS * sizeof *head->fields);
  int status = parse_lines(head);
  if (!status) return (long)size;
  kr_head_free(head);
  return -status;
}

const char *kr_head_value(const struct kr_head *head, const char *name)
{
  for (size_t i = 0; i < head->count; i++)
    if (strcmp(head->fields[i].name, name) == 0) return head->fields[i].value;
  return NULL;
}

void kr_head_free(struct kr_head *head)
{
  free(head->text);
  free(head->fields);
  *head = (struct kr_head){.length = -1};
}

/* ---- chunked bodies ---- */

static int parse_chunk_size(struct kr_chunks *chunks, const char *line, size_t len)
{
  size_t size = 0, digits = 0;
  for (; digits < len && isxdigit((unsigned char)line[digits]); digits++) {
    if (digits == 8) return 413;
    unsigned char c = (unsigned char)line[digits];
    size = size * 16 + (size_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  if (!digits || (digits < len && !memchr("; \t", line[digits], 3))) return 400;
  chunks->left = size;
  chunks->state = size ? KR_CHUNK_DATA : KR_CHUNK_TRAILER;
  return 0;
}

/* One line of the coding (not of the data): 0 or the status to answer. */
static int take_line(struct kr_chunks *chunks, const char *line, size_t len)
{
  switch (chunks->state) {
  case KR_CHUNK_SIZE: return parse_chunk_size(chunks, line, len);
  case KR_CHUNK_END: chunks->state = KR_CHUNK_SIZE; return len ? 400 : 0;
  case KR_CHUNK_TRAILER: /* fields we have no use for; left counts them */
    if (!len) chunks->state = KR_CHUNK_DONE;
    return chunks->left++ < TRAILER_LINES ? 0 : 431;
  case KR_CHUNK_DATA: case KR_CHUNK_DONE: default: return 400;
  }
}

long kr_chunks_feed(struct kr_chunks *chunks, const char *bytes, size_t len, struct kr_buf *body)
{
  size_t used = 0;
  while (used < len && chunks->state != KR_CHUNK_DONE) {
    const char *at = bytes + used;
    size_t rest = len - used;
    if (chunks->state == KR_CHUNK_DATA) {
      size_t take = rest < chunks->left ? rest : chunks->left;
      if (kr_buf_add(body, at, take)) return -413;
      chunks->left -= take;
      used += take;
      if (!chunks->left) chunks->state = KR_CHUNK_END;
      continue;
    }
    const char *end = memmem(at, rest, "\r\n", 2);
    if ((end ? (size_t)(end - at) : rest) > CHUNK_LINE) return -400;
    if (!end) break;
    int status = take_line(chunks, at, (size_t)(end - at));
    if (status) return -status;
    used += (size_t)(end - at) + 2;
  }
  return (long)used;
}
