/* file, hold, name: whole or absent, whatever happens. */
#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "file.h"
#include "hold.h"
#include "name.h"

static char folder[64];

static const char *in_folder(const char *name)
{
  static char path[256];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static int make_folder(void **state)
{
  (void)state;
  strcpy(folder, "/tmp/karun-ctest-XXXXXX");
  return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
  (void)state;
  struct kr_fault fault = {0};
  return kr_file_remove(folder, true, false, &fault);
}

static int entries(void)
{
  DIR *dir = opendir(folder);
  int n = 0;
  for (struct dirent *entry; (entry = readdir(dir));) n += entry->d_name[0] != '.' || entry->d_name[1] == 'k';
  closedir(dir);
  return n;
}

static void read_back(const char *path, struct kr_buf *out)
{
  struct kr_fault fault = {0};
  *out = KR_BUF_INIT(1 << 20);
  assert_int_equal(kr_file_read(path, out, NULL, &fault), 0);
}

static void a_full_disk_leaves_the_old_file(void **state)
{
  (void)state;
  struct kr_fault fault = {0};
  struct rlimit before, small = {4096, 4096};
  char *big = kr_alloc(100000);
  const char *path = in_folder("a");
  assert_int_equal(kr_file_write(path, "old", 3, 0, true, NULL, &fault), 0);
  signal(SIGXFSZ, SIG_IGN);
  getrlimit(RLIMIT_FSIZE, &before);
  small.rlim_max = before.rlim_max;
  setrlimit(RLIMIT_FSIZE, &small);
  int written = kr_file_write(path, big, 100000, 0, true, NULL, &fault);
  setrlimit(RLIMIT_FSIZE, &before);
  assert_int_equal(written, -KR_DISK);
  assert_non_null(strstr(fault.text, path));
  struct kr_buf out;
  read_back(path, &out);
  assert_int_equal(out.len, 3);
  kr_buf_free(&out);
  assert_int_equal(entries(), 1);
  free(big);
}

/* Killed at any moment: one content or the other, never a mixture, and nothing beside it. */
static void a_killed_writer_leaves_a_whole_file(void **state)
{
  (void)state;
  enum { SIZE = 200000 };
  const char *path = in_folder("k");
  char *content = kr_alloc(SIZE);
  for (int round = 0; round < 20; round++) {
    pid_t child = fork();
    if (child == 0) {
      struct kr_fault fault = {0};
      for (char c = 'a';; c = c == 'a' ? 'b' : 'a') {
        memset(content, c, SIZE);
        if (kr_file_write(path, content, SIZE, 0, true, NULL, &fault)) _exit(1);
      }
    }
    usleep(1000 + (useconds_t)round * 700);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    if (access(path, F_OK)) continue;
    struct kr_buf out;
    read_back(path, &out);
    assert_int_equal(out.len, SIZE);
    for (size_t i = 1; i < out.len; i++)
      if (out.data[i] != out.data[0]) fail_msg("mixed at %zu", i);
    kr_buf_free(&out);
    kr_hold_sweep(folder); /* the name between link and rename, if it fell just there */
    assert_int_equal(entries(), 1);
  }
  free(content);
}

static void a_sweep_takes_only_what_nobody_holds(void **state)
{
  (void)state;
  struct kr_fault fault = {0};
  struct kr_hold *held = NULL, *part = NULL;
  int ready[2];
  assert_int_equal(pipe(ready), 0);
  pid_t child = fork();
  if (child == 0) {
    struct kr_hold *own = NULL, *own_part = NULL, *lock = NULL;
    if (kr_hold_temp(folder, &own, &fault) || kr_hold_part(folder, &own_part, &fault) || kr_hold_lock(in_folder("l"), &lock, &fault)) _exit(1);
    char inside[256];
    snprintf(inside, sizeof inside, "%s/deep", kr_hold_path(own));
    kr_file_mkdir(inside, 0, &fault);
    if (write(ready[1], "x", 1) != 1) _exit(1);
    pause();
  }
  char byte;
  assert_int_equal(read(ready[0], &byte, 1), 1);
  struct kr_hold *lock = NULL;
  assert_int_equal(kr_hold_lock(in_folder("l"), &lock, &fault), -KR_LOCKED);
  assert_int_equal(fault.pid, child);
  kr_hold_sweep(folder);
  assert_int_equal(entries(), 3);
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  assert_int_equal(kr_hold_temp(folder, &held, &fault), 0);
  assert_int_equal(kr_hold_part(folder, &part, &fault), 0);
  kr_hold_sweep(folder);
  assert_int_equal(entries(), 3); /* ours, and the lock file */
  assert_int_equal(kr_hold_lock(in_folder("l"), &lock, &fault), 0);
  assert_int_equal(kr_hold_lock(in_folder("l"), &lock, &fault), -KR_LOCKED);
  assert_int_equal(fault.pid, getpid());
  kr_hold_drop(lock);
  kr_hold_drop(held);
  kr_hold_drop(part);
  close(ready[0]);
  close(ready[1]);
  assert_int_equal(entries(), 1); /* a lock file that was there before stays: it may be a person's */
}

static void links_are_not_followed(void **state)
{
  (void)state;
  struct kr_fault fault = {0};
  char target[256];
  snprintf(target, sizeof target, "%s", in_folder("real"));
  assert_int_equal(kr_file_write(target, "r", 1, 0, true, NULL, &fault), 0);
  assert_int_equal(symlink("real", in_folder("link")), 0);
  assert_int_equal(kr_file_write(in_folder("link"), "x", 1, 0, true, NULL, &fault), -KR_PATH);
  assert_int_equal(kr_file_append(in_folder("link"), "x", 1, 0, &fault), -KR_PATH);
  char link[256];
  snprintf(link, sizeof link, "%s", in_folder("link"));
  assert_int_equal(kr_file_move(target, link, true, NULL, &fault), -KR_PATH);
  struct kr_hold *lock = NULL;
  assert_int_equal(kr_hold_lock(link, &lock, &fault), -KR_PATH);
}

static void any_bytes_become_a_harmless_name(void **state)
{
  (void)state;
  srand(7);
  for (int round = 0; round < 20000; round++) {
    char text[300];
    size_t len = (size_t)rand() % sizeof text;
    for (size_t i = 0; i < len; i++) text[i] = (char)(round % 2 ? rand() % 256 : " ./\\-CONaux1:*\"\xcc\x81" [rand() % 18]);
    char *name = kr_name_safe(text, len, KR_NAME_LIMIT);
    if (!name) continue;
    size_t size = strlen(name);
    assert_in_range(size, 1, KR_NAME_LIMIT);
    assert_null(strpbrk(name, "/\\<>:\"|?*\n\t"));
    assert_null(strchr(".- ", name[0]));
    assert_null(strchr(". ", name[size - 1]));
    char *again = kr_name_safe(name, size, KR_NAME_LIMIT);
    assert_string_equal(again, name);
    free(again);
    free(name);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(a_full_disk_leaves_the_old_file, make_folder, remove_folder),
    cmocka_unit_test_setup_teardown(a_killed_writer_leaves_a_whole_file, make_folder, remove_folder),
    cmocka_unit_test_setup_teardown(a_sweep_takes_only_what_nobody_holds, make_folder, remove_folder),
    cmocka_unit_test_setup_teardown(links_are_not_followed, make_folder, remove_folder),
    cmocka_unit_test(any_bytes_become_a_harmless_name),
  };
  return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
