/* mpeg: the frames of an MP3 as they lie in the bytes. A decoder forgives (it pads a cut frame, it
 * searches on behind garbage); this does not. Floor 0: knows nobody. */
#ifndef KR_MPEG_H
#define KR_MPEG_H

#include <stddef.h>

struct kr_mpeg {
  size_t start, end;               /* the frames: no tags, no padding */
  size_t frames;                   /* with sound; an Xing or Info frame is not counted */
  size_t announced;                /* frames that the Xing or Info frame tells of; 0: none told */
  unsigned samples;                /* in a frame */
};

/* 0, or -KR_CONTENT with words in why: no MP3, a frame cut or broken, fewer frames than announced. */
int kr_mpeg_walk(const unsigned char *bytes, size_t len, struct kr_mpeg *out, char *why, size_t why_size);

#endif
