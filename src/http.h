/* http: one request on the loop. Two waits: until the head of the answer is there, then until its
 * body is in memory or in a file. What an answer means, whether to try again, where a file belongs:
 * all that is Lua. The only file that knows libcurl; it is set up at the first request. */
#ifndef KR_HTTP_H
#define KR_HTTP_H

#include <stdbool.h>

#include "base.h"
#include "wait.h"

struct kr_http;
struct kr_http_request;

struct kr_http *kr_http_create(struct kr_loop *loop);
void kr_http_destroy(struct kr_http *http);      /* after its requests; NULL is fine */

/* What is asked for; all pointers borrowed until kr_http_request_create returns. */
struct kr_http_ask {
  const char *url, *method;
  const char *const *headers;              /* "name: value", NULL at the end; may be NULL */
  const char *const *cookies;              /* lines of a Netscape cookie file, NULL at the end; may be NULL */
  const char *body;                        /* NULL: none */
  size_t body_len;
  long redirects;                          /* followed at most */
  double stall;                            /* seconds without a byte, then KR_STALLED */
  bool compressed;                         /* the server may compress; the body comes out plain */
};
struct kr_http_part {                      /* of a multipart body; borrowed */
  const char *name, *filename, *type, *file;
  const char *bytes;
  size_t len;
};
struct kr_http_request *kr_http_request_create(struct kr_http *http, const struct kr_http_ask *ask,
                                               const struct kr_http_part *parts, size_t part_count);
/* Sends; ends the wait at the head of the (last) answer. Its forget is kr_http_forget. */
void kr_http_send(struct kr_http_request *request, struct kr_wait *wait);
/* Takes the body: to fd, borrowed, from its present place on, or to memory where fd is -1. More than
 * limit bytes is KR_TOO_LARGE. step: the wait also ends with 0 at the next bytes; ask kr_http_finished. */
void kr_http_receive(struct kr_http_request *request, struct kr_wait *wait, int fd, double limit, bool step);
void kr_http_forget(struct kr_http_request *request);  /* the wait is over: stop the transfer, tell nobody */
void kr_http_request_close(struct kr_http_request *request); /* NULL is fine */

bool kr_http_finished(const struct kr_http_request *request);
long kr_http_status(const struct kr_http_request *request);
const char *kr_http_url(const struct kr_http_request *request);      /* after redirects; borrowed */
const struct kr_buf *kr_http_head(const struct kr_http_request *request); /* lines as they came */
const struct kr_buf *kr_http_body(const struct kr_http_request *request);
double kr_http_received(const struct kr_http_request *request);
double kr_http_total(const struct kr_http_request *request);         /* -1: not told */
double kr_http_retry_after(const struct kr_http_request *request);   /* seconds; 0: not told */
/* After a failed wait: words, and the browser's name of the fault ("ERR_CONNECTION_REFUSED") or NULL. */
const char *kr_http_fault(const struct kr_http_request *request, const char **net);

#endif
