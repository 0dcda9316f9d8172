/* audio: an MP3 decoded to its very end: how long, how loud, which sound. The only file that knows
 * libmpg123. Every function blocks and belongs in the thread pool; a finished kr_audio is read only. */
#ifndef KR_AUDIO_H
#define KR_AUDIO_H

#include <stdatomic.h>

#include "base.h"
#include "sha256.h"

struct kr_audio;

struct kr_audio_facts {
  double duration_s, rms, peak;            /* levels: 1 is full scale */
  long rate;
  int channels;
  size_t frames;
  char fingerprint[KR_SHA256_HEX];         /* of the MPEG frames: tags do not change it */
};

/* KR_CONTENT when it is no MP3, cut, or broken. stop ends the work early. */
int kr_audio_probe(const char *path, const atomic_bool *stop, struct kr_audio **out, struct kr_fault *fault);
const struct kr_audio_facts *kr_audio_facts(const struct kr_audio *audio);
void kr_audio_destroy(struct kr_audio *audio); /* NULL is fine */

/* How much of b is in a. */
struct kr_audio_match {
  double ratio;                            /* <a,b>/<b,b>: 1 when a holds b as it is, 0 for nothing of it */
  double likeness;                         /* <a,b>/(|a||b|): 1 when they are one sound */
  double lag_s;                            /* a is later than b by so much */
};
int kr_audio_project(const struct kr_audio *a, const struct kr_audio *b, struct kr_audio_match *out, struct kr_fault *fault);

/* 16-bit WAV into fd (borrowed, at its start), cut or filled up with silence to length_s where that is
 * not negative. */
int kr_audio_wav(const char *path, int fd, double length_s, const atomic_bool *stop, struct kr_audio_facts *out,
                 struct kr_fault *fault);

#endif
