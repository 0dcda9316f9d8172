/* mpeg: see mpeg.h. */
#include "mpeg.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base.h"

enum { ID3V1 = 128, APE_FOOTER = 32 };

struct header {
  size_t length;
  unsigned samples, version, frequency;
  bool mono;
};

static uint32_t big32(const unsigned char *p)
{
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t little32(const unsigned char *p)
{
  return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* A layer III header of a known length; free format, which nobody serves, is none. */
static bool parse_header(const unsigned char *p, size_t left, struct header *out)
{
  static const unsigned rates[2][15] = {
    {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
    {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
  };
  static const unsigned frequencies[4][3] = {
    {11025, 12000, 8000}, {0, 0, 0}, {22050, 24000, 16000}, {44100, 48000, 32000},
  };
  if (left < 4 || p[0] != 0xff || (p[1] & 0xe0) != 0xe0) return false;
  unsigned version = p[1] >> 3 & 3, layer = p[1] >> 1 & 3, rate = p[2] >> 4, frequency = p[2] >> 2 & 3;
  if (layer != 1 || version == 1 || rate == 0 || rate == 15 || frequency == 3) return false;
  bool one = version == 3;
  unsigned hertz = frequencies[version][frequency];
  *out = (struct header){
    .length = (one ? 144 : 72) * rates[one][rate] * 1000 / hertz + (p[2] >> 1 & 1),
    .samples = one ? 1152 : 576, .version = version, .frequency = hertz, .mono = p[3] >> 6 == 3,
  };
  return true;
}

static size_t skip_front_tags(const unsigned char *bytes, size_t len)
{
  size_t at = 0;
  while (len - at > 10 && !memcmp(bytes + at, "ID3", 3)) {
    const unsigned char *p = bytes + at;
    size_t size = (size_t)(p[6] & 0x7f) << 21 | (size_t)(p[7] & 0x7f) << 14 | (size_t)(p[8] & 0x7f) << 7 | (p[9] & 0x7f);
    size += p[5] & 0x10 ? 20u : 10u;
    if (size > len - at) return len;
    at += size;
  }
  while (at < len && bytes[at] == 0) at++; /* padding that taggers leave */
  return at;
}

static size_t skip_back_tags(const unsigned char *bytes, size_t start, size_t end)
{
  if (end - start > ID3V1 && !memcmp(bytes + end - ID3V1, "TAG", 3)) end -= ID3V1;
  if (end - start > APE_FOOTER && !memcmp(bytes + end - APE_FOOTER, "APETAGEX", 8)) {
    const unsigned char *footer = bytes + end - APE_FOOTER;
    size_t size = little32(footer + 12) + (little32(footer + 20) & 0x80000000u ? APE_FOOTER : 0);
    if (size <= end - start) end -= size;
  }
  return end;
}

static size_t skip_zeros(const unsigned char *bytes, size_t start, size_t end)
{
  while (end > start && bytes[end - 1] == 0) end--;
  return end;
}

/* The frame that encoders put first: no sound, but how many frames follow. */
static bool is_info(const unsigned char *p, const struct header *header, size_t *announced)
{
  size_t at = 4 + (header->version == 3 ? (header->mono ? 17u : 32u) : (header->mono ? 9u : 17u));
  if (header->length < at + 12 || (memcmp(p + at, "Xing", 4) != 0 && memcmp(p + at, "Info", 4) != 0)) return false;
  if (p[at + 7] & 1) *announced = big32(p + at + 8);
  return true;
}

int kr_mpeg_walk(const unsigned char *bytes, size_t len, struct kr_mpeg *out, char *why, size_t why_size)
{
  *out = (struct kr_mpeg){0};
  size_t at = out->start = skip_front_tags(bytes, len), end = skip_back_tags(bytes, at, len);
  size_t stop = skip_zeros(bytes, at, end); /* a frame may end in zeros: only where one begins counts */
  struct header first = {0}, header;
  while (at < stop) {
    bool known = parse_header(bytes + at, end - at, &header);
    if (!known && at == out->start) {
      snprintf(why, why_size, "it is no MP3");
      return -KR_CONTENT;
    }
    if (!known || (at != out->start && (header.version != first.version || header.frequency != first.frequency))) {
      snprintf(why, why_size, "broken at byte %zu, after %zu frames", at, out->frames);
      return -KR_CONTENT;
    }
    if (header.length > end - at) {
      snprintf(why, why_size, "cut: the last frame has %zu of %zu bytes", end - at, header.length);
      return -KR_CONTENT;
    }
    if (at == out->start) first = header;
    if (at != out->start || !is_info(bytes + at, &header, &out->announced)) out->frames++;
    at += header.length;
  }
  out->end = at;
  out->samples = first.samples;
  if (!out->frames) {
    snprintf(why, why_size, "it has no sound");
    return -KR_CONTENT;
  }
  if (out->frames < out->announced) {
    snprintf(why, why_size, "cut: %zu of %zu frames", out->frames, out->announced);
    return -KR_CONTENT;
  }
  return 0;
}
