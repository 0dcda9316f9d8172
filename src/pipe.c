/* pipe: see pipe.h. What the browser does not read stays queued up to a ceiling, then sends fail.
 * Chromium writes a message and the NUL behind it in two writes (seen with strace, 156): a short message
 * whose braces are closed is handed out before its NUL has come. */
#include "pipe.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base.h"

enum { READ_SIZE = 64 * 1024, HEAD = 256, SHORT = 4096 }; /* bytes; SHORT: of a message looked at for its end */
#define QUEUE_LIMIT ((size_t)300 << 20) /* bytes not yet taken by the browser */

struct pipe {
  struct kr_channel channel;
  uv_pipe_t to, from;
  struct kr_buf in;
  size_t scanned;             /* no NUL in in.data[0..scanned) */
  size_t skipping;            /* > 0: inside a message over the ceiling */
  bool early;                 /* the last message was handed out before its NUL */
  char head[HEAD];
  int open_handles;
  bool closing;
  const char *why;
};

struct pending_write {
  uv_write_t request;
  char bytes[];
};

static void on_handle_closed(uv_handle_t *handle)
{
  struct pipe *pipe = handle->data;
  if (--pipe->open_handles) return;
  if (pipe->channel.on_closed) pipe->channel.on_closed(pipe->channel.owner, pipe->why);
  kr_buf_free(&pipe->in);
  free(pipe);
}

static void close_pipe(struct pipe *pipe, const char *why)
{
  if (pipe->closing) return;
  pipe->closing = true;
  pipe->why = why;
  uv_close((uv_handle_t *)&pipe->to, on_handle_closed);
  uv_close((uv_handle_t *)&pipe->from, on_handle_closed);
}

static void deliver(struct pipe *pipe, char *text, size_t len)
{
  if (!pipe->closing && pipe->channel.on_message) pipe->channel.on_message(pipe->channel.owner, text, len);
}

/* Is this a JSON object from its first brace to its last? Then nothing but the NUL can follow. */
static bool is_whole(const char *text, size_t len)
{
  int depth = 0;
  bool quoted = false;
  if (len < 2 || len > SHORT || text[0] != '{' || text[len - 1] != '}') return false;
  for (size_t i = 0; i < len; i++) {
    if (quoted && text[i] == '\\') i++;
    else if (text[i] == '"') quoted = !quoted;
    else if (!quoted && text[i] == '{') depth++;
    else if (!quoted && text[i] == '}' && --depth == 0) return i == len - 1;
  }
  return false;
}

/* Hands out every whole message of the buffer, keeps the rest at its start. */
static void split_messages(struct pipe *pipe)
{
  char *start = pipe->in.data, *end = start + pipe->in.len, *nul;
  if (pipe->early && start < end && !*start) start++;
  pipe->early = false;
  while ((nul = memchr(start + pipe->scanned, 0, (size_t)(end - start) - pipe->scanned)) != NULL) {
    if (pipe->skipping) { deliver(pipe, pipe->head, KR_CHANNEL_OVERSIZE); pipe->skipping = 0; }
    else deliver(pipe, start, (size_t)(nul - start));
    start = nul + 1;
    pipe->scanned = 0;
  }
  if (!pipe->skipping && is_whole(start, (size_t)(end - start))) {
    *end = '\0'; /* on_alloc keeps a byte for it */
    pipe->early = true;
    deliver(pipe, start, (size_t)(end - start));
    start = end;
  }
  pipe->in.len = (size_t)(end - start);
  memmove(pipe->in.data, start, pipe->in.len);
  pipe->scanned = pipe->in.len;
  if (pipe->in.len + READ_SIZE > KR_CHANNEL_LIMIT) { /* over the ceiling: keep its head, drop the body */
    if (!pipe->skipping) memcpy(pipe->head, pipe->in.data, HEAD - 1);
    pipe->skipping = 1;
    pipe->in.len = pipe->scanned = 0;
  }
  if (!pipe->in.len && pipe->in.cap > 4 * 1024 * 1024) kr_buf_free(&pipe->in); /* one big answer is not kept for ever */
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
  (void)suggested;
  struct pipe *pipe = handle->data;
  if (kr_buf_reserve(&pipe->in, READ_SIZE)) { *out = uv_buf_init(NULL, 0); return; }
  *out = uv_buf_init(pipe->in.data + pipe->in.len, (unsigned)(pipe->in.cap - pipe->in.len - 1));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
  (void)buf;
  struct pipe *pipe = stream->data;
  if (n < 0) {
    close_pipe(pipe, n == UV_EOF ? "the browser closed its pipe" : uv_strerror((int)n));
    return;
  }
  pipe->in.len += (size_t)n;
  split_messages(pipe);
}

static void on_written(uv_write_t *request, int status)
{
  struct pipe *pipe = request->handle->data;
  free(request->data);
  if (status < 0 && status != UV_ECANCELED) close_pipe(pipe, "the browser stopped reading");
}

static int pipe_send(struct kr_channel *channel, const char *text, size_t len)
{
  struct pipe *pipe = (struct pipe *)channel;
  if (pipe->closing) return -KR_BROWSER_GONE;
  uv_stream_t *to = (uv_stream_t *)&pipe->to;
  if (uv_stream_get_write_queue_size(to) + len > QUEUE_LIMIT) return -KR_TOO_LARGE;
  uv_buf_t whole = uv_buf_init((char *)(uintptr_t)text, (unsigned)(len + 1)); /* its NUL ends the message */
  int sent = uv_try_write(to, &whole, 1);
  if (sent < 0 && sent != UV_EAGAIN) return -KR_BROWSER_GONE;
  size_t done = sent < 0 ? 0 : (size_t)sent;
  if (done == len + 1) return 0;
  struct pending_write *rest = kr_alloc(sizeof *rest + len + 1 - done);
  rest->request.data = rest;
  memcpy(rest->bytes, text + done, len + 1 - done);
  uv_buf_t left = uv_buf_init(rest->bytes, (unsigned)(len + 1 - done));
  if (uv_write(&rest->request, to, &left, 1, on_written) == 0) return 0;
  free(rest);
  return -KR_BROWSER_GONE;
}

static void pipe_close(struct kr_channel *channel)
{
  close_pipe((struct pipe *)channel, "closed");
}

struct kr_channel *kr_pipe_open(struct kr_loop *loop, int to, int from)
{
  struct pipe *pipe = kr_alloc(sizeof *pipe);
  pipe->in = KR_BUF_INIT(KR_CHANNEL_LIMIT + 2 * READ_SIZE);
  pipe->channel = (struct kr_channel){.send = pipe_send, .close = pipe_close};
  uv_pipe_init(kr_loop_uv(loop), &pipe->to, 0);
  uv_pipe_init(kr_loop_uv(loop), &pipe->from, 0);
  pipe->to.data = pipe->from.data = pipe;
  pipe->open_handles = 2;
  bool to_ok = uv_pipe_open(&pipe->to, to) == 0;
  if (!to_ok) close(to);
  bool from_ok = uv_pipe_open(&pipe->from, from) == 0;
  if (!from_ok) close(from);
  if (!to_ok || !from_ok || uv_read_start((uv_stream_t *)&pipe->from, on_alloc, on_read)) {
    close_pipe(pipe, "not a pipe");
    return NULL;
  }
  return &pipe->channel;
}
