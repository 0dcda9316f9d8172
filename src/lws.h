/* lws: the one libwebsockets context of the process, a guest on our loop, made at its first use. */
#ifndef KR_LWS_H
#define KR_LWS_H

#include "loop.h"

struct lws_context;
struct lws_protocols;
struct lws_vhost;

/* The vhost all WebSockets live in, without a listening socket; NULL when it cannot be made.
 * The first call decides loop and protocols (borrowed for ever, ended by an empty entry). */
struct lws_vhost *kr_lws_vhost(struct kr_loop *loop, const struct lws_protocols *protocols);
struct lws_context *kr_lws_context(void);  /* NULL before */
/* Ends every connection and the context; the loop's end does it too. Never from inside a callback: it lets the loop turn. */
void kr_lws_finish(void);

#endif
