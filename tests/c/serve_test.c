/* The HTTP server through real sockets on loopback: one loop, a server, clients of our own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "serve.h"

enum { CLIENTS = 200, FILE_SIZE = 20 << 20 };

static struct kr_loop *loop;
static struct kr_server *server;
static struct kr_ready answering;
static void (*answer)(struct kr_exchange *x);
static struct kr_exchange *held;           /* the exchange a test answers by itself */
static int drained_status;
static bool was_drained;

/* ---- a client ---- */

struct client {
  uv_tcp_t tcp;
  uv_connect_t connect;
  struct kr_buf got;
  size_t wanted;                           /* done when so much has come; 0: at the end only */
  int ended;                               /* UV_EOF, UV_ECONNRESET, … */
  bool done, is_paused;
  const char *request;
};

static size_t closed;

static void on_space(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
  (void)handle;
  static char space[64 << 10];
  *buf = uv_buf_init(space, (unsigned)(hint < sizeof space ? hint : sizeof space));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
  struct client *client = stream->data;
  if (n < 0) client->ended = (int)n;
  else assert_int_equal(kr_buf_add(&client->got, buf->base, (size_t)n), 0);
  client->done = n < 0 || (client->wanted && client->got.len >= client->wanted);
}

static void send_text(struct client *client, const char *text)
{
  uv_buf_t buf = uv_buf_init((char *)(uintptr_t)text, (unsigned)strlen(text));
  assert_int_equal(uv_try_write((uv_stream_t *)&client->tcp, &buf, 1), (int)strlen(text));
}

static void on_connected(uv_connect_t *req, int status)
{
  struct client *client = req->data;
  assert_int_equal(status, 0);
  send_text(client, client->request);
  if (!client->is_paused) uv_read_start((uv_stream_t *)&client->tcp, on_space, on_read);
}

static void start(struct client *client, const char *request)
{
  struct sockaddr_in address;
  uv_ip4_addr("127.0.0.1", kr_serve_port(server), &address);
  client->got = KR_BUF_INIT(64 << 20);
  client->request = request;
  uv_tcp_init(kr_loop_uv(loop), &client->tcp);
  client->tcp.data = client->connect.data = client;
  uv_tcp_connect(&client->connect, &client->tcp, (struct sockaddr *)&address, on_connected);
}

static void on_client_closed(uv_handle_t *handle)
{
  (void)handle;
  closed++;
}

static void finish(struct client *client)
{
  size_t before = closed;
  uv_close((uv_handle_t *)&client->tcp, on_client_closed);
  while (closed == before) uv_run(kr_loop_uv(loop), UV_RUN_ONCE);
  kr_buf_free(&client->got);
}

/* libuv calls a reset that comes together with data the end of the stream; the socket knows better. */
static int how_ended(struct client *client)
{
  char byte;
  uv_os_fd_t fd;
  uv_fileno((uv_handle_t *)&client->tcp, &fd);
  return recv(fd, &byte, 1, MSG_DONTWAIT) < 0 && errno == ECONNRESET ? UV_ECONNRESET : client->ended;
}

/* What the server says to a request until it ends the connection. */
static char *ask(const char *request, int *ended)
{
  struct client client = {0};
  start(&client, request);
  assert_int_equal(kr_loop_run(loop, &client.done), 0);
  char *said = strdup(client.got.data ? client.got.data : "");
  if (ended) *ended = how_ended(&client);
  finish(&client);
  return said;
}

/* ---- the server's side ---- */

static void on_request(void *owner)
{
  (void)owner;
  kr_loop_ready(loop, &answering);
}

static void answer_all(struct kr_ready *ready)
{
  (void)ready;
  for (struct kr_exchange *x; (x = kr_serve_next(server));) answer(x);
}

static void say(struct kr_exchange *x, const char *text)
{
  assert_int_equal(kr_exchange_send(x, text, strlen(text)), 0);
}

/* Names the target and repeats the body. */
static void echo(struct kr_exchange *x)
{
  char head[200];
  const struct kr_buf *body = kr_exchange_body(x);
  const char *target = kr_exchange_head(x)->target;
  snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\ncontent-length: %zu\r\n\r\n%s", strlen(target) + body->len, target);
  say(x, head);
  kr_exchange_send(x, body->data, body->len);
  kr_exchange_end(x, true);
}

static void hold(struct kr_exchange *x)
{
  held = x;
}

static void wait_held(void)
{
  while (!held) {
    uv_run(kr_loop_uv(loop), UV_RUN_ONCE);
    if (!answering.queued) continue;
    kr_loop_unready(loop, &answering);
    answer_all(&answering);
  }
}

static void on_drained(void *owner, int status)
{
  (void)owner;
  drained_status = status;
  was_drained = true;
}

static int set_up(void **state)
{
  (void)state;
  const char *why = NULL;
  struct kr_serve_options options = {
    .host = "127.0.0.1", .head_limit = 1000, .body_limit = 1000, .idle = 60, .on_request = on_request,
  };
  loop = kr_loop_create();
  answering = (struct kr_ready){.run = answer_all};
  answer = echo;
  held = NULL;
  was_drained = false;
  return kr_serve_open(&server, loop, &options, &why);
}

static int tear_down(void **state)
{
  (void)state;
  kr_serve_close(server);
  kr_loop_destroy(loop);
  return 0;
}

/* ---- tests ---- */

static void several_requests_on_one_connection(void **state)
{
  (void)state;
  char *said = ask("GET /one HTTP/1.1\r\nHost: x\r\n\r\nPOST /two HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
                   "GET /three HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", NULL);
  const char *one = strstr(said, "/one"), *two = strstr(said, "/twoabc"), *three = strstr(said, "/three");
  assert_true(one && two && three && one < two && two < three);
  free(said);
}

static void refusals_can_be_read(void **state)
{
  (void)state;
  char long_head[3000];
  snprintf(long_head, sizeof long_head, "GET / HTTP/1.1\r\nHost: x\r\nA: %02000d\r\n\r\n", 1);
  const struct { const char *request, *status; } cases[] = {
    {long_head, "HTTP/1.1 431 "}, {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\nabc", "HTTP/1.1 413 "},
    {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "}, {"nonsense\r\n\r\n", "HTTP/1.1 400 "},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int ended = 0;
    char *said = ask(cases[i].request, &ended);
    assert_ptr_equal(strstr(said, cases[i].status), said);
    assert_non_null(strstr(said, "connection: close"));
    assert_int_equal(ended, UV_EOF);
    free(said);
  }
}

static void expect_is_answered_before_the_body(void **state)
{
  (void)state;
  struct client client = {.wanted = 25};
  start(&client, "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
  kr_loop_run(loop, &client.done);
  assert_string_equal(client.got.data, "HTTP/1.1 100 Continue\r\n\r\n");
  client.wanted = 0;
  client.done = false;
  send_text(&client, "abc");
  kr_loop_run(loop, &client.done);
  assert_non_null(strstr(client.got.data, "/xabc"));
  finish(&client);
}

static void cut(struct kr_exchange *x)
{
  say(x, "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nsome");
  kr_exchange_abort(x, false);
}

static void reset(struct kr_exchange *x)
{
  say(x, "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nsome");
  kr_exchange_abort(x, true);
}

static void broken_off_on_purpose(void **state)
{
  (void)state;
  int ended = 0;
  answer = cut;
  char *said = ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n", &ended);
  assert_non_null(strstr(said, "some"));
  assert_int_equal(ended, UV_EOF);
  free(said);
  answer = reset;
  said = ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n", &ended);
  assert_int_equal(ended, UV_ECONNRESET);
  free(said);
}

static char *make_file(void)
{
  char *path = strdup("/tmp/karun-serve-XXXXXX");
  int fd = mkstemp(path);
  char *bytes = malloc(FILE_SIZE);
  for (size_t i = 0; i < FILE_SIZE; i++) bytes[i] = (char)(i * 2654435761u >> 13);
  assert_int_equal(write(fd, bytes, FILE_SIZE), FILE_SIZE);
  free(bytes);
  close(fd);
  return path;
}

static void a_big_file_piece_by_piece(void **state)
{
  (void)state;
  char *path = make_file();
  struct client client = {.is_paused = true, .wanted = FILE_SIZE - 5};
  answer = hold;
  start(&client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  wait_held();
  kr_exchange_send_file(held, open(path, O_RDONLY), 5, FILE_SIZE - 5);
  kr_exchange_on_drained(held, on_drained, NULL);
  for (int turn = 0; turn < 100; turn++) uv_run(kr_loop_uv(loop), UV_RUN_NOWAIT);
  assert_false(was_drained);               /* nobody reads: it waits, and holds one piece */
  assert_true(kr_exchange_queued(held) <= 256 << 10);
  uv_read_start((uv_stream_t *)&client.tcp, on_space, on_read);
  kr_loop_run(loop, &client.done);
  while (!was_drained) uv_run(kr_loop_uv(loop), UV_RUN_ONCE);
  assert_int_equal(drained_status, 0);
  for (size_t i = 0; i < client.got.len; i++) assert_int_equal(client.got.data[i], (char)((i + 5) * 2654435761u >> 13));
  kr_exchange_end(held, true);
  finish(&client);
  unlink(path);
  free(path);
}

static void a_client_that_goes_away(void **state)
{
  (void)state;
  struct client client = {.is_paused = true};
  static char much[1 << 20];
  answer = hold;
  start(&client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  wait_held();
  while (kr_exchange_queued(held) == 0) assert_int_equal(kr_exchange_send(held, much, sizeof much), 0);
  kr_exchange_on_drained(held, on_drained, NULL);
  finish(&client);
  while (!was_drained) uv_run(kr_loop_uv(loop), UV_RUN_ONCE);
  assert_int_equal(drained_status, -KR_NET);
  assert_true(kr_exchange_gone(held));
  assert_int_equal(kr_exchange_send(held, "x", 1), -KR_NET);
  kr_exchange_end(held, true);
}

static void closing_under_an_answer(void **state)
{
  (void)state;
  struct client client = {0};
  answer = hold;
  start(&client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  wait_held();
  kr_serve_close(server);
  server = NULL;
  kr_loop_run(loop, &client.done);
  assert_int_equal(client.ended, UV_EOF);
  assert_true(kr_exchange_gone(held));
  kr_exchange_end(held, true);
  finish(&client);
}

static void many_at_once(void **state)
{
  (void)state;
  struct client *clients = calloc(CLIENTS, sizeof *clients);
  for (int i = 0; i < CLIENTS; i++) start(&clients[i], "GET /many HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  for (int i = 0; i < CLIENTS; i++) {
    kr_loop_run(loop, &clients[i].done);
    assert_non_null(strstr(clients[i].got.data, "/many"));
  }
  for (int i = 0; i < CLIENTS; i++) finish(&clients[i]);
  free(clients);
}

static void a_socket_given_away(void **state)
{
  (void)state;
  struct client client = {.wanted = 5};
  answer = hold;
  start(&client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  wait_held();
  int fd = kr_exchange_detach(held);
  assert_true(fd >= 0);
  for (int turn = 0; turn < 10; turn++) uv_run(kr_loop_uv(loop), UV_RUN_NOWAIT);
  assert_int_equal(kr_serve_connections(server), 0);
  assert_int_equal(write(fd, "hello", 5), 5);
  kr_loop_run(loop, &client.done);
  assert_string_equal(client.got.data, "hello");
  close(fd);
  finish(&client);
}

static void a_port_that_is_taken(void **state)
{
  (void)state;
  const char *why = NULL;
  struct kr_server *second = NULL;
  struct kr_serve_options options = {.host = "127.0.0.1", .port = kr_serve_port(server), .on_request = on_request};
  assert_int_equal(kr_serve_open(&second, loop, &options, &why), -KR_NET);
  assert_non_null(why);
  assert_null(second);
  options.host = "no address";
  assert_int_equal(kr_serve_open(&second, loop, &options, &why), -KR_NET);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
    EACH(several_requests_on_one_connection), EACH(refusals_can_be_read), EACH(expect_is_answered_before_the_body),
    EACH(broken_off_on_purpose), EACH(a_big_file_piece_by_piece), EACH(a_client_that_goes_away),
    EACH(closing_under_an_answer), EACH(many_at_once), EACH(a_socket_given_away), EACH(a_port_that_is_taken),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
