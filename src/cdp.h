/* cdp: the DevTools protocol's plumbing. Message ids, sessions, pending replies, wanted events.
 * It knows a channel, never a pipe or a socket, and no method by meaning. When the channel ends,
 * every pending reply ends with BROWSER_GONE. */
#ifndef KR_CDP_H
#define KR_CDP_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "channel.h"

struct kr_buf;
struct kr_cdp;

/* One awaited reply. Embedded by its owner, who keeps it until done was called or kr_cdp_forget. */
struct kr_reply {
  unsigned id;                             /* 0: not pending */
  unsigned session;                        /* a number for the session's name; 0: the browser's own */
  struct kr_reply *next;
  /* Once. status 0 with the result, -KR_PROTOCOL with the error object, else NULL. Takes body (cJSON_Delete). */
  void (*done)(struct kr_reply *reply, int status, cJSON *body);
};

struct kr_cdp_events {
  /* params is borrowed; session is "" for the browser's own. */
  void (*on_event)(void *owner, const char *session, const char *method, const cJSON *params);
  void (*on_closed)(void *owner, const char *why);
  void *owner;
};

struct kr_cdp_stats { size_t calls, events, dropped; };

/* Takes the channel. */
struct kr_cdp *kr_cdp_create(struct kr_channel *channel, const struct kr_cdp_events *events);
/* params: a JSON object, borrowed; NULL: none. reply NULL: the answer is dropped. 0 or -KR_<KIND>; then reply->done is not called. */
int kr_cdp_send(struct kr_cdp *cdp, const char *session, const char *method, const struct kr_buf *params, struct kr_reply *reply);
void kr_cdp_forget(struct kr_cdp *cdp, struct kr_reply *reply);
/* Ends every pending reply of the session with status: its page is gone, or blocked. */
void kr_cdp_abort(struct kr_cdp *cdp, const char *session, int status);
void kr_cdp_want(struct kr_cdp *cdp, const char *method);  /* events nobody wants are dropped unparsed */
struct kr_cdp_stats kr_cdp_stats(const struct kr_cdp *cdp);
void kr_cdp_close(struct kr_cdp *cdp);                      /* ends the channel; on_closed follows */
void kr_cdp_destroy(struct kr_cdp *cdp);

#endif
