/* audio: see audio.h. Frames are walked by their headers first, since libmpg123 passes over a broken or
 * cut frame in silence; then all of it is decoded. */
#include "audio.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <mpg123.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base.h"

enum { CHUNK = 64 * 1024, ID3V1 = 128, ID3V2_HEAD = 10, FRAME_HEAD = 4, WAV_HEAD = 44 };

static int fail(char *fault, int kind, const char *format, ...) __attribute__((format(printf, 3, 4)));
static int fail(char *fault, int kind, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  vsnprintf(fault, KR_AUDIO_FAULT, format, args);
  va_end(args);
  return -kind;
}

/* ---- the file ---- */

static int read_file(const char *path, unsigned char **bytes, size_t *len, char *fault)
{
  int err = 0, fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  struct stat st;
  *bytes = NULL;
  if (fd < 0 || fstat(fd, &st) < 0) { err = fail(fault, kr_kind_from_errno(errno), "cannot read '%s': %s", path, strerror(errno)); goto out; }
  if (!S_ISREG(st.st_mode)) { err = fail(fault, KR_FILE, "'%s' is no file", path); goto out; }
  if ((size_t)st.st_size > KR_AUDIO_FILE_LIMIT) { err = fail(fault, KR_TOO_LARGE, "'%s' is too large for a song", path); goto out; }
  *bytes = kr_alloc((size_t)st.st_size + 1);
  for (*len = 0; *len < (size_t)st.st_size;) {
    ssize_t n = read(fd, *bytes + *len, (size_t)st.st_size - *len);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    *len += (size_t)n;
  }
out:
  if (fd >= 0) close(fd);
  return err;
}

/* ---- frames: ISO/IEC 11172-3 2.4.2.3, 13818-3; layer III only ---- */

/* Bytes of the frame that begins here, 0 when none does. */
static size_t frame_length(const unsigned char *at, int *kbits)
{
  static const short rates[2][16] = {
    {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0}, /* MPEG 1 */
    {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0},     /* MPEG 2, 2.5 */
  };
  static const int samplings[4] = {44100, 48000, 32000, 0};
  if (at[0] != 0xFF || (at[1] & 0xE0) != 0xE0 || (at[1] & 6) != 2) return 0;
  int version = at[1] >> 3 & 3; /* 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5 */
  int kbit = rates[version == 3 ? 0 : 1][at[2] >> 4], hz = samplings[at[2] >> 2 & 3];
  if (version == 1 || !kbit || !hz) return 0;
  if (version != 3) hz /= version == 2 ? 2 : 4;
  *kbits = kbit;
  return (size_t)((version == 3 ? 144000 : 72000) * kbit / hz + (at[2] >> 1 & 1));
}

static size_t skip_tags(const unsigned char *bytes, size_t len)
{
  if (len < ID3V2_HEAD || memcmp(bytes, "ID3", 3) != 0) return 0;
  size_t size = (size_t)(bytes[6] & 127) << 21 | (size_t)(bytes[7] & 127) << 14 | (size_t)(bytes[8] & 127) << 7 | (bytes[9] & 127);
  return size + ID3V2_HEAD < len ? size + ID3V2_HEAD : len;
}

/* What may stand behind the last frame: ID3v1, an APE tag, zero padding. */
static bool is_trailer(const unsigned char *at, size_t left)
{
  if ((left == ID3V1 || left > ID3V1) && (memcmp(at, "TAG", 3) == 0 || memcmp(at, "APETAGEX", 8) == 0)) return true;
  for (size_t i = 0; i < left; i++)
    if (at[i]) return false;
  return true;
}

static int walk_frames(const unsigned char *bytes, size_t len, struct kr_sound *sound, char *fault)
{
  size_t at = skip_tags(bytes, len);
  int kbits = 0;
  while (at < len && !bytes[at]) at++; /* padding between tag and first frame */
  while (len - at >= FRAME_HEAD) {
    size_t frame = frame_length(bytes + at, &kbits);
    if (!frame) break;
    if (frame > len - at) return fail(fault, KR_CONTENT, "its last frame is cut: %zu of %zu bytes", len - at, frame);
    if (!sound->frames++) sound->bitrate = kbits;
    at += frame;
  }
  if (!sound->frames) return fail(fault, KR_CONTENT, "it is no MP3: there is no frame at its start");
  if (at < len && !is_trailer(bytes + at, len - at))
    return fail(fault, KR_CONTENT, "a frame is broken after %.1f s (byte %zu of %zu)", (double)sound->frames * 0.026, at, len);
  return 0;
}

/* ---- decoding ---- */

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start_library(void)
{
  mpg123_init();
}

/* Hands every piece of decoded sound (16 bit, interleaved) to take. */
static int decode(const unsigned char *bytes, size_t len, struct kr_sound *sound, const atomic_bool *stop,
                  int (*take)(void *sink, const int16_t *samples, size_t count), void *sink, char *fault)
{
  int err = 0, encoding = 0, state = MPG123_OK;
  pthread_once(&once, start_library);
  mpg123_handle *handle = mpg123_new(NULL, NULL);
  int16_t *piece = kr_alloc(CHUNK);
  if (!handle) { err = fail(fault, KR_INTERNAL, "libmpg123 has no memory"); goto out; }
  mpg123_param(handle, MPG123_ADD_FLAGS, MPG123_QUIET | MPG123_GAPLESS, 0);
  mpg123_format_none(handle);
  static const long hz[] = {8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000};
  for (size_t i = 0; i < sizeof hz / sizeof *hz; i++) mpg123_format(handle, hz[i], MPG123_MONO | MPG123_STEREO, MPG123_ENC_SIGNED_16);
  if (mpg123_open_feed(handle) != MPG123_OK) { err = fail(fault, KR_INTERNAL, "libmpg123: %s", mpg123_strerror(handle)); goto out; }
  for (size_t at = 0; !err && at < len;) {
    size_t part = len - at < CHUNK ? len - at : CHUNK;
    if (atomic_load(stop)) { err = fail(fault, KR_CANCELLED, "cancelled"); break; }
    state = mpg123_feed(handle, bytes + at, part);
    at += part;
    while (!err && (state == MPG123_OK || state == MPG123_NEW_FORMAT)) {
      size_t done = 0;
      state = mpg123_read(handle, piece, CHUNK, &done);
      if (state == MPG123_NEW_FORMAT) mpg123_getformat(handle, &sound->rate, &sound->channels, &encoding);
      if (done && sound->channels) err = take(sink, piece, done / sizeof *piece);
    }
    if (state == MPG123_ERR) err = fail(fault, KR_CONTENT, "it does not decode: %s", mpg123_strerror(handle));
  }
  if (!err && !sound->rate) err = fail(fault, KR_CONTENT, "there is no sound in it");
out:
  free(piece);
  if (handle) mpg123_delete(handle);
  return err;
}

struct measure {
  struct kr_sound *sound;
  double squares, sum;
  int in_sum;
  size_t cap;
};

static void keep_mono(struct measure *m, double value)
{
  m->sum += value;
  if (++m->in_sum < KR_AUDIO_STEP) return;
  struct kr_sound *sound = m->sound;
  if (sound->count == m->cap) {
    m->cap = m->cap ? m->cap * 2 : 1 << 16;
    sound->mono = kr_realloc(sound->mono, m->cap * sizeof *sound->mono);
  }
  sound->mono[sound->count++] = (float)(m->sum / KR_AUDIO_STEP);
  m->sum = 0;
  m->in_sum = 0;
}

static int measure_piece(void *sink, const int16_t *samples, size_t count)
{
  struct measure *m = sink;
  struct kr_sound *sound = m->sound;
  int channels = sound->channels;
  uint64_t hash = sound->fingerprint;
  for (size_t i = 0; i + (size_t)channels <= count; i += (size_t)channels) {
    double mono = 0;
    for (int c = 0; c < channels; c++) {
      double value = samples[i + (size_t)c] / 32768.0;
      hash = (hash ^ (uint16_t)samples[i + (size_t)c]) * 1099511628211u; /* FNV-1a */
      if (fabs(value) > sound->peak) sound->peak = fabs(value);
      m->squares += value * value;
      mono += value;
    }
    keep_mono(m, mono / channels);
    sound->samples++;
  }
  sound->fingerprint = hash;
  return 0;
}

int kr_audio_read(const char *path, struct kr_sound *sound, const atomic_bool *stop, char fault[KR_AUDIO_FAULT])
{
  unsigned char *bytes = NULL;
  size_t len = 0;
  struct measure m = {.sound = sound};
  sound->fingerprint = 14695981039346656037u;
  int err = read_file(path, &bytes, &len, fault);
  if (!err) err = walk_frames(bytes, len, sound, fault);
  if (!err) err = decode(bytes, len, sound, stop, measure_piece, &m, fault);
  free(bytes);
  if (err) return err;
  sound->duration_s = (double)sound->samples / (double)sound->rate;
  sound->rms = sound->samples ? sqrt(m.squares / ((double)sound->samples * sound->channels)) : 0;
  return 0;
}

void kr_audio_finish(struct kr_sound *sound)
{
  free(sound->mono);
  sound->mono = NULL;
  sound->count = 0;
}

/* ---- comparing ---- */

static double inner(const struct kr_sound *a, const struct kr_sound *b, long lag)
{
  size_t from_a = lag > 0 ? (size_t)lag : 0, from_b = lag < 0 ? (size_t)-lag : 0;
  if (from_a >= a->count || from_b >= b->count) return 0;
  size_t left_a = a->count - from_a, left_b = b->count - from_b, n = left_a < left_b ? left_a : left_b;
  const float *x = a->mono + from_a, *y = b->mono + from_b;
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += (double)x[i] * (double)y[i];
  return sum;
}

double kr_audio_project(const struct kr_sound *a, const struct kr_sound *b, double max_lag_s, double *lag_s)
{
  *lag_s = 0;
  double self = inner(b, b, 0), best = 0;
  if (self <= 0 || a->rate != b->rate) return 0;
  double step_s = KR_AUDIO_STEP / (double)a->rate;
  long reach = (long)(max_lag_s / step_s);
  for (long lag = -reach; lag <= reach; lag++) {
    double ratio = inner(a, b, lag) / self;
    if (fabs(ratio) <= fabs(best)) continue;
    best = ratio;
    *lag_s = (double)lag * step_s;
  }
  return best;
}

/* ---- WAV ---- */

struct wav {
  struct kr_sound *sound;
  int fd;
  uint64_t written, wanted;                /* samples for each channel; wanted 0: all */
};

static int write_all(int fd, const void *bytes, size_t len)
{
  for (const char *at = bytes; len;) {
    ssize_t n = write(fd, at, len);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return -KR_DISK;
    at += n;
    len -= (size_t)n;
  }
  return 0;
}

static int write_piece(void *sink, const int16_t *samples, size_t count)
{
  struct wav *wav = sink;
  uint64_t n = count / (size_t)wav->sound->channels;
  if (wav->wanted && wav->written + n > wav->wanted) n = wav->wanted - wav->written;
  wav->written += n;
  return write_all(wav->fd, samples, (size_t)n * (size_t)wav->sound->channels * sizeof *samples);
}

static void put32(unsigned char *at, uint64_t value)
{
  for (int i = 0; i < 4; i++) at[i] = (unsigned char)(value >> (8 * i));
}

static void wav_head(unsigned char *head, const struct kr_sound *sound, uint64_t samples)
{
  uint64_t frame = (uint64_t)sound->channels * 2, bytes = samples * frame;
  memcpy(head, "RIFF....WAVEfmt ", 16);
  put32(head + 4, bytes + WAV_HEAD - 8);
  put32(head + 16, 16);
  put32(head + 20, 1 | (uint64_t)sound->channels << 16); /* PCM, channels */
  put32(head + 24, (uint64_t)sound->rate);
  put32(head + 28, (uint64_t)sound->rate * frame);
  put32(head + 32, frame | 16u << 16);                    /* block, bits */
  memcpy(head + 36, "data", 4);
  put32(head + 40, bytes);
}

static int pad(struct wav *wav)
{
  static const int16_t silence[2048];
  while (wav->written < wav->wanted) {
    uint64_t n = (wav->wanted - wav->written) * (uint64_t)wav->sound->channels;
    if (n > 2048) n = 2048;
    n -= n % (uint64_t)wav->sound->channels;
    if (write_all(wav->fd, silence, (size_t)n * sizeof *silence)) return -KR_DISK;
    wav->written += n / (uint64_t)wav->sound->channels;
  }
  return 0;
}

int kr_audio_wav(const char *path, const char *out, uint64_t samples, uint64_t *written, const atomic_bool *stop,
                 char fault[KR_AUDIO_FAULT])
{
  unsigned char *bytes = NULL, head[WAV_HEAD] = {0};
  size_t len = 0;
  struct kr_sound sound = {0};
  struct wav wav = {.sound = &sound, .fd = -1, .wanted = samples};
  bool made = false;
  int err = read_file(path, &bytes, &len, fault);
  if (!err) err = walk_frames(bytes, len, &sound, fault);
  if (err) goto out;
  wav.fd = open(out, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (wav.fd < 0) { err = fail(fault, kr_kind_from_errno(errno), "cannot write '%s': %s", out, strerror(errno)); goto out; }
  made = true;
  err = write_all(wav.fd, head, sizeof head);
  if (!err) err = decode(bytes, len, &sound, stop, write_piece, &wav, fault);
  if (!err && wav.wanted) err = pad(&wav);
  if (!err && wav.written * (uint64_t)sound.channels * 2 > UINT32_MAX - WAV_HEAD) err = fail(fault, KR_TOO_LARGE, "'%s' is too long for WAV", path);
  if (!err) wav_head(head, &sound, wav.written);
  if (!err && (pwrite(wav.fd, head, sizeof head, 0) != (ssize_t)sizeof head || fsync(wav.fd))) err = -KR_DISK;
  if (err == -KR_DISK) fail(fault, KR_DISK, "cannot write '%s': %s", out, strerror(errno));
  *written = wav.written;
out:
  if (wav.fd >= 0) close(wav.fd);
  if (err && made) unlink(out);
  free(bytes);
  return err;
}
