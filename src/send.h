/* send: what goes out of one stream, bytes and parts of files, never more of a file in memory than one
 * piece. Embedded by its owner, who owns the stream too and hears when all has left or nothing will. */
#ifndef KR_SEND_H
#define KR_SEND_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base.h"

struct kr_sender {
  uv_stream_t *stream;
  void (*moved)(struct kr_sender *sender);               /* something waits, or has left: not stuck yet */
  void (*flushed)(struct kr_sender *sender);             /* all has left */
  /* -KR_NET: the peer is gone; -KR_INCOMPLETE: the file is too short. Once more when a read of a file that was
   * under way at kr_sender_stop has come back: now it is over. */
  void (*failed)(struct kr_sender *sender, int status);
  size_t writes;                                         /* not called back yet */
  uv_fs_t read;
  int file;                                              /* being sent, or -1 */
  int64_t at, left;
  char *piece;
  bool is_reading, is_stopped;
};

/* The three functions must be set. */
void kr_sender_init(struct kr_sender *sender, uv_stream_t *stream);
/* Takes a copy of what the socket does not take at once. 0, -KR_NET, or -KR_TOO_LARGE: too much waits already. */
int kr_sender_add(struct kr_sender *sender, const void *bytes, size_t len);
/* Sends len bytes of fd from offset after what waits. Takes fd. flushed or failed is called in the end. */
void kr_sender_add_file(struct kr_sender *sender, int fd, int64_t offset, int64_t len);
void kr_sender_cut_file(struct kr_sender *sender);       /* no further piece */
bool kr_sender_is_idle(const struct kr_sender *sender);
size_t kr_sender_queued(const struct kr_sender *sender);
void kr_sender_stop(struct kr_sender *sender);           /* the stream is closing */
bool kr_sender_is_over(const struct kr_sender *sender);  /* stopped, and nothing refers to it: it may be freed */
void kr_sender_finish(struct kr_sender *sender);

#endif
