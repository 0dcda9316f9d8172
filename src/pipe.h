/* pipe: the DevTools pipe of a browser we started, as a channel. Messages end with NUL. */
#ifndef KR_PIPE_H
#define KR_PIPE_H

#include "channel.h"
#include "loop.h"

/* Takes both descriptors: we write to `to`, read from `from`. Gives a channel that frees itself after
 * close and on_closed. NULL when the descriptors cannot be used. */
struct kr_channel *kr_pipe_open(struct kr_loop *loop, int to, int from);

#endif
