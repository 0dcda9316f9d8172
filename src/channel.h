/* channel: what cdp.c talks through. A pipe or a WebSocket fills it in; cdp.c never knows which. */
#ifndef KR_CHANNEL_H
#define KR_CHANNEL_H

#include <stddef.h>

#define KR_CHANNEL_LIMIT ((size_t)256 << 20) /* bytes of one message */
#define KR_CHANNEL_OVERSIZE ((size_t)-1)

struct kr_channel {
  /* By the transport. send borrows text (NUL-terminated, len bytes without the NUL); 0 or -KR_<KIND> (TOO_LARGE, BROWSER_GONE). */
  int (*send)(struct kr_channel *channel, const char *text, size_t len);
  /* Ends it; on_closed is called later, once. The transport frees itself after that. */
  void (*close)(struct kr_channel *channel);
  /* By the user. A message over the ceiling comes as its first bytes with len KR_CHANNEL_OVERSIZE.
   * on_message lends text (NUL-terminated, len bytes without the NUL) for the call, and lets it be changed in place. */
  void (*on_message)(void *owner, char *text, size_t len);
  void (*on_closed)(void *owner, const char *why);
  void *owner;
};

#endif
