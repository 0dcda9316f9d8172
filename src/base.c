/* base: see base.h. The list of secrets is the only state of the process kept here. */
#include "base.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const kind_names[KR_KIND_COUNT] = {
  [KR_OK] = "ok",
#define KR_KIND_NAME(id, name) [KR_##id] = name,
  KR_KINDS(KR_KIND_NAME)
#undef KR_KIND_NAME
};

const char *kr_kind_name(int kind)
{
  if (kind < 0) kind = -kind;
  return kind < KR_KIND_COUNT ? kind_names[kind] : "internal";
}

int kr_kind_from_name(const char *name)
{
  for (int kind = 1; kind < KR_KIND_COUNT; kind++)
    if (strcmp(kind_names[kind], name) == 0) return kind;
  return 0;
}

int kr_kind_from_errno(int err)
{
  switch (err < 0 ? -err : err) {
  case ENOENT: case EEXIST: case ENOTEMPTY: return KR_FILE;
  case ELOOP: case ENAMETOOLONG: case EMLINK: return KR_PATH;
  default: return KR_DISK;
  }
}

int kr_fault_set(struct kr_fault *fault, int kind, const char *format, ...)
{
  fault->kind = kind;
  va_list args;
  va_start(args, format);
  vsnprintf(fault->text, sizeof fault->text, format, args);
  va_end(args);
  return -kind;
}

static void out_of_memory(size_t size)
{
  fprintf(stderr, "karun: out of memory (%zu bytes)\n", size);
  abort();
}

void *kr_alloc(size_t size)
{
  void *ptr = calloc(1, size ? size : 1);
  if (!ptr) out_of_memory(size);
  return ptr;
}

void *kr_realloc(void *ptr, size_t size)
{
  void *grown = realloc(ptr, size ? size : 1);
  if (!grown) out_of_memory(size);
  return grown;
}

char *kr_strndup(const char *text, size_t len)
{
  char *copy = kr_alloc(len + 1);
  memcpy(copy, text, len);
  return copy;
}

char *kr_strdup(const char *text)
{
  return kr_strndup(text, strlen(text));
}

int kr_buf_reserve(struct kr_buf *buf, size_t more)
{
  if (more > buf->limit || buf->len > buf->limit - more) return -KR_TOO_LARGE;
  size_t need = buf->len + more + 1;
  if (need <= buf->cap) return 0;
  size_t cap = buf->cap ? buf->cap : 256;
  while (cap < need) cap *= 2;
  buf->data = kr_realloc(buf->data, cap);
  buf->cap = cap;
  return 0;
}

int kr_buf_add(struct kr_buf *buf, const void *bytes, size_t len)
{
  int err = kr_buf_reserve(buf, len);
  if (err) return err;
  if (len) memcpy(buf->data + buf->len, bytes, len);
  buf->len += len;
  buf->data[buf->len] = '\0';
  return 0;
}

void kr_buf_restart(struct kr_buf *buf)
{
  enum { KEPT = 1 << 20 };
  if (buf->cap > KEPT) kr_buf_free(buf);
  buf->len = 0;
}

void kr_buf_free(struct kr_buf *buf)
{
  free(buf->data);
  buf->data = NULL;
  buf->len = buf->cap = 0;
}

/* ---- secrets: few, short, kept for the life of the process ---- */

enum { MAX_SECRETS = 256, MIN_SECRET = 3 };
static struct { char *text; size_t len; } secrets[MAX_SECRETS];
static size_t secret_count;

void kr_secret_add(const char *text, size_t len)
{
  if (len < MIN_SECRET || secret_count == MAX_SECRETS) return; /* one letter would mask everything */
  for (size_t i = 0; i < secret_count; i++)
    if (secrets[i].len == len && memcmp(secrets[i].text, text, len) == 0) return;
  size_t at = secret_count++;
  /* longest first, so that a secret that holds another is masked whole */
  for (; at > 0 && secrets[at - 1].len < len; at--) secrets[at] = secrets[at - 1];
  secrets[at].text = kr_strndup(text, len);
  secrets[at].len = len;
}

static size_t secret_at(const char *text, size_t left)
{
  for (size_t i = 0; i < secret_count; i++)
    if (secrets[i].len <= left && memcmp(secrets[i].text, text, secrets[i].len) == 0) return secrets[i].len;
  return 0;
}

char *kr_mask(const char *text, size_t len, size_t *out_len)
{
  size_t hits = 0;
  for (size_t i = 0; secret_count && i < len; i++) {
    size_t hit = secret_at(text + i, len - i);
    if (hit) { hits++; i += hit - 1; }
  }
  if (!hits) return NULL;
  char *masked = kr_alloc(len + 3 * hits + 1);
  size_t n = 0;
  for (size_t i = 0; i < len;) {
    size_t hit = secret_at(text + i, len - i);
    if (hit) { memcpy(masked + n, "***", 3); n += 3; i += hit; }
    else masked[n++] = text[i++];
  }
  *out_len = n;
  return masked;
}

static enum kr_level screen_level = KR_LOG_INFO;

void kr_log_level(enum kr_level max)
{
  screen_level = max;
}

static volatile bool in_json;

void kr_log_json(bool json)
{
  in_json = json;
}

static const char JSON_HEAD[] = "{\"schema\":1,\"event\":\"log\",\"level\":\"warn\",\"text\":\"", JSON_TAIL[] = "\"}\n";

void kr_log_say(const char *text)
{
  const char *parts[] = {in_json ? JSON_HEAD : "karun: ", text, in_json ? JSON_TAIL : "\n"};
  for (size_t i = 0; i < 3; i++) {
    ssize_t ignored = write(STDERR_FILENO, parts[i], strlen(parts[i]));
    (void)ignored;
  }
}

static void put_json(const char *text)
{
  fputs(JSON_HEAD, stderr);
  for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
    if (*c == '"' || *c == '\\') putc('\\', stderr);
    if (*c < 0x20) fprintf(stderr, "\\u%04x", *c);
    else putc(*c, stderr);
  }
  fputs(JSON_TAIL, stderr);
}

void kr_log(enum kr_level level, const char *format, ...)
{
  if (level > screen_level) return;
  char line[2048];
  va_list args;
  va_start(args, format);
  int n = vsnprintf(line, sizeof line, format, args);
  va_end(args);
  if (n < 0) return;
  size_t len = (size_t)n < sizeof line ? (size_t)n : sizeof line - 1, masked_len = 0;
  char *masked = kr_mask(line, len, &masked_len);
  if (in_json) put_json(masked ? masked : line);
  else fprintf(stderr, "karun: %s\n", masked ? masked : line);
  free(masked);
}
