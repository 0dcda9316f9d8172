/* lws: see lws.h. */
#include "lws.h"

#include <libwebsockets.h>

#include "base.h"

enum { FDS = 4096, SERVICE_BUFFER = 64 << 10 };

static struct lws_context *context;
static struct lws_vhost *vhost;
static uv_loop_t *uv;

/* A dead node does not close its socket: silence is asked after, then taken for the end. */
static const lws_retry_bo_t heartbeat = {.secs_since_valid_ping = 30, .secs_since_valid_hangup = 60};

static void on_loop_end(struct kr_ready *ready)
{
  (void)ready;
  kr_lws_finish();
}

struct lws_vhost *kr_lws_vhost(struct kr_loop *loop, const struct lws_protocols *protocols)
{
  if (vhost) return vhost;
  lws_set_log_level(0, NULL);
  uv = kr_loop_uv(loop);
  void *loops[] = {uv};
  struct lws_context_creation_info info = {
    .port = CONTEXT_PORT_NO_LISTEN_SERVER,
    .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_VALIDATE_UTF8,
    .foreign_loops = loops,
    .fd_limit_per_thread = FDS,            /* else tables grow with the limit of open files */
    .pt_serv_buf_size = SERVICE_BUFFER,
    .retry_and_idle_policy = &heartbeat,
    .protocols = protocols,
    .vhost_name = "karun",
    .gid = -1,
    .uid = -1,
  };
  if (!context) {
    static struct kr_ready at_end = {.run = on_loop_end};
    context = lws_create_context(&info);
    kr_loop_at_end(loop, &at_end);
  }
  if (context) vhost = lws_create_vhost(context, &info);
  if (!vhost) kr_log(KR_LOG_ERROR, "libwebsockets did not start (is its libuv part, libwebsockets-evlib-uv, installed?)");
  return vhost;
}

struct lws_context *kr_lws_context(void)
{
  return context;
}

/* The first call closes, the second frees; between them the loop has to turn a few times for the handles
 * to be closed. Turns, not time: nothing here waits for anybody. */
void kr_lws_finish(void)
{
  enum { TURNS = 16 };
  if (!context) return;
  lws_context_destroy(context);
  for (int turn = 0; turn < TURNS; turn++) uv_run(uv, UV_RUN_NOWAIT);
  lws_context_destroy(context);
  context = NULL;
  vhost = NULL;
}
