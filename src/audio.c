/* audio: see audio.h. Files are read whole: a song has some megabytes. */
#include "audio.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <mpg123.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mpeg.h"

enum {
  FILE_LIMIT = 1 << 30,
  LOW_RATE = 8000,                 /* mono samples kept a second, about: enough to tell stems apart */
  MISSING_FRAMES = 5,              /* what gapless playing and an info frame may take away */
  LAG_MS = 60,                     /* encoders delay by 12 to 50 ms, and not all tell */
  SEARCH_S = 8,                    /* the loudest stretch, on which the lag is looked for */
};

struct kr_audio {
  struct kr_audio_facts facts;
  int16_t *low;
  size_t count, cap;
  double low_rate;
};

/* Takes decoded samples; false ends the decoding. */
struct sink {
  bool (*format)(struct sink *sink, long rate, int channels);
  bool (*samples)(struct sink *sink, const int16_t *samples, size_t count); /* of one channel and the next */
};

static int fail(struct kr_fault *fault, int kind, const char *path, const char *why)
{
  return kr_fault_set(fault, kind, "'%s': %s", path, why);
}

static int read_file(const char *path, struct kr_buf *out, struct kr_fault *fault)
{
  struct stat st;
  int status = 0, fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return fail(fault, kr_kind_from_errno(errno), path, strerror(errno));
  *out = KR_BUF_INIT(FILE_LIMIT);
  if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) status = fail(fault, KR_FILE, path, "it is not a file");
  else if (kr_buf_reserve(out, (size_t)st.st_size)) status = fail(fault, KR_TOO_LARGE, path, "it is too large for a song");
  while (!status && out->len < (size_t)st.st_size) {
    ssize_t n = read(fd, out->data + out->len, (size_t)st.st_size - out->len);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) status = fail(fault, kr_kind_from_errno(errno), path, strerror(errno));
    if (n <= 0) break;
    out->len += (size_t)n;
  }
  close(fd);
  return status;
}

/* ---- decoding ---- */

static pthread_once_t library = PTHREAD_ONCE_INIT;

static void start_library(void)
{
  mpg123_init();
}

static mpg123_handle *open_decoder(void)
{
  pthread_once(&library, start_library);
  mpg123_handle *decoder = mpg123_new(NULL, NULL);
  if (!decoder) return NULL;
  mpg123_param(decoder, MPG123_ADD_FLAGS, MPG123_QUIET, 0);
  mpg123_param(decoder, MPG123_RESYNC_LIMIT, 0, 0);
  mpg123_format_none(decoder);
  const long *rates;
  size_t count;
  mpg123_rates(&rates, &count);
  for (size_t i = 0; i < count; i++) mpg123_format(decoder, rates[i], MPG123_MONO | MPG123_STEREO, MPG123_ENC_SIGNED_16);
  if (mpg123_open_feed(decoder) == MPG123_OK) return decoder;
  mpg123_delete(decoder);
  return NULL;
}

/* Feeds the frames and hands the samples on. total: samples of each channel. */
static int decode(const char *path, const unsigned char *bytes, const struct kr_mpeg *frames, const atomic_bool *stop,
                  struct sink *sink, struct kr_fault *fault)
{
  mpg123_handle *decoder = open_decoder();
  if (!decoder) return fail(fault, KR_INTERNAL, path, "no MP3 decoder");
  int status = 0, channels = 0;
  uint64_t total = 0;
  mpg123_feed(decoder, bytes + frames->start, frames->end - frames->start);
  for (int code = MPG123_OK; !status;) {
    int16_t samples[16384];
    size_t done = 0;
    long rate;
    int encoding;
    code = mpg123_read(decoder, samples, sizeof samples, &done);
    if (code == MPG123_NEW_FORMAT) {
      bool changed = channels != 0;
      mpg123_getformat(decoder, &rate, &channels, &encoding);
      if (changed) status = fail(fault, KR_CONTENT, path, "its format changes on the way");
      else if (!sink->format(sink, rate, channels)) status = fail(fault, KR_DISK, path, strerror(errno));
      continue;
    }
    if (done && channels && !sink->samples(sink, samples, done / sizeof *samples))
      status = fail(fault, KR_DISK, path, strerror(errno));
    total += channels ? done / sizeof *samples / (size_t)channels : 0;
    if (stop && atomic_load(stop)) status = fail(fault, KR_CANCELLED, path, "stopped");
    if (code == MPG123_NEED_MORE || code == MPG123_DONE) break;
    if (code != MPG123_OK) status = fail(fault, KR_CONTENT, path, mpg123_strerror(decoder));
  }
  if (!status && total + (uint64_t)frames->samples * MISSING_FRAMES < (uint64_t)frames->frames * frames->samples)
    status = fail(fault, KR_CONTENT, path, "frames in it cannot be decoded");
  mpg123_delete(decoder);
  return status;
}

static int read_frames(const char *path, struct kr_buf *bytes, struct kr_mpeg *frames, struct kr_fault *fault)
{
  char why[128];
  int status = read_file(path, bytes, fault);
  if (status) return status;
  if (!bytes->len) return fail(fault, KR_CONTENT, path, "it is empty");
  status = kr_mpeg_walk((const unsigned char *)bytes->data, bytes->len, frames, why, sizeof why);
  return status ? fail(fault, -status, path, why) : 0;
}

/* ---- probe ---- */

struct prober {
  struct sink sink;
  struct kr_audio *audio;
  double squares;
  uint64_t samples;                /* of all channels */
  int peak;
  unsigned every, phase;           /* so many sample frames make one low one */
  long sum;
};

static bool probe_format(struct sink *sink, long rate, int channels)
{
  struct prober *prober = (struct prober *)(void *)sink;
  prober->audio->facts.rate = rate;
  prober->audio->facts.channels = channels;
  prober->every = (unsigned)lround((double)rate / LOW_RATE);
  if (!prober->every) prober->every = 1;
  prober->audio->low_rate = (double)rate / prober->every;
  return true;
}

static void keep_low(struct kr_audio *audio, int16_t value)
{
  if (audio->count == audio->cap) {
    audio->cap = audio->cap ? audio->cap * 2 : 1 << 16;
    audio->low = kr_realloc(audio->low, audio->cap * sizeof *audio->low);
  }
  audio->low[audio->count++] = value;
}

static bool probe_samples(struct sink *sink, const int16_t *samples, size_t count)
{
  struct prober *prober = (struct prober *)(void *)sink;
  int channels = prober->audio->facts.channels;
  for (size_t i = 0; i < count; i++) {
    int value = samples[i];
    prober->squares += (double)value * value;
    if (abs(value) > prober->peak) prober->peak = abs(value);
    prober->sum += value;
    if (++prober->phase < prober->every * (unsigned)channels) continue;
    keep_low(prober->audio, (int16_t)(prober->sum / (long)prober->phase));
    prober->phase = 0;
    prober->sum = 0;
  }
  prober->samples += count;
  return true;
}

int kr_audio_probe(const char *path, const atomic_bool *stop, struct kr_audio **out, struct kr_fault *fault)
{
  struct kr_buf bytes = KR_BUF_INIT(0);
  struct kr_mpeg frames;
  struct kr_audio *audio = kr_alloc(sizeof *audio);
  struct prober prober = {.sink = {probe_format, probe_samples}, .audio = audio};
  int status = read_frames(path, &bytes, &frames, fault);
  if (!status) status = decode(path, (unsigned char *)bytes.data, &frames, stop, &prober.sink, fault);
  if (!status && !prober.samples) status = fail(fault, KR_CONTENT, path, "it has no sound");
  if (!status) {
    struct kr_audio_facts *facts = &audio->facts;
    struct kr_sha256 *sum = kr_sha256_create();
    kr_sha256_add(sum, bytes.data + frames.start, frames.end - frames.start);
    kr_sha256_finish(sum, facts->fingerprint);
    facts->frames = frames.frames;
    facts->duration_s = (double)prober.samples / facts->channels / (double)facts->rate;
    facts->rms = sqrt(prober.squares / (double)prober.samples) / 32768;
    facts->peak = prober.peak / 32768.0;
  }
  kr_buf_free(&bytes);
  if (status) kr_audio_destroy(audio);
  else *out = audio;
  return status;
}

const struct kr_audio_facts *kr_audio_facts(const struct kr_audio *audio)
{
  return &audio->facts;
}

void kr_audio_destroy(struct kr_audio *audio)
{
  if (!audio) return;
  free(audio->low);
  free(audio);
}

/* ---- projection ---- */

/* <a, b> where a is read lag later, over b's samples from first to last. */
static double dot(const struct kr_audio *a, const struct kr_audio *b, long lag, size_t first, size_t last)
{
  double sum = 0;
  long begin = (long)first, end = (long)last;
  if (begin + lag < 0) begin = -lag;
  if (end + lag > (long)a->count) end = (long)a->count - lag;
  for (long i = begin; i < end;) { /* in stretches: exact in 64 bits, and quick */
    long until = i + 4096 < end ? i + 4096 : end;
    int64_t part = 0;
    for (; i < until; i++) part += (int64_t)a->low[i + lag] * b->low[i];
    sum += (double)part;
  }
  return sum;
}

static size_t loudest(const struct kr_audio *b, size_t window)
{
  size_t best = 0, step = window / 2 ? window / 2 : 1;
  double most = -1;
  for (size_t at = 0; at + window <= b->count; at += step) {
    double energy = dot(b, b, 0, at, at + window);
    if (energy > most) most = energy, best = at;
  }
  return best;
}

/* Equal alignment, unless b is clearly found in a somewhere near it: any two tones agree at some lag. */
static long find_lag(const struct kr_audio *a, const struct kr_audio *b)
{
  size_t window = (size_t)(b->low_rate * SEARCH_S);
  if (window > b->count) window = b->count;
  size_t first = loudest(b, window), last = first + window;
  long reach = (long)(b->low_rate * LAG_MS / 1000), best = 0;
  double energy = dot(b, b, 0, first, last), at_zero = fabs(dot(a, b, 0, first, last)), most = at_zero;
  for (long lag = -reach; lag <= reach; lag++) {
    double found = fabs(dot(a, b, lag, first, last));
    if (found > most) most = found, best = lag;
  }
  return most > 0.5 * energy && most > 1.1 * at_zero ? best : 0;
}

int kr_audio_project(const struct kr_audio *a, const struct kr_audio *b, struct kr_audio_match *out, struct kr_fault *fault)
{
  *out = (struct kr_audio_match){0};
  if (a->facts.rate != b->facts.rate)
    return kr_fault_set(fault, KR_CONTENT, "two sounds of different sample rates (%ld and %ld) cannot be compared",
                        a->facts.rate, b->facts.rate);
  double aa = dot(a, a, 0, 0, a->count), bb = dot(b, b, 0, 0, b->count);
  if (aa <= 0 || bb <= 0) return 0; /* silence holds nothing and is in nothing */
  long lag = find_lag(a, b);
  double ab = dot(a, b, lag, 0, b->count);
  *out = (struct kr_audio_match){.ratio = ab / bb, .likeness = ab / sqrt(aa * bb), .lag_s = (double)lag / b->low_rate};
  return 0;
}

/* ---- WAV ---- */

struct writer {
  struct sink sink;
  int fd, channels;
  long rate;
  uint64_t left, written;          /* samples of all channels */
  double length_s;
};

static bool write_all(int fd, const void *bytes, size_t len)
{
  for (const char *at = bytes; len;) {
    ssize_t n = write(fd, at, len);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    at += n;
    len -= (size_t)n;
  }
  return true;
}

static void put(unsigned char *at, uint32_t value, int bytes)
{
  for (int i = 0; i < bytes; i++) at[i] = (unsigned char)(value >> (8 * i));
}

static bool write_head(struct writer *writer)
{
  unsigned char head[44] = "RIFF    WAVEfmt ";
  uint32_t size = (uint32_t)(writer->written * 2), block = (uint32_t)writer->channels * 2;
  put(head + 4, size + 36, 4);
  put(head + 16, 16, 4);
  put(head + 20, 1, 2);
  put(head + 22, (uint32_t)writer->channels, 2);
  put(head + 24, (uint32_t)writer->rate, 4);
  put(head + 28, (uint32_t)writer->rate * block, 4);
  put(head + 32, block, 2);
  put(head + 34, 16, 2);
  memcpy(head + 36, "data", 4);
  put(head + 40, size, 4);
  return lseek(writer->fd, 0, SEEK_SET) == 0 && write_all(writer->fd, head, sizeof head);
}

static bool wav_format(struct sink *sink, long rate, int channels)
{
  struct writer *writer = (struct writer *)(void *)sink;
  writer->rate = rate;
  writer->channels = channels;
  writer->left = writer->length_s < 0 ? UINT64_MAX : (uint64_t)llround(writer->length_s * (double)rate) * (uint64_t)channels;
  return write_head(writer); /* a place for it; its numbers come at the end */
}

static bool wav_samples(struct sink *sink, const int16_t *samples, size_t count)
{
  struct writer *writer = (struct writer *)(void *)sink;
  if (count > writer->left) count = (size_t)writer->left;
  writer->left -= count;
  writer->written += count;
  unsigned char bytes[2 * 16384];
  for (size_t i = 0; i < count; i++) put(bytes + 2 * i, (uint16_t)samples[i], 2);
  return write_all(writer->fd, bytes, 2 * count);
}

static bool fill_up(struct writer *writer)
{
  static const int16_t silence[16384];
  while (writer->length_s >= 0 && writer->left) {
    size_t count = writer->left < 16384 ? (size_t)writer->left : 16384;
    if (!wav_samples(&writer->sink, silence, count)) return false;
  }
  return true;
}

int kr_audio_wav(const char *path, int fd, double length_s, const atomic_bool *stop, struct kr_audio_facts *out,
                 struct kr_fault *fault)
{
  struct kr_buf bytes = KR_BUF_INIT(0);
  struct kr_mpeg frames;
  struct writer writer = {.sink = {wav_format, wav_samples}, .fd = fd, .length_s = length_s};
  int status = read_frames(path, &bytes, &frames, fault);
  if (!status) status = decode(path, (unsigned char *)bytes.data, &frames, stop, &writer.sink, fault);
  if (!status && (!fill_up(&writer) || !write_head(&writer))) status = fail(fault, KR_DISK, path, strerror(errno));
  if (!status)
    *out = (struct kr_audio_facts){.rate = writer.rate, .channels = writer.channels, .frames = frames.frames,
                                   .duration_s = (double)writer.written / writer.channels / (double)writer.rate};
  kr_buf_free(&bytes);
  return status;
}
