/* serve: see serve.h. A kr_exchange is a connection and the request it has at the moment. It is freed
 * when its socket is closed, nobody holds it, and nothing of what it sent is under way. */
#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "send.h"

enum {
  READ_SIZE = 64 << 10,                    /* one read of a socket; also what may wait unread behind a request */
  MAX_CONNECTIONS = 4096,
  LEAVE_SECONDS = 2                        /* for the peer to read the last answer and close */
};

enum exchange_state { AWAITING, QUEUED, TAKEN, LEAVING };
enum after_flush { STAY, SAY_BYE, CUT, RESET };

struct kr_server {
  uv_tcp_t tcp;
  struct kr_loop *loop;
  struct kr_serve_options options;
  int port;
  struct kr_exchange *all;
  struct kr_exchange *first, **last;       /* whole requests, not taken yet */
  size_t connections;
};

struct kr_exchange {
  uv_tcp_t tcp;
  struct kr_loop *loop;
  struct kr_server *server;                /* NULL once it is closed */
  struct kr_exchange *next, **link;        /* in server->all */
  struct kr_exchange *queued;              /* in server->first */
  enum exchange_state state;
  enum after_flush after;
  bool held, gone, closed, eof, has_head;
  struct kr_buf in, body;
  struct kr_head head;
  struct kr_chunks chunks;
  struct kr_deadline deadline;
  struct kr_sender sender;
  void (*drained)(void *owner, int status);
  void *owner;
  char address[INET6_ADDRSTRLEN];
};

static char read_space[READ_SIZE];         /* libuv fills and hands it back before anything else happens */

static void advance(struct kr_exchange *x);

/* ---- the end of a connection ---- */

static void free_if_over(struct kr_exchange *x)
{
  if (!x->closed || x->held || !kr_sender_is_over(&x->sender)) return;
  kr_head_free(&x->head);
  kr_buf_free(&x->in);
  kr_buf_free(&x->body);
  kr_sender_finish(&x->sender);
  free(x);
}

static void on_closed(uv_handle_t *handle)
{
  struct kr_exchange *x = handle->data;
  x->closed = true;
  free_if_over(x);
}

static void unqueue(struct kr_exchange *x)
{
  struct kr_exchange **link = &x->server->first;
  while (*link != x) link = &(*link)->queued;
  *link = x->queued;
  if (x->server->last == &x->queued) x->server->last = link;
}

static void leave_server(struct kr_exchange *x)
{
  if (!x->server) return;
  if (x->state == QUEUED) unqueue(x);
  *x->link = x->next;
  if (x->next) x->next->link = x->link;
  x->server->connections--;
  x->server = NULL;
}

static void tell_drained(struct kr_exchange *x, int status)
{
  void (*drained)(void *, int) = x->drained;
  x->drained = NULL;
  if (drained) drained(x->owner, status);
}

/* Closes the socket now, whatever is left to send. */
static void drop(struct kr_exchange *x, bool reset)
{
  if (x->gone) return;
  x->gone = true;
  kr_loop_disarm(x->loop, &x->deadline);
  leave_server(x);
  kr_sender_stop(&x->sender);
  if (!reset || uv_tcp_close_reset(&x->tcp, on_closed)) uv_close((uv_handle_t *)&x->tcp, on_closed);
  tell_drained(x, -KR_NET);
}

static void on_deadline(struct kr_deadline *deadline)
{
  drop((struct kr_exchange *)(void *)((char *)deadline - offsetof(struct kr_exchange, deadline)), false);
}

static void arm(struct kr_exchange *x, double seconds)
{
  kr_loop_arm(x->loop, &x->deadline, kr_loop_now() + seconds);
}

/* ---- sending ---- */

static struct kr_exchange *exchange_of(struct kr_sender *sender)
{
  return (struct kr_exchange *)(void *)((char *)sender - offsetof(struct kr_exchange, sender));
}

static void on_bye(uv_shutdown_t *req, int status)
{
  (void)status;                            /* the peer's end, or the deadline, closes it */
  free(req);
}

static void say_bye(struct kr_exchange *x)
{
  uv_shutdown_t *req = kr_alloc(sizeof *req);
  x->after = STAY;
  arm(x, LEAVE_SECONDS);
  if (uv_shutdown(req, (uv_stream_t *)&x->tcp, on_bye)) free(req);
  if (x->eof) drop(x, false);
}

/* A peer that reads nothing for so long is given up. */
static void on_moved(struct kr_sender *sender)
{
  struct kr_exchange *x = exchange_of(sender);
  if (x->server) arm(x, x->server->options.idle);
}

static void on_flushed(struct kr_sender *sender)
{
  struct kr_exchange *x = exchange_of(sender);
  if (x->after == SAY_BYE) say_bye(x);
  else if (x->after != STAY) drop(x, x->after == RESET);
  else {
    if (x->state == TAKEN || x->state == QUEUED) kr_loop_disarm(x->loop, &x->deadline);
    tell_drained(x, 0);
  }
}

static void on_failed(struct kr_sender *sender, int status)
{
  struct kr_exchange *x = exchange_of(sender);
  if (x->gone) free_if_over(x);
  else if (x->after != STAY || status == -KR_NET) drop(x, x->after == RESET);
  else tell_drained(x, status);
}

int kr_exchange_send(struct kr_exchange *x, const void *bytes, size_t len)
{
  return kr_sender_add(&x->sender, bytes, len);
}

size_t kr_exchange_queued(const struct kr_exchange *x)
{
  return kr_sender_queued(&x->sender);
}

void kr_exchange_send_file(struct kr_exchange *x, int fd, int64_t offset, int64_t len)
{
  kr_sender_add_file(&x->sender, fd, offset, len);
}

void kr_exchange_on_drained(struct kr_exchange *x, void (*drained)(void *owner, int status), void *owner)
{
  x->drained = drained;
  x->owner = owner;
  if (drained && x->gone) tell_drained(x, -KR_NET);
  else if (drained && kr_sender_is_idle(&x->sender)) tell_drained(x, 0);
}

/* ---- receiving ---- */

static void leave(struct kr_exchange *x)
{
  x->state = LEAVING;
  x->after = SAY_BYE;
  arm(x, x->server->options.idle);
  if (kr_sender_is_idle(&x->sender)) say_bye(x);
}

static const char *reason_of(int status)
{
  switch (status) {
  case 413: return "Content Too Large";
  case 417: return "Expectation Failed";
  case 431: return "Request Header Fields Too Large";
  case 501: return "Not Implemented";
  case 505: return "HTTP Version Not Supported";
  default: return "Bad Request";
  }
}

/* Answers a request that cannot be taken, and ends the connection: where its next one begins is unknown. */
static void refuse(struct kr_exchange *x, int status)
{
  char text[256];
  const char *reason = reason_of(status);
  int len = snprintf(text, sizeof text, "HTTP/1.1 %d %s\r\ncontent-type: text/plain; charset=utf-8\r\n"
                     "content-length: %zu\r\nconnection: close\r\n\r\n%s\n", status, reason, strlen(reason) + 1, reason);
  if (kr_exchange_send(x, text, (size_t)len) == 0) leave(x);
}

static void consume(struct kr_exchange *x, size_t used)
{
  x->in.len -= used;
  memmove(x->in.data, x->in.data + used, x->in.len);
}

static int take_head(struct kr_exchange *x)
{
  const struct kr_serve_options *options = &x->server->options;
  long used = kr_head_parse(&x->head, x->in.data, x->in.len, options->head_limit);
  if (used <= 0) return (int)used;
  x->has_head = true;
  consume(x, (size_t)used);
  if (x->head.minor == 1 && !kr_head_value(&x->head, "host")) return -400;
  if (x->head.length > (int64_t)options->body_limit) return -413;
  x->body.limit = options->body_limit;
  static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
  if (x->head.expect && !x->in.len) kr_exchange_send(x, go_on, sizeof go_on - 1);
  return 1;
}

/* 1 once the body is whole, 0 when more is needed, else minus the status to answer. */
static int take_body(struct kr_exchange *x)
{
  long used;
  if (x->head.chunked) {
    used = kr_chunks_feed(&x->chunks, x->in.data, x->in.len, &x->body);
  } else {
    size_t left = x->head.length > 0 ? (size_t)x->head.length - x->body.len : 0;
    used = (long)(left < x->in.len ? left : x->in.len);
    kr_buf_add(&x->body, x->in.data, (size_t)used);
  }
  if (used < 0) return (int)used;
  if (used) consume(x, (size_t)used);
  if (x->head.chunked) return x->chunks.state == KR_CHUNK_DONE;
  return x->head.length <= (int64_t)x->body.len;
}

static void advance(struct kr_exchange *x)
{
  struct kr_server *server = x->server;
  int done = x->has_head ? 1 : x->in.len ? take_head(x) : 0;
  if (done > 0 && !x->gone) done = take_body(x);
  if (done < 0 && !x->gone) refuse(x, -done);
  if (done <= 0 || x->gone) return;
  kr_loop_disarm(x->loop, &x->deadline);
  x->state = QUEUED;
  x->queued = NULL;
  *server->last = x;
  server->last = &x->queued;
  server->options.on_request(server->options.owner);
}

static void on_ended(struct kr_exchange *x, ssize_t why)
{
  x->eof = true;
  uv_read_stop((uv_stream_t *)&x->tcp);
  /* a peer that has only ended its own side may still read the answer */
  if (why != UV_EOF || x->state == AWAITING || (x->state == LEAVING && x->after == STAY)) drop(x, false);
}

static void on_space(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
  (void)handle, (void)hint;
  *buf = uv_buf_init(read_space, sizeof read_space);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
  struct kr_exchange *x = stream->data;
  if (n < 0) on_ended(x, n);
  if (n <= 0 || x->state == LEAVING) return;
  kr_buf_add(&x->in, buf->base, (size_t)n); /* its limit is never met: reading stops before */
  if (x->state == AWAITING) {
    if (x->has_head) arm(x, x->server->options.idle);
    advance(x);
  } else if (x->in.len >= READ_SIZE) {
    uv_read_stop(stream);
  }
}

/* ---- the server ---- */

static void on_connection(uv_stream_t *stream, int status)
{
  struct kr_server *server = stream->data;
  if (status) return;
  struct kr_exchange *x = kr_alloc(sizeof *x);
  uv_tcp_init(kr_loop_uv(server->loop), &x->tcp);
  x->tcp.data = x;
  x->loop = server->loop;
  kr_sender_init(&x->sender, (uv_stream_t *)&x->tcp);
  x->sender.moved = on_moved;
  x->sender.flushed = on_flushed;
  x->sender.failed = on_failed;
  x->deadline.fire = on_deadline;
  x->in.limit = server->options.head_limit + 4 * READ_SIZE;
  x->server = server;
  x->next = server->all;
  x->link = &server->all;
  if (x->next) x->next->link = &x->next;
  server->all = x;
  server->connections++;
  struct sockaddr_storage peer;
  int len = sizeof peer;
  if (uv_accept(stream, (uv_stream_t *)&x->tcp) || server->connections > MAX_CONNECTIONS ||
      uv_tcp_getpeername(&x->tcp, (struct sockaddr *)&peer, &len)) {
    drop(x, false);
    return;
  }
  uv_ip_name((struct sockaddr *)&peer, x->address, sizeof x->address);
  uv_tcp_nodelay(&x->tcp, 1);
  arm(x, server->options.idle);
  uv_read_start((uv_stream_t *)&x->tcp, on_space, on_read);
}

static void on_server_closed(uv_handle_t *handle)
{
  free(handle->data);
}

static int start_listening(struct kr_server *server)
{
  const struct kr_serve_options *options = &server->options;
  struct sockaddr_storage address;
  struct sockaddr *any = (struct sockaddr *)&address;
  int len = sizeof address;
  int err = strchr(options->host, ':')
    ? uv_ip6_addr(options->host, options->port, (struct sockaddr_in6 *)&address)
    : uv_ip4_addr(options->host, options->port, (struct sockaddr_in *)&address);
  if (!err) err = uv_tcp_bind(&server->tcp, any, 0);
  if (!err) err = uv_listen((uv_stream_t *)&server->tcp, 511, on_connection);
  if (!err) err = uv_tcp_getsockname(&server->tcp, any, &len);
  if (!err) server->port = ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                                                : ((struct sockaddr_in *)&address)->sin_port);
  return err;
}

int kr_serve_open(struct kr_server **out, struct kr_loop *loop, const struct kr_serve_options *options,
                  const char **why)
{
  struct kr_server *server = kr_alloc(sizeof *server);
  server->loop = loop;
  server->options = *options;
  server->last = &server->first;
  uv_tcp_init(kr_loop_uv(loop), &server->tcp);
  server->tcp.data = server;
  int err = start_listening(server);
  server->options.host = NULL;
  *out = err ? NULL : server;
  if (!err) return 0;
  *why = uv_strerror(err);
  uv_close((uv_handle_t *)&server->tcp, on_server_closed);
  return -KR_NET;
}

int kr_serve_port(const struct kr_server *server)
{
  return server->port;
}

size_t kr_serve_connections(const struct kr_server *server)
{
  return server->connections;
}

struct kr_exchange *kr_serve_next(struct kr_server *server)
{
  struct kr_exchange *x = server->first;
  if (!x) return NULL;
  unqueue(x);
  x->state = TAKEN;
  x->held = true;
  return x;
}

void kr_serve_close(struct kr_server *server)
{
  if (!server) return;
  while (server->all) drop(server->all, false);
  uv_close((uv_handle_t *)&server->tcp, on_server_closed);
}

/* ---- an exchange ---- */

const struct kr_head *kr_exchange_head(const struct kr_exchange *x)
{
  return &x->head;
}

const struct kr_buf *kr_exchange_body(const struct kr_exchange *x)
{
  return &x->body;
}

const char *kr_exchange_address(const struct kr_exchange *x)
{
  return x->address;
}

bool kr_exchange_gone(const struct kr_exchange *x)
{
  return x->gone;
}

static void let_go(struct kr_exchange *x)
{
  x->held = false;
  x->drained = NULL;
}

void kr_exchange_end(struct kr_exchange *x, bool keep)
{
  let_go(x);
  if (x->gone) {
    free_if_over(x);
    return;
  }
  if (!keep || !x->head.keep || x->eof) {
    uv_read_start((uv_stream_t *)&x->tcp, on_space, on_read);
    leave(x);
    return;
  }
  kr_head_free(&x->head);
  kr_buf_free(&x->body);
  x->chunks = (struct kr_chunks){0};
  x->has_head = false;
  x->state = AWAITING;
  arm(x, x->server->options.idle);
  uv_read_start((uv_stream_t *)&x->tcp, on_space, on_read);
  advance(x);
}

void kr_exchange_abort(struct kr_exchange *x, bool reset)
{
  let_go(x);
  x->after = reset ? RESET : CUT;
  kr_sender_cut_file(&x->sender);
  if (x->gone) {
    free_if_over(x);
    return;
  }
  arm(x, x->server->options.idle);
  if (kr_sender_is_idle(&x->sender)) drop(x, reset);
}

int kr_exchange_detach(struct kr_exchange *x)
{
  uv_os_fd_t fd;
  int copy = -1;
  let_go(x);
  if (!x->gone && uv_fileno((uv_handle_t *)&x->tcp, &fd) == 0) copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (x->gone) free_if_over(x);
  else drop(x, false);
  return copy;
}
