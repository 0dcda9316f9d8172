/* http: what a broken server can do to a request, and what its owner can do in the middle of it. */
#include <arpa/inet.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "http.h"

/* A server of one connection, on a thread: it reads a head, writes its answer, then what repeat says. */
struct server {
  uv_thread_t thread;
  int fd;
  char url[64];
  const char *answer, *repeat;     /* repeat: written until the other side has gone */
  bool hold;                       /* says nothing more, waits until the other side has gone */
};

static void serve(void *arg)
{
  struct server *server = arg;
  char bytes[4096];
  size_t len = 0;
  int fd = accept(server->fd, NULL, NULL);
  while (len < sizeof bytes - 1) {
    ssize_t n = read(fd, bytes + len, sizeof bytes - 1 - len);
    if (n <= 0) break;
    len += (size_t)n;
    bytes[len] = '\0';
    if (strstr(bytes, "\r\n\r\n")) break;
  }
  send(fd, server->answer, strlen(server->answer), MSG_NOSIGNAL);
  while (server->repeat && send(fd, server->repeat, strlen(server->repeat), MSG_NOSIGNAL) > 0) continue;
  if (server->hold) len = (size_t)read(fd, bytes, 1);
  close(fd);
}

static void open_server(struct server *server)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof address;
  server->fd = socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(bind(server->fd, (struct sockaddr *)&address, len), 0);
  assert_int_equal(listen(server->fd, 1), 0);
  getsockname(server->fd, (struct sockaddr *)&address, &len);
  snprintf(server->url, sizeof server->url, "http://127.0.0.1:%d/", ntohs(address.sin_port));
  assert_int_equal(uv_thread_create(&server->thread, serve, server), 0);
}

struct owner {
  struct kr_wait wait;
  struct kr_http_request *request;
  bool done;
};

static void on_forget(struct kr_wait *wait)
{
  kr_http_forget(((struct owner *)(void *)wait)->request);
}

static void on_ended(struct kr_wait *wait)
{
  ((struct owner *)(void *)wait)->done = true;
}

static void begin(struct owner *owner, struct kr_loop *loop)
{
  kr_wait_init(&owner->wait, loop, on_forget);
  owner->wait.ended = on_ended;
  owner->done = false;
}

static int await(struct owner *owner, struct kr_loop *loop, double timeout)
{
  kr_wait_start(&owner->wait, timeout);
  assert_int_equal(kr_loop_run(loop, &owner->done), 0);
  return owner->wait.status;
}

struct outcome {
  int head, body;
  long status;
  size_t len;
};

static struct outcome ask(struct server *server, double stall, double limit, double head_timeout, double timeout)
{
  struct outcome out = {0};
  struct kr_loop *loop = kr_loop_create();
  struct kr_http *http = kr_http_create(loop);
  struct kr_http_ask ask = {.url = server->url, .method = "GET", .redirects = 5, .stall = stall};
  struct owner owner = {.request = NULL};
  open_server(server);
  owner.request = kr_http_request_create(http, &ask, NULL, 0);
  begin(&owner, loop);
  kr_http_send(owner.request, &owner.wait);
  out.head = await(&owner, loop, head_timeout);
  out.status = kr_http_status(owner.request);
  if (!out.head) {
    begin(&owner, loop);
    kr_http_receive(owner.request, &owner.wait, -1, limit, false);
    out.body = await(&owner, loop, timeout);
    out.len = kr_http_body(owner.request)->len;
  }
  kr_http_request_close(owner.request);
  kr_http_destroy(http);
  kr_loop_destroy(loop);
  shutdown(server->fd, SHUT_RDWR); /* wakes an accept that nobody came to */
  close(server->fd);
  uv_thread_join(&server->thread);
  return out;
}

#define OK_HEAD "HTTP/1.1 200 OK\r\n"

static void broken_answers(void **state)
{
  (void)state;
  static const struct {
    const char *answer, *repeat;
    int head, body;
  } cases[] = {
    {OK_HEAD "Content-Length: 3\r\n\r\nabc", NULL, 0, 0},
    {OK_HEAD "\r\nabc", NULL, 0, 0},                                     /* the end of the connection ends it */
    {"HTTP/1.1 204 No Content\r\n\r\n", NULL, 0, 0},
    {"", NULL, -KR_NET, 0},
    {"garbage\n", NULL, -KR_NET, 0},
    {"HTTP/1.1 99999 What\r\n\r\n", NULL, -KR_NET, 0},
    {OK_HEAD "Content-Length: 10\r\n\r\nabc", NULL, 0, -KR_INCOMPLETE},
    {OK_HEAD "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", NULL, 0, -KR_INCOMPLETE},
    {OK_HEAD "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n", NULL, 0, -KR_INCOMPLETE},
    {OK_HEAD, "X-More: and more and more and more\r\n", -KR_TOO_LARGE, 0},
    {OK_HEAD "\r\n", "abcdefghijklmnopqrstuvwxyz", 0, -KR_TOO_LARGE},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct server server = {.answer = cases[i].answer, .repeat = cases[i].repeat};
    struct outcome out = ask(&server, INFINITY, 100000, 20, 20);
    if (out.head != cases[i].head || out.body != cases[i].body)
      fail_msg("case %zu: head %s, body %s", i, kr_kind_name(out.head), kr_kind_name(out.body));
  }
}

static void silence_is_stalled_and_lateness_timeout(void **state)
{
  (void)state;
  struct server mute = {.answer = "", .hold = true}, half = {.answer = OK_HEAD "\r\nabc", .hold = true};
  assert_int_equal(ask(&mute, INFINITY, 100, 0.05, 20).head, -KR_TIMEOUT);
  assert_int_equal(ask(&mute, 0.05, 100, 60, 60).head, -KR_STALLED);
  assert_int_equal(ask(&half, INFINITY, 100, 60, 0.05).body, -KR_TIMEOUT);
  assert_int_equal(ask(&half, 2, 100, 60, 60).body, -KR_STALLED);
  assert_int_equal(ask(&half, INFINITY, 100, 0, 20).head, -KR_TIMEOUT);
}

/* Closed while it is paused at its body, or while somebody waits: the wait ends, nothing is left. */
static void a_request_closed_in_the_middle(void **state)
{
  (void)state;
  for (int waiting = 0; waiting < 2; waiting++) {
    struct kr_loop *loop = kr_loop_create();
    struct kr_http *http = kr_http_create(loop);
    struct server server = {.answer = OK_HEAD "\r\nabc", .hold = true};
    open_server(&server);
    struct kr_http_ask ask = {.url = server.url, .method = "GET", .stall = INFINITY};
    struct owner owner = {.request = kr_http_request_create(http, &ask, NULL, 0)};
    begin(&owner, loop);
    kr_http_send(owner.request, &owner.wait);
    assert_int_equal(await(&owner, loop, 20), 0);
    if (waiting) {
      begin(&owner, loop);
      kr_http_receive(owner.request, &owner.wait, -1, 100, false);
      kr_wait_start(&owner.wait, 20);
    }
    kr_http_request_close(owner.request);
    if (waiting) {
      assert_int_equal(kr_loop_run(loop, &owner.done), 0);
      assert_int_equal(owner.wait.status, -KR_CANCELLED);
    }
    kr_http_destroy(http);
    kr_loop_destroy(loop);
    close(server.fd);
    uv_thread_join(&server.thread);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(broken_answers),
    cmocka_unit_test(silence_is_stalled_and_lateness_timeout),
    cmocka_unit_test(a_request_closed_in_the_middle),
  };
  return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
