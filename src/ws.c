/* ws: see ws.h. A kr_ws is freed by on_end alone, which every way out leads to: the end of its wsi, a
 * failed look-up of its name, a failed connect. */
#include "ws.h"

#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "lws.h"

/* The place of LWS_WRITE_CLOSE in enum lws_write_protocol, which the public header leaves open. */
#define WRITE_CLOSE ((enum lws_write_protocol)4)

enum { KEEP_BUFFER = 1 << 20, REASON_SIZE = 124, FLUSH_SECONDS = 30, CLOSE_SECONDS = 2 };

struct message {
  struct message *next;
  size_t len;
  bool binary;
  unsigned char bytes[];                   /* LWS_PRE bytes for lws, then ours */
};

struct kr_ws {
  struct kr_channel channel;               /* first member */
  struct kr_loop *loop;
  struct lws *wsi;
  void (*opened)(void *owner);
  void (*drained)(void *owner);
  struct kr_buf in;
  bool binary, open, closing, said_close;
  struct message *first, **last;
  size_t queued, flying, limit;            /* flying: given to lws, not all of it sent yet */
  int close_code, peer_code;
  char reason[REASON_SIZE], why[256];
  /* while connecting */
  bool looking_up, in_connect, failed;
  struct kr_ready next_try;
  uv_getaddrinfo_t lookup;
  struct addrinfo *addresses, *next_address;
  char *host, *host_header, *path;
};

static struct kr_ws *adopting;             /* the one lws_adopt_… is being called for */

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len);

static const struct lws_protocols protocols[] = {
  {"karun", on_event, 0, 64 << 10, 0, NULL, 0},
  {NULL, NULL, 0, 0, 0, NULL, 0},
};

/* ---- the end ---- */

static void on_end(struct kr_ws *ws)
{
  if (ws->channel.on_closed) ws->channel.on_closed(ws->channel.owner, ws->why[0] ? ws->why : "the connection was closed");
  while (ws->first) {
    struct message *message = ws->first;
    ws->first = message->next;
    free(message);
  }
  if (ws->addresses) uv_freeaddrinfo(ws->addresses);
  kr_buf_free(&ws->in);
  free(ws->host);
  free(ws->host_header);
  free(ws->path);
  free(ws);
}

static void set_why(struct kr_ws *ws, const char *text)
{
  if (!ws->why[0]) snprintf(ws->why, sizeof ws->why, "%s", text);
}

void kr_ws_close(struct kr_ws *ws, int code, const char *reason)
{
  if (ws->closing) return;
  ws->closing = true;
  ws->close_code = code;
  snprintf(ws->reason, sizeof ws->reason, "%s", reason);
  if (ws->looking_up) uv_cancel((uv_req_t *)&ws->lookup); /* its callback comes in any case */
  else if (!ws->wsi) return;               /* before its next try, which will see it */
  else if (!ws->open) lws_set_timeout(ws->wsi, 1, LWS_TO_KILL_ASYNC);
  else {
    lws_set_timeout(ws->wsi, PENDING_TIMEOUT_CLOSE_SEND, FLUSH_SECONDS);
    lws_callback_on_writable(ws->wsi);
  }
}

void kr_ws_forget(struct kr_ws *ws)
{
  ws->channel.on_message = NULL;
  ws->channel.on_closed = NULL;
  ws->opened = ws->drained = NULL;
  kr_ws_pause(ws, false);                  /* else the other side's close would not be seen */
  kr_ws_close(ws, 1001, "");
  if (!ws->next_try.queued) return;
  kr_loop_unready(ws->loop, &ws->next_try);
  on_end(ws);
}

static void close_channel(struct kr_channel *channel)
{
  kr_ws_close((struct kr_ws *)channel, 1000, "");
}

/* ---- messages ---- */

int kr_ws_send(struct kr_ws *ws, const void *bytes, size_t len, bool binary)
{
  if (ws->closing) return -KR_BROWSER_GONE;
  if (len > ws->limit || kr_ws_queued(ws) > ws->limit - len) return -KR_TOO_LARGE;
  struct message *message = kr_alloc(sizeof *message + LWS_PRE + len);
  message->len = len;
  message->binary = binary;
  memcpy(message->bytes + LWS_PRE, bytes, len);
  *ws->last = message;
  ws->last = &message->next;
  ws->queued += len;
  if (ws->open) lws_callback_on_writable(ws->wsi);
  return 0;
}

static int send_text(struct kr_channel *channel, const char *text, size_t len)
{
  return kr_ws_send((struct kr_ws *)channel, text, len, false);
}

size_t kr_ws_queued(const struct kr_ws *ws)
{
  return ws->queued + ws->flying;
}

/* Written by hand: with lws 4.1.6 on libuv, lws_close_reason and -1 close the socket without a close frame. */
static int say_close(struct kr_ws *ws)
{
  unsigned char frame[LWS_PRE + 2 + REASON_SIZE], *at = frame + LWS_PRE;
  size_t len = strlen(ws->reason);
  if (ws->said_close) return 0;
  ws->said_close = true;
  at[0] = (unsigned char)(ws->close_code >> 8);
  at[1] = (unsigned char)ws->close_code;
  memcpy(at + 2, ws->reason, len);
  lws_set_timeout(ws->wsi, PENDING_TIMEOUT_CLOSE_ACK, CLOSE_SECONDS);
  return lws_write(ws->wsi, at, 2 + len, WRITE_CLOSE) < 0 ? -1 : 0;
}

static int on_writable(struct kr_ws *ws)
{
  if (lws_partial_buffered(ws->wsi)) return 0; /* lws calls again */
  ws->flying = 0;
  struct message *message = ws->first;
  if (!message) {
    if (ws->closing) return say_close(ws);
    if (ws->drained) ws->drained(ws->channel.owner);
    return 0;
  }
  ws->first = message->next;
  if (!ws->first) ws->last = &ws->first;
  ws->queued -= message->len;
  ws->flying = message->len;
  /* one frame whatever its size: not every DevTools server puts fragments together again */
  int sent = lws_write(ws->wsi, message->bytes + LWS_PRE, message->len, message->binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT);
  free(message);
  if (sent < 0) return -1;
  lws_callback_on_writable(ws->wsi);
  return 0;
}

static int on_receive(struct kr_ws *ws, const char *bytes, size_t len)
{
  if (ws->closing) return 0;
  if (lws_is_first_fragment(ws->wsi)) ws->in.len = 0;
  if (kr_buf_reserve(&ws->in, len)) {
    snprintf(ws->why, sizeof ws->why, "a message was larger than %zu bytes", ws->limit);
    kr_ws_close(ws, 1009, "message too big");
    return 0;
  }
  kr_buf_add(&ws->in, bytes, len);
  lws_validity_confirmed(ws->wsi);         /* a long message leaves no room for the answer to a ping */
  if (!lws_is_final_fragment(ws->wsi)) return 0;
  ws->binary = lws_frame_is_binary(ws->wsi);
  if (ws->channel.on_message) ws->channel.on_message(ws->channel.owner, ws->in.data, ws->in.len);
  if (ws->in.cap > KEEP_BUFFER) kr_buf_free(&ws->in);
  ws->in.len = 0;
  return 0;
}

void kr_ws_pause(struct kr_ws *ws, bool pause)
{
  if (ws->open) lws_rx_flow_control(ws->wsi, !pause);
}

bool kr_ws_binary(const struct kr_ws *ws)
{
  return ws->binary;
}

int kr_ws_close_code(const struct kr_ws *ws)
{
  return ws->peer_code;
}

/* -1 ends it at once: what the other side has said answers ours. */
static int on_peer_close(struct kr_ws *ws, const unsigned char *in, size_t len)
{
  char text[200];
  ws->peer_code = len >= 2 ? in[0] << 8 | in[1] : 1005;
  int reason_len = len > 2 ? (int)len - 2 : 0;
  snprintf(text, sizeof text, "the other side closed it (%d%s%.*s)", ws->peer_code, reason_len ? " " : "", reason_len,
           reason_len ? (const char *)in + 2 : "");
  set_why(ws, ws->said_close ? "it was closed" : text);
  return ws->said_close ? -1 : 0;
}

static void on_open(struct kr_ws *ws, struct lws *wsi)
{
  ws->wsi = wsi;
  ws->open = true;
  if (ws->first || ws->closing) lws_callback_on_writable(wsi);
  if (ws->opened && !ws->closing) ws->opened(ws->channel.owner);
}

/* Not from inside lws: the next address is tried from the ready queue. */
static void on_connect_failed(struct kr_ws *ws, const char *text)
{
  ws->wsi = NULL;
  ws->failed = true;
  snprintf(ws->why, sizeof ws->why, "%s", text ? text : "cannot connect");
  if (ws->in_connect) return;
  if (ws->closing) on_end(ws);
  else kr_loop_ready(ws->loop, &ws->next_try);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
  struct kr_ws *ws = lws_get_opaque_user_data(wsi);
  if (!ws && reason == LWS_CALLBACK_ESTABLISHED) {
    lws_set_opaque_user_data(wsi, adopting);
    ws = adopting;
  }
  if (!ws) return lws_callback_http_dummy(wsi, reason, user, in, len);
  switch (reason) {
  case LWS_CALLBACK_ESTABLISHED: case LWS_CALLBACK_CLIENT_ESTABLISHED: on_open(ws, wsi); return 0;
  case LWS_CALLBACK_RECEIVE: case LWS_CALLBACK_CLIENT_RECEIVE: return on_receive(ws, in, len);
  case LWS_CALLBACK_SERVER_WRITEABLE: case LWS_CALLBACK_CLIENT_WRITEABLE: return on_writable(ws);
  case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE: return on_peer_close(ws, in, len);
  case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
    lws_set_opaque_user_data(wsi, NULL);
    on_connect_failed(ws, in);
    return 0;
  case LWS_CALLBACK_CLOSED: case LWS_CALLBACK_CLIENT_CLOSED:
    lws_set_opaque_user_data(wsi, NULL);
    on_end(ws);
    return 0;
  default: return lws_callback_http_dummy(wsi, reason, user, in, len);
  }
}

/* ---- the beginning ---- */

static struct kr_ws *create(struct kr_loop *loop, size_t limit)
{
  struct kr_ws *ws = kr_alloc(sizeof *ws);
  ws->channel.send = send_text;
  ws->channel.close = close_channel;
  ws->loop = loop;
  ws->limit = limit;
  ws->in.limit = limit;
  ws->last = &ws->first;
  ws->peer_code = 1006;
  return ws;
}

static int port_of(const struct sockaddr *address)
{
  return ntohs(address->sa_family == AF_INET6 ? ((const struct sockaddr_in6 *)(const void *)address)->sin6_port
                                              : ((const struct sockaddr_in *)(const void *)address)->sin_port);
}

static bool connect_to(struct kr_ws *ws, const struct sockaddr *address)
{
  char text[INET6_ADDRSTRLEN] = "";
  struct lws_vhost *vhost = kr_lws_vhost(ws->loop, protocols);
  uv_ip_name(address, text, sizeof text);
  struct lws_client_connect_info info = {
    .context = kr_lws_context(), .vhost = vhost,
    .address = text, .port = port_of(address), .path = ws->path, .host = ws->host_header,
    .local_protocol_name = protocols[0].name, .opaque_user_data = ws, .pwsi = &ws->wsi,
    .ietf_version_or_minus_one = -1,
  };
  ws->in_connect = true;
  ws->failed = false;
  if (!vhost || !lws_client_connect_via_info(&info)) ws->failed = true;
  ws->in_connect = false;
  if (ws->failed) ws->wsi = NULL;
  return !ws->failed;
}

static void try_addresses(struct kr_ws *ws)
{
  while (ws->next_address && !ws->closing) {
    const struct sockaddr *address = ws->next_address->ai_addr;
    ws->next_address = ws->next_address->ai_next;
    if (connect_to(ws, address)) return;
  }
  set_why(ws, "cannot connect");
  on_end(ws);
}

static void on_next_try(struct kr_ready *ready)
{
  try_addresses((struct kr_ws *)(void *)((char *)ready - offsetof(struct kr_ws, next_try)));
}

static void on_lookup(uv_getaddrinfo_t *req, int status, struct addrinfo *found)
{
  struct kr_ws *ws = req->data;
  ws->looking_up = false;
  ws->addresses = ws->next_address = found;
  if (status) snprintf(ws->why, sizeof ws->why, "%s: %s", ws->host, uv_strerror(status));
  try_addresses(ws);
}

/* "ws://host:port/path" into its parts; the port's text, or NULL with why. */
static const char *split_url(struct kr_ws *ws, const char *url, const char **why)
{
  if (strncmp(url, "ws://", 5) != 0) {
    *why = strncmp(url, "wss://", 6) == 0 ? "wss:// is not supported, only ws://" : "the address must begin with ws://";
    return NULL;
  }
  const char *host = url + 5;
  size_t len = strcspn(host, "/?#");
  ws->path = kr_strndup(host + len, strcspn(host + len, "#"));
  if (ws->path[0] != '/') {
    char *path = kr_alloc(strlen(ws->path) + 2);
    sprintf(path, "/%s", ws->path);
    free(ws->path);
    ws->path = path;
  }
  ws->host_header = kr_strndup(host, len);
  ws->host = kr_strdup(ws->host_header + (*host == '['));
  *why = "the address has no host that can be used";
  if (!len || len > 255 || strpbrk(ws->host_header, "@ \t\r\n") || strpbrk(ws->path, " \t\r\n")) return NULL;
  char *host_end = *host == '[' ? strchr(ws->host, ']') : strchr(ws->host, ':');
  if (!host_end) return *host == '[' ? NULL : "80";
  const char *port = *host_end == ']' ? host_end + 1 : host_end;
  *host_end = '\0';
  if (*host == '[' && *port != ':') return *port ? NULL : "80";
  return port[1] ? port + 1 : NULL;
}

struct kr_ws *kr_ws_connect(struct kr_loop *loop, const char *url, size_t limit, const char **why)
{
  struct kr_ws *ws = create(loop, limit);
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP};
  const char *port = split_url(ws, url, why);
  ws->lookup.data = ws;
  ws->next_try.run = on_next_try;
  if (port && uv_getaddrinfo(kr_loop_uv(loop), &ws->lookup, on_lookup, ws->host, port, &hints) == 0) {
    ws->looking_up = true;
    return ws;
  }
  on_end(ws);
  return NULL;
}

struct kr_ws *kr_ws_adopt(struct kr_loop *loop, int fd, const char *key, size_t limit)
{
  char head[512];
  struct lws_vhost *vhost = kr_lws_vhost(loop, protocols);
  int len = snprintf(head, sizeof head, "GET / HTTP/1.1\r\nHost: karun\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n", key);
  if (!vhost || len >= (int)sizeof head) {
    close(fd);
    return NULL;
  }
  struct kr_ws *ws = adopting = create(loop, limit);
  struct lws *wsi = lws_adopt_socket_vhost_readbuf(vhost, fd, head, (size_t)len);
  adopting = NULL;
  if (wsi && ws->open) return ws;
  if (wsi) lws_set_timeout(wsi, 1, LWS_TO_KILL_ASYNC);
  on_end(ws);
  return NULL;
}

struct kr_channel *kr_ws_channel(struct kr_ws *ws)
{
  return &ws->channel;
}

void kr_ws_on(struct kr_ws *ws, void (*opened)(void *owner), void (*drained)(void *owner))
{
  ws->opened = opened;
  ws->drained = drained;
}
