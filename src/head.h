/* head: the text of one HTTP/1.1 request, pure and without a socket: its head and a chunked body.
 * Strict where a loose reading could be abused (names, lengths), silent about everything else. */
#ifndef KR_HEAD_H
#define KR_HEAD_H

#include <stdbool.h>

#include "base.h"

enum { KR_HEAD_FIELDS = 100 };

struct kr_field {
  char *name, *value;                      /* name in lower case, value trimmed */
};

struct kr_head {
  char *text;                              /* owns the bytes all others point into */
  char *method, *target;
  struct kr_field *fields;
  size_t count;
  int minor;                               /* HTTP/1.<minor> */
  int64_t length;                          /* of the body; -1: none was said */
  bool chunked, keep, expect;              /* keep: the connection may serve another request */
};

/* The bytes used once the head is whole; 0: more are needed; else minus the HTTP status to answer.
 * Fills head only when it is whole; borrows bytes. */
long kr_head_parse(struct kr_head *head, const char *bytes, size_t len, size_t limit);
const char *kr_head_value(const struct kr_head *head, const char *name); /* the first, or NULL */
void kr_head_free(struct kr_head *head);

/* A chunked body on its way in. Zeroed at the start. */
struct kr_chunks {
  enum { KR_CHUNK_SIZE, KR_CHUNK_DATA, KR_CHUNK_END, KR_CHUNK_TRAILER, KR_CHUNK_DONE } state;
  size_t left;
};
/* Moves decoded bytes to body: the bytes used, or minus the HTTP status to answer. */
long kr_chunks_feed(struct kr_chunks *chunks, const char *bytes, size_t len, struct kr_buf *body);

#endif
