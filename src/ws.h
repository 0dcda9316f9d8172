/* ws: one WebSocket, ours to another side (connect) or another side's to us (adopt). The same from then
 * on: a kr_channel for text of any size up to a limit, with a bounded queue of what waits to be sent. */
#ifndef KR_WS_H
#define KR_WS_H

#include <stdbool.h>

#include "channel.h"
#include "loop.h"

struct kr_ws;

/* Begins to connect to "ws://host[:port][/path]". Nothing is called back before the loop turns. The end,
 * also of one that never opened, comes by the channel's on_closed. NULL with why (static) for a url that cannot be used.
 * limit: bytes of one message, and of all that wait to be sent. */
struct kr_ws *kr_ws_connect(struct kr_loop *loop, const char *url, size_t limit, const char **why);
/* Takes the socket of a client whose request for an upgrade was read; key is its Sec-WebSocket-Key.
 * Open at once; NULL when that failed (the socket is closed then). */
struct kr_ws *kr_ws_adopt(struct kr_loop *loop, int fd, const char *key, size_t limit);
struct kr_channel *kr_ws_channel(struct kr_ws *ws);
/* Both may be NULL. opened: now messages flow (connect only). drained: all that was sent has left. */
void kr_ws_on(struct kr_ws *ws, void (*opened)(void *owner), void (*drained)(void *owner));
int kr_ws_send(struct kr_ws *ws, const void *bytes, size_t len, bool binary); /* as kr_channel.send */
size_t kr_ws_queued(const struct kr_ws *ws);
bool kr_ws_binary(const struct kr_ws *ws);         /* the message on_message is called for */
void kr_ws_pause(struct kr_ws *ws, bool pause);    /* true: read nothing more from the socket for now */
/* code 1000 to 4999; reason: at most 120 bytes. As kr_channel.close, which says 1000. */
void kr_ws_close(struct kr_ws *ws, int code, const char *reason);
int kr_ws_close_code(const struct kr_ws *ws);      /* what the other side said, 1005: nothing, 1006: it broke off */
/* The owner goes: nothing is called back any more, the socket is closed in time. */
void kr_ws_forget(struct kr_ws *ws);

#endif
