/* store: one call, one statement's life; another writer is waited for, but not by one who gave up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include <cmocka.h>

#include "file.h"
#include "store.h"

static char folder[64], path[128];
static const atomic_bool go_on;

static int make_folder(void **state)
{
  (void)state;
  strcpy(folder, "/tmp/karun-ctest-XXXXXX");
  if (!mkdtemp(folder)) return -1;
  snprintf(path, sizeof path, "%s/a.db", folder);
  return 0;
}

static int remove_folder(void **state)
{
  (void)state;
  struct kr_fault fault = {0};
  return kr_file_remove(folder, true, false, &fault);
}

static struct kr_store *open_store(void)
{
  struct kr_store *store = NULL;
  struct kr_rows rows = {0};
  assert_int_equal(kr_store_open(path, &store, &rows), 0);
  kr_rows_free(&rows);
  return store;
}

static int run(struct kr_store *store, const char *sql, const struct kr_cell *values, size_t count, double busy,
               const atomic_bool *stop)
{
  struct kr_rows rows = {0};
  int status = kr_store_run(store, sql, strlen(sql), values, count, busy, stop, &rows);
  if (status) assert_true(rows.fault[0]);
  kr_rows_free(&rows);
  return status;
}

static void values_there_and_back(void **state)
{
  (void)state;
  umask(0);
  struct kr_store *store = open_store();
  umask(022);
  struct stat st;
  assert_int_equal(stat(path, &st), 0);
  assert_int_equal(st.st_mode & 0777, 0600);
  struct kr_cell values[] = {
    {.sort = KR_CELL_INTEGER, .integer = INT64_MIN}, {.sort = KR_CELL_FLOAT, .number = 0.1},
    {.sort = KR_CELL_TEXT, .bytes = (char[]){"t\0t"}, .len = 3}, {.sort = KR_CELL_BLOB, .len = 0}, {.sort = KR_CELL_NULL},
  };
  assert_int_equal(run(store, "CREATE TABLE t (a, b, c, d, e)", NULL, 0, 1, &go_on), 0);
  assert_int_equal(run(store, "INSERT INTO t VALUES (?, ?, ?, ?, ?)", values, 5, 1, &go_on), 0);
  struct kr_rows rows = {0};
  const char *sql = "SELECT 1; SELECT * FROM t";
  assert_int_equal(kr_store_run(store, sql, strlen(sql), NULL, 0, 1, &go_on, &rows), 0);
  assert_int_equal(rows.count, 1);
  assert_int_equal(rows.columns, 5);
  assert_true(rows.cells[0].integer == INT64_MIN && rows.cells[1].number == 0.1);
  assert_int_equal(rows.cells[2].len, 3);
  assert_int_equal(rows.cells[3].sort, KR_CELL_BLOB);
  assert_int_equal(rows.cells[4].sort, KR_CELL_NULL);
  kr_rows_free(&rows);
  assert_int_equal(run(store, "SELEC", NULL, 0, 1, &go_on), -KR_USAGE);
  assert_int_equal(run(store, "SELECT ?", NULL, 0, 1, &go_on), -KR_USAGE);
  kr_store_close(store);
}

static void give_up(void *stop)
{
  usleep(20000);
  atomic_store((atomic_bool *)stop, true);
}

static void another_writer(void **state)
{
  (void)state;
  struct kr_store *one = open_store(), *two = open_store();
  atomic_bool stop = false;
  uv_thread_t thread;
  assert_int_equal(run(one, "CREATE TABLE t (a)", NULL, 0, 1, &go_on), 0);
  assert_int_equal(run(one, "BEGIN IMMEDIATE", NULL, 0, 1, &go_on), 0);
  assert_true(kr_store_in_transaction(one));
  assert_int_equal(run(two, "INSERT INTO t VALUES (1)", NULL, 0, 0.02, &go_on), -KR_LOCKED);
  uv_thread_create(&thread, give_up, &stop);
  assert_int_equal(run(two, "INSERT INTO t VALUES (1)", NULL, 0, 3600, &stop), -KR_LOCKED);
  uv_thread_join(&thread);
  assert_int_equal(run(one, "COMMIT", NULL, 0, 1, &go_on), 0);
  assert_int_equal(run(two, "INSERT INTO t VALUES (1)", NULL, 0, 1, &go_on), 0);
  kr_store_close(one);
  kr_store_close(two);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(values_there_and_back, make_folder, remove_folder),
    cmocka_unit_test_setup_teardown(another_writer, make_folder, remove_folder),
  };
  return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
