/* serve: a small HTTP/1.1 server on the loop. It reads whole requests and sends what it is given;
 * what to answer, down to the text of the answer's head, is its user's business.
 * One exchange is one request and its answer; each connection has one at a time. */
#ifndef KR_SERVE_H
#define KR_SERVE_H

#include "head.h"
#include "loop.h"

struct kr_server;
struct kr_exchange;

struct kr_serve_options {
  const char *host;                        /* an address, not a name */
  int port;                                /* 0: any free one */
  size_t head_limit, body_limit;           /* bytes; beyond: 431, 413 */
  double idle;                             /* seconds a connection may be silent while a request is awaited */
  void (*on_request)(void *owner);         /* kr_serve_next has one; called from the loop */
  void *owner;
};

/* 0, or -KR_<KIND> with the reason in why (a static text). Copies options. */
int kr_serve_open(struct kr_server **out, struct kr_loop *loop, const struct kr_serve_options *options,
                  const char **why);
int kr_serve_port(const struct kr_server *server);
size_t kr_serve_connections(const struct kr_server *server);
/* The oldest request not taken yet, or NULL. Whoever takes it must end it (end, abort or upgrade). */
struct kr_exchange *kr_serve_next(struct kr_server *server);
/* Stops listening and cuts every connection; exchanges taken stay valid, and gone, until they are ended. */
void kr_serve_close(struct kr_server *server);

const struct kr_head *kr_exchange_head(const struct kr_exchange *exchange);
const struct kr_buf *kr_exchange_body(const struct kr_exchange *exchange);
const char *kr_exchange_address(const struct kr_exchange *exchange); /* the peer's */
bool kr_exchange_gone(const struct kr_exchange *exchange);           /* nobody is there to read the answer */
/* Called when everything sent has left (or never will), and after kr_exchange_send_file. */
void kr_exchange_on_drained(struct kr_exchange *exchange, void (*drained)(void *owner, int status), void *owner);
/* Takes a copy. 0, or -KR_NET when the peer has gone, -KR_TOO_LARGE when too much waits already. */
int kr_exchange_send(struct kr_exchange *exchange, const void *bytes, size_t len);
size_t kr_exchange_queued(const struct kr_exchange *exchange);
/* Sends len bytes of fd from offset, piece by piece as the socket drains. Takes fd. */
void kr_exchange_send_file(struct kr_exchange *exchange, int fd, int64_t offset, int64_t len);
/* The answer is complete. keep: the connection serves on. The exchange is not valid afterwards. */
void kr_exchange_end(struct kr_exchange *exchange, bool keep);
/* Breaks the connection off on purpose, after what was sent: by FIN, or by RST. Not valid afterwards. */
void kr_exchange_abort(struct kr_exchange *exchange, bool reset);
/* Gives a descriptor of the socket and forgets the connection, or -1. Not valid afterwards. */
int kr_exchange_detach(struct kr_exchange *exchange);

#endif
