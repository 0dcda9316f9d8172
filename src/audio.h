/* audio: what a finished file sounds like. Decodes MP3 to its very end (libmpg123), measures it, keeps
 * its sound mono at a low rate for comparing. All calls block: they belong in the thread pool. */
#ifndef KR_AUDIO_H
#define KR_AUDIO_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  KR_AUDIO_STEP = 16,          /* samples of the file for one of the low-rate sound (44.1 kHz: 2.76 kHz) */
  KR_AUDIO_FAULT = 256,
};
#define KR_AUDIO_FILE_LIMIT ((size_t)300 << 20) /* bytes: an hour at 320 kbit/s has 144 MB */

struct kr_sound {
  double duration_s, peak, rms;            /* peak, rms: of full scale, 0 to 1 */
  long rate;                               /* Hz */
  int channels, bitrate;                   /* bitrate of the first frame, kbit/s */
  uint64_t samples;                        /* for each channel */
  uint64_t frames;
  uint64_t fingerprint;                    /* of the decoded samples: tags and padding do not count */
  float *mono;                             /* [count], the sound at rate / KR_AUDIO_STEP */
  size_t count;
};

/* Reads and decodes a whole file. 0, or -KR_CONTENT (no MP3, a broken or cut frame), -KR_FILE, -KR_TOO_LARGE,
 * -KR_CANCELLED when stop was set; fault then says why. sound is to be zeroed before, finished after. */
int kr_audio_read(const char *path, struct kr_sound *sound, const atomic_bool *stop, char fault[KR_AUDIO_FAULT]);
void kr_audio_finish(struct kr_sound *sound);

/* How much of b is in a: <a,b>/<b,b>, the largest within max_lag_s of alignment; *lag_s where that was.
 * 0 when b is silent or their rates differ. */
double kr_audio_project(const struct kr_sound *a, const struct kr_sound *b, double max_lag_s, double *lag_s);

/* Decodes into a 16-bit WAV file (RIFF) of exactly `samples` for each channel (0: as many as there are); out must not exist. */
int kr_audio_wav(const char *path, const char *out, uint64_t samples, uint64_t *written, const atomic_bool *stop,
                 char fault[KR_AUDIO_FAULT]);

#endif
