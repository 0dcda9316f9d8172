/* http: see http.h. libcurl says which sockets it watches (uv_poll) and when it wants to be called
 * (one deadline). A request is paused at the first byte of its body until somebody takes it. */
#include "http.h"

#include <curl/curl.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEAD_LIMIT = 256 * 1024, CONNECT_SECONDS = 30, BUFFER = 128 * 1024 };

struct kr_http {
  struct kr_loop *loop;
  CURLM *multi;
  struct kr_deadline timer;
};

/* One socket of curl's. */
struct watch {
  uv_poll_t poll;
  struct kr_http *http;
  curl_socket_t socket;
};

struct kr_http_request {
  struct kr_http *http;
  CURL *easy;
  curl_mime *mime;
  struct curl_slist *headers;
  struct kr_wait *wait;            /* who waits now, or NULL */
  struct kr_deadline silence;      /* fires when no byte came for stall seconds */
  double stall;
  bool running, finished, taken, paused, step, body_begun;
  int status;                      /* 0 or -KR_<KIND>, once finished */
  CURLcode code;
  int write_errno;
  int fd;
  double received, limit;
  struct kr_buf head, body;
  char error[CURL_ERROR_SIZE];     /* curl's words */
  char why[128];                   /* ours, which go before */
};

#define REQUEST_OF(ptr) ((struct kr_http_request *)(void *)((char *)(ptr) - offsetof(struct kr_http_request, silence)))
#define HTTP_OF(ptr) ((struct kr_http *)(void *)((char *)(ptr) - offsetof(struct kr_http, timer)))

/* ---- endings ---- */

static void tell(struct kr_http_request *request, int status)
{
  struct kr_wait *wait = request->wait;
  request->wait = NULL;
  if (wait) kr_wait_end(wait, status);
}

static void heard(struct kr_http_request *request)
{
  if (isfinite(request->stall))
    kr_loop_arm(request->http->loop, &request->silence, kr_loop_now() + request->stall);
}

static void stop(struct kr_http_request *request)
{
  kr_loop_disarm(request->http->loop, &request->silence);
  if (request->running) curl_multi_remove_handle(request->http->multi, request->easy);
  request->running = false;
}

static void finish(struct kr_http_request *request, int status)
{
  stop(request);
  request->finished = true;
  request->status = status;
  tell(request, status);
}

static void on_silence(struct kr_deadline *silence)
{
  struct kr_http_request *request = REQUEST_OF(silence);
  if (request->paused) return heard(request); /* it is us who are not listening */
  snprintf(request->why, sizeof request->why, "no byte came for %g s", request->stall);
  finish(request, -KR_STALLED);
}

static long hops(const struct kr_http_request *request)
{
  long count = 0;
  curl_easy_getinfo(request->easy, CURLINFO_REDIRECT_COUNT, &count);
  return count;
}

static int kind_of(const struct kr_http_request *request)
{
  switch (request->code) {
  case CURLE_OK: return 0;
  case CURLE_URL_MALFORMAT: return hops(request) ? -KR_NET : -KR_USAGE;
  case CURLE_READ_ERROR: case CURLE_FILE_COULDNT_READ_FILE: return -KR_FILE;
  case CURLE_WRITE_ERROR: /* ours: on_header and on_body say why */
    if (request->write_errno) return -kr_kind_from_errno(request->write_errno);
    return request->status ? request->status : -KR_NET;
  case CURLE_PARTIAL_FILE: return -KR_INCOMPLETE;
  case CURLE_UNSUPPORTED_PROTOCOL: return -KR_NET; /* a redirect to file:, or an answer that is no HTTP */
  default: return request->body_begun ? -KR_INCOMPLETE : -KR_NET;
  }
}

static void check_finished(struct kr_http *http)
{
  CURLMsg *message;
  int left;
  while ((message = curl_multi_info_read(http->multi, &left))) {
    if (message->msg != CURLMSG_DONE) continue;
    struct kr_http_request *request = NULL;
    CURLcode code = message->data.result;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&request);
    request->code = code;
    int status = kind_of(request);
    if (request->write_errno) snprintf(request->why, sizeof request->why, "%s", strerror(request->write_errno));
    finish(request, status);
  }
}

/* ---- curl on the loop ---- */

static void on_timer(struct kr_deadline *timer)
{
  struct kr_http *http = HTTP_OF(timer);
  int running;
  curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
  check_finished(http);
}

static int set_timer(CURLM *multi, long ms, void *arg)
{
  struct kr_http *http = arg;
  (void)multi;
  if (ms < 0) kr_loop_disarm(http->loop, &http->timer);
  else kr_loop_arm(http->loop, &http->timer, kr_loop_now() + (double)ms / 1000);
  return 0;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
  struct watch *watch = poll->data;
  struct kr_http *http = watch->http;
  /* a broken socket is to be read too: what came before the break counts, and curl finds the reason */
  int running, flags = status < 0 ? CURL_CSELECT_IN | CURL_CSELECT_OUT : 0;
  if (events & UV_READABLE) flags |= CURL_CSELECT_IN;
  if (events & UV_WRITABLE) flags |= CURL_CSELECT_OUT;
  curl_multi_socket_action(http->multi, watch->socket, flags, &running); /* may close watch */
  check_finished(http);
}

static void free_watch(uv_handle_t *handle)
{
  free(handle->data);
}

static int watch_socket(CURL *easy, curl_socket_t socket, int what, void *arg, void *socket_arg)
{
  struct kr_http *http = arg;
  struct watch *watch = socket_arg;
  (void)easy;
  if (what == CURL_POLL_REMOVE) {
    if (!watch) return 0;
    uv_poll_stop(&watch->poll);
    uv_close((uv_handle_t *)&watch->poll, free_watch);
    curl_multi_assign(http->multi, socket, NULL);
    return 0;
  }
  if (!watch) {
    watch = kr_alloc(sizeof *watch);
    *watch = (struct watch){.http = http, .socket = socket};
    if (uv_poll_init_socket(kr_loop_uv(http->loop), &watch->poll, socket) < 0) {
      free(watch);
      return -1;
    }
    watch->poll.data = watch;
    curl_multi_assign(http->multi, socket, watch);
  }
  int events = (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
  uv_poll_start(&watch->poll, events, on_poll);
  return 0;
}

static CURLM *multi_of(struct kr_http *http)
{
  if (http->multi) return http->multi;
  curl_global_init(CURL_GLOBAL_DEFAULT); /* costs some megabytes: only who fetches pays */
  http->multi = curl_multi_init();
  curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
  curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
  curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, set_timer);
  curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
  return http->multi;
}

struct kr_http *kr_http_create(struct kr_loop *loop)
{
  struct kr_http *http = kr_alloc(sizeof *http);
  *http = (struct kr_http){.loop = loop, .timer = {.fire = on_timer}};
  return http;
}

void kr_http_destroy(struct kr_http *http)
{
  if (!http) return;
  if (http->multi) {
    curl_multi_cleanup(http->multi);
    curl_global_cleanup();
  }
  kr_loop_disarm(http->loop, &http->timer);
  free(http);
}

/* ---- one request ---- */

/* A head begins anew at each status line: of a redirect, of "100 Continue". */
static size_t on_header(char *line, size_t size, size_t count, void *arg)
{
  struct kr_http_request *request = arg;
  size_t len = size * count;
  if (len > 5 && !strncmp(line, "HTTP/", 5)) request->head.len = 0;
  heard(request);
  if (kr_buf_add(&request->head, line, len)) {
    request->status = -KR_TOO_LARGE;
    snprintf(request->why, sizeof request->why, "the head of the answer is larger than %d bytes", HEAD_LIMIT);
    return 0;
  }
  return len;
}

static int to_file(struct kr_http_request *request, const char *bytes, size_t len)
{
  while (len) {
    ssize_t n = write(request->fd, bytes, len);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      request->write_errno = errno;
      return -1;
    }
    bytes += n;
    len -= (size_t)n;
  }
  return 0;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
  struct kr_http_request *request = arg;
  size_t len = size * count;
  request->body_begun = true;
  if (!request->taken) {
    request->paused = true;
    tell(request, 0);
    return CURL_WRITEFUNC_PAUSE;
  }
  heard(request);
  if (request->received + (double)len > request->limit ||
      (request->fd < 0 && kr_buf_add(&request->body, bytes, len))) {
    request->status = -KR_TOO_LARGE;
    snprintf(request->why, sizeof request->why, "the body is larger than the limit of %.0f bytes", request->limit);
    return 0;
  }
  if (request->fd >= 0 && to_file(request, bytes, len) < 0) return 0;
  request->received += (double)len;
  if (request->step) tell(request, 0);
  return len;
}

static void set_method(struct kr_http_request *request, const struct kr_http_ask *ask)
{
  CURL *easy = request->easy;
  if (request->mime) curl_easy_setopt(easy, CURLOPT_MIMEPOST, request->mime);
  else if (ask->body) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)ask->body_len);
    curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, ask->body);
  } else if (!strcmp(ask->method, "POST")) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)0);
    curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, "");
  }
  if (!strcmp(ask->method, "HEAD")) curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  else if (strcmp(ask->method, request->mime || ask->body ? "POST" : "GET") != 0 && strcmp(ask->method, "POST") != 0)
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, ask->method);
}

static void set_limits(CURL *easy, const struct kr_http_ask *ask)
{
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* else giving up waits for the resolver's thread, and the loop with it */
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)BUFFER);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, ask->redirects > 0 ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_MAXREDIRS, ask->redirects);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  /* as other programs: people behind a company's proxy have a certificate of their own to add */
  const char *authorities = getenv("CURL_CA_BUNDLE");
  if (!authorities || !authorities[0]) authorities = getenv("SSL_CERT_FILE");
  if (authorities && authorities[0]) curl_easy_setopt(easy, CURLOPT_CAINFO, authorities);
}

static void set_parts(struct kr_http_request *request, const struct kr_http_part *parts, size_t count)
{
  if (!count) return;
  request->mime = curl_mime_init(request->easy);
  for (size_t i = 0; i < count; i++) {
    curl_mimepart *part = curl_mime_addpart(request->mime);
    curl_mime_name(part, parts[i].name);
    if (parts[i].file) curl_mime_filedata(part, parts[i].file);
    else curl_mime_data(part, parts[i].bytes, parts[i].len);
    if (parts[i].filename) curl_mime_filename(part, parts[i].filename);
    if (parts[i].type) curl_mime_type(part, parts[i].type);
  }
}

struct kr_http_request *kr_http_request_create(struct kr_http *http, const struct kr_http_ask *ask,
                                               const struct kr_http_part *parts, size_t part_count)
{
  multi_of(http);
  struct kr_http_request *request = kr_alloc(sizeof *request);
  *request = (struct kr_http_request){.http = http, .stall = ask->stall, .fd = -1, .head = KR_BUF_INIT(HEAD_LIMIT)};
  request->silence.fire = on_silence;
  CURL *easy = request->easy = curl_easy_init();
  curl_easy_setopt(easy, CURLOPT_PRIVATE, request);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, request->error);
  curl_easy_setopt(easy, CURLOPT_URL, ask->url);
  set_limits(easy, ask);
  set_parts(request, parts, part_count);
  set_method(request, ask);
  if (ask->compressed) curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  for (const char *const *line = ask->headers; line && *line; line++)
    request->headers = curl_slist_append(request->headers, *line);
  if (request->headers) curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request->headers);
  curl_easy_setopt(easy, CURLOPT_COOKIEFILE, ""); /* cookies set on the way are sent on */
  for (const char *const *line = ask->cookies; line && *line; line++) curl_easy_setopt(easy, CURLOPT_COOKIELIST, *line);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, request);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
  return request;
}

void kr_http_send(struct kr_http_request *request, struct kr_wait *wait)
{
  request->wait = wait;
  request->running = true;
  heard(request);
  curl_multi_add_handle(request->http->multi, request->easy);
}

void kr_http_receive(struct kr_http_request *request, struct kr_wait *wait, int fd, double limit, bool step)
{
  request->wait = wait;
  if (request->finished) return tell(request, request->status);
  if (!request->taken) request->body = KR_BUF_INIT(limit < 1e15 ? (size_t)limit : (size_t)1e15);
  request->taken = true;
  request->fd = fd;
  request->limit = limit;
  request->step = step;
  if (!request->paused) return;
  request->paused = false;
  heard(request);
  curl_easy_pause(request->easy, CURLPAUSE_CONT); /* may call on_body at once */
  check_finished(request->http);
}

void kr_http_forget(struct kr_http_request *request)
{
  request->wait = NULL;
  stop(request);
}

void kr_http_request_close(struct kr_http_request *request)
{
  if (!request) return;
  stop(request);
  tell(request, -KR_CANCELLED); /* another task may wait on it */
  curl_easy_cleanup(request->easy);
  curl_mime_free(request->mime);
  curl_slist_free_all(request->headers);
  kr_buf_free(&request->head);
  kr_buf_free(&request->body);
  free(request);
}

/* ---- what came ---- */

bool kr_http_finished(const struct kr_http_request *request)
{
  return request->finished;
}

long kr_http_status(const struct kr_http_request *request)
{
  long status = 0;
  curl_easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

const char *kr_http_url(const struct kr_http_request *request)
{
  char *url = NULL;
  curl_easy_getinfo(request->easy, CURLINFO_EFFECTIVE_URL, &url);
  return url ? url : "";
}

const struct kr_buf *kr_http_head(const struct kr_http_request *request)
{
  return &request->head;
}

const struct kr_buf *kr_http_body(const struct kr_http_request *request)
{
  return &request->body;
}

double kr_http_received(const struct kr_http_request *request)
{
  return request->received;
}

double kr_http_total(const struct kr_http_request *request)
{
  curl_off_t total = -1;
  curl_easy_getinfo(request->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &total);
  return (double)total;
}

double kr_http_retry_after(const struct kr_http_request *request)
{
  curl_off_t seconds = 0;
  curl_easy_getinfo(request->easy, CURLINFO_RETRY_AFTER, &seconds);
  return (double)seconds;
}

const char *kr_http_fault(const struct kr_http_request *request, const char **net)
{
  static const struct { CURLcode code; const char *net; } names[] = {
    {CURLE_COULDNT_RESOLVE_HOST, "ERR_NAME_NOT_RESOLVED"},
    {CURLE_COULDNT_RESOLVE_PROXY, "ERR_PROXY_CONNECTION_FAILED"},
    {CURLE_COULDNT_CONNECT, "ERR_CONNECTION_REFUSED"},
    {CURLE_OPERATION_TIMEDOUT, "ERR_CONNECTION_TIMED_OUT"},
    {CURLE_GOT_NOTHING, "ERR_EMPTY_RESPONSE"},
    {CURLE_SEND_ERROR, "ERR_CONNECTION_RESET"},
    {CURLE_RECV_ERROR, "ERR_CONNECTION_RESET"},
    {CURLE_PARTIAL_FILE, "ERR_CONTENT_LENGTH_MISMATCH"},
    {CURLE_TOO_MANY_REDIRECTS, "ERR_TOO_MANY_REDIRECTS"},
    {CURLE_UNSUPPORTED_PROTOCOL, "ERR_UNSAFE_REDIRECT"},
    {CURLE_SSL_CONNECT_ERROR, "ERR_SSL_PROTOCOL_ERROR"},
    {CURLE_PEER_FAILED_VERIFICATION, "ERR_CERT_INVALID"},
    {CURLE_SSL_CACERT_BADFILE, "ERR_CERT_INVALID"},
    {CURLE_WEIRD_SERVER_REPLY, "ERR_INVALID_HTTP_RESPONSE"},
    {CURLE_HTTP2_STREAM, "ERR_HTTP2_PROTOCOL_ERROR"},
    {CURLE_HTTP2, "ERR_HTTP2_PROTOCOL_ERROR"},
  };
  *net = NULL;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (request->code == names[i].code) *net = names[i].net;
  if (request->code == CURLE_UNSUPPORTED_PROTOCOL && !hops(request)) *net = "ERR_INVALID_HTTP_RESPONSE";
  if (request->why[0]) return request->why;
  return request->error[0] ? request->error : curl_easy_strerror(request->code);
}
