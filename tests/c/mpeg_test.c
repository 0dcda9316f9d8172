/* mpeg: every way to be cut or broken is told, and no bytes lead it astray. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "mpeg.h"

enum { FRAME = 417, FRAMES = 10 };         /* 128 kbit/s at 44.1 kHz, no padding */

static size_t make_frames(unsigned char *out, int info_frames)
{
  memset(out, 0, FRAME * FRAMES);
  for (int i = 0; i < FRAMES; i++) memcpy(out + i * FRAME, "\xff\xfb\x90\x00", 4);
  if (info_frames) {
    memcpy(out + 4 + 32, "Xing\0\0\0\1", 8);
    out[4 + 32 + 11] = (unsigned char)info_frames;
  }
  return FRAME * FRAMES;
}

static int walk(const unsigned char *bytes, size_t len, struct kr_mpeg *out)
{
  char why[128];
  unsigned char *exact = malloc(len ? len : 1); /* so that a read too far is caught */
  memcpy(exact, bytes, len);
  int status = kr_mpeg_walk(exact, len, out, why, sizeof why);
  free(exact);
  return status;
}

static void whole_files_with_and_without_tags(void **state)
{
  (void)state;
  unsigned char bytes[FRAME * FRAMES + 1000] = {0};
  struct kr_mpeg out;
  size_t len = make_frames(bytes, 0);
  assert_int_equal(walk(bytes, len, &out), 0);
  assert_int_equal(out.frames, FRAMES);
  assert_int_equal(out.end, len);
  assert_int_equal(out.samples, 1152);
  assert_int_equal(walk(bytes, len + 100, &out), 0); /* padded with zeros */
  assert_int_equal(out.end, len);
  memcpy(bytes + len, "TAG", 3);
  assert_int_equal(walk(bytes, len + 128, &out), 0);
  assert_int_equal(out.end, len);
  unsigned char tagged[sizeof bytes + 100] = "ID3\4\0\0\0\0\0\x32";
  memcpy(tagged + 10 + 0x32, bytes, len);
  assert_int_equal(walk(tagged, len + 10 + 0x32, &out), 0);
  assert_int_equal(out.start, 10 + 0x32);
  assert_int_equal(out.frames, FRAMES);
}

static void every_cut_is_told(void **state)
{
  (void)state;
  unsigned char bytes[FRAME * FRAMES];
  struct kr_mpeg out;
  size_t len = make_frames(bytes, FRAMES - 1);
  assert_int_equal(walk(bytes, len, &out), 0);
  assert_int_equal(out.frames, FRAMES - 1);
  for (size_t cut = 0; cut < len; cut++) assert_int_equal(walk(bytes, cut, &out), -KR_CONTENT);
}

static void any_bytes_are_survived(void **state)
{
  (void)state;
  unsigned char bytes[FRAME * FRAMES];
  struct kr_mpeg out;
  srand(3);
  for (int round = 0; round < 20000; round++) {
    size_t len = make_frames(bytes, round % 20);
    for (int i = 0; i < 6; i++) bytes[(size_t)rand() % (round % 2 ? 64 : len)] = (unsigned char)rand();
    if (round % 3 == 0) memcpy(bytes + len - 32, "APETAGEX", 8);
    if (walk(bytes, len - (size_t)rand() % 64, &out) == 0) assert_in_range(out.end, out.start, len);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(whole_files_with_and_without_tags),
    cmocka_unit_test(every_cut_is_told),
    cmocka_unit_test(any_bytes_are_survived),
  };
  return cmocka_run_group_tests_name("mpeg", tests, NULL, NULL);
}
