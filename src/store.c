/* store: see store.h. */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { ROWS_LIMIT = 256 * 1024 * 1024 };

struct kr_store {
  sqlite3 *db;
};

void kr_rows_free(struct kr_rows *rows)
{
  for (size_t i = 0; i < rows->columns; i++) free(rows->names[i]);
  for (size_t i = 0; i < rows->count * rows->columns; i++) free(rows->cells[i].bytes);
  free(rows->names);
  free(rows->cells);
  rows->names = NULL;
  rows->cells = NULL;
  rows->columns = rows->count = rows->cap = rows->bytes = 0;
}

static int kind_of(int code)
{
  switch (code & 0xff) {
  case SQLITE_BUSY: case SQLITE_LOCKED: return KR_LOCKED;
  case SQLITE_INTERRUPT: return KR_CANCELLED;
  case SQLITE_FULL: case SQLITE_IOERR: case SQLITE_READONLY: case SQLITE_CANTOPEN: case SQLITE_PERM: return KR_DISK;
  case SQLITE_CORRUPT: case SQLITE_NOTADB: return KR_CONTENT;
  case SQLITE_TOOBIG: return KR_TOO_LARGE;
  default: return KR_USAGE;
  }
}

static int fail(struct kr_store *store, struct kr_rows *rows, int code, const char *doing, const char *sql)
{
  int kind = kind_of(code);
  const char *why = store && store->db ? sqlite3_errmsg(store->db) : sqlite3_errstr(code);
  snprintf(rows->fault, sizeof rows->fault, "%s: %s%s%.500s", doing, why, sql ? "\n  in: " : "", sql ? sql : "");
  rows->kind = kind;
  return -kind;
}

/* ---- open and close ---- */

/* Made before sqlite does, for it knows no mode; the -wal and -shm files take the file's mode. */
static int make_file(const char *path, struct kr_rows *rows)
{
  struct stat st;
  if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode)) {
    snprintf(rows->fault, sizeof rows->fault, "cannot open the database '%s': it is a link, which karun does not follow", path);
    return -(rows->kind = KR_PATH);
  }
  int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd >= 0) close(fd);
  if (fd >= 0 || errno == EEXIST) return 0;
  snprintf(rows->fault, sizeof rows->fault, "cannot open the database '%s': %s", path, strerror(errno));
  return -(rows->kind = errno == ENOENT ? KR_DISK : kr_kind_from_errno(errno));
}

int kr_store_open(const char *path, struct kr_store **out, struct kr_rows *rows)
{
  bool memory = !strcmp(path, ":memory:");
  int status = memory ? 0 : make_file(path, rows);
  if (status) return status;
  struct kr_store *store = kr_alloc(sizeof *store);
  char doing[512];
  snprintf(doing, sizeof doing, "cannot open the database '%s'", path);
  int code = sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_NOFOLLOW, NULL);
  sqlite3_extended_result_codes(store->db, 1);
  sqlite3_busy_timeout(store->db, 5000);
  /* NORMAL loses at most the last transactions on a power cut, FULL none: we promise none */
  if (!code) code = sqlite3_exec(store->db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF", NULL, NULL, NULL);
  if (!code) code = sqlite3_exec(store->db, "SELECT 1 FROM sqlite_master", NULL, NULL, NULL);
  if (code) {
    status = fail(store, rows, code, doing, NULL);
    kr_store_close(store);
    return status;
  }
  *out = store;
  return 0;
}

void kr_store_close(struct kr_store *store)
{
  if (!store) return;
  sqlite3_close_v2(store->db);
  free(store);
}

/* ---- statements ---- */

static int bind_all(sqlite3_stmt *statement, const struct kr_cell *values, size_t count)
{
  int code = SQLITE_OK;
  for (size_t i = 0; i < count && !code; i++) {
    const struct kr_cell *value = &values[i];
    int place = (int)i + 1;
    switch (value->sort) {
    case KR_CELL_NULL: code = sqlite3_bind_null(statement, place); break;
    case KR_CELL_INTEGER: code = sqlite3_bind_int64(statement, place, value->integer); break;
    case KR_CELL_FLOAT: code = sqlite3_bind_double(statement, place, value->number); break;
    case KR_CELL_TEXT: code = sqlite3_bind_text64(statement, place, value->bytes, value->len, SQLITE_STATIC, SQLITE_UTF8); break;
    case KR_CELL_BLOB: code = sqlite3_bind_blob64(statement, place, value->bytes ? value->bytes : "", value->len, SQLITE_STATIC); break;
    }
  }
  return code;
}

static void take_cell(sqlite3_stmt *statement, int column, struct kr_cell *cell)
{
  *cell = (struct kr_cell){0};
  switch (sqlite3_column_type(statement, column)) {
  case SQLITE_INTEGER:
    cell->sort = KR_CELL_INTEGER;
    cell->integer = sqlite3_column_int64(statement, column);
    return;
  case SQLITE_FLOAT:
    cell->sort = KR_CELL_FLOAT;
    cell->number = sqlite3_column_double(statement, column);
    return;
  case SQLITE_NULL: return;
  default: break;
  }
  cell->sort = sqlite3_column_type(statement, column) == SQLITE_TEXT ? KR_CELL_TEXT : KR_CELL_BLOB;
  const void *bytes = sqlite3_column_blob(statement, column);
  cell->len = (size_t)sqlite3_column_bytes(statement, column);
  cell->bytes = kr_strndup(bytes ? bytes : "", cell->len);
}

static int take_row(sqlite3_stmt *statement, struct kr_rows *rows)
{
  size_t need = (rows->count + 1) * rows->columns;
  if (need > rows->cap) {
    rows->cap = need * 2;
    rows->cells = kr_realloc(rows->cells, rows->cap * sizeof *rows->cells);
  }
  struct kr_cell *row = rows->cells + rows->count++ * rows->columns;
  for (size_t i = 0; i < rows->columns; i++) {
    take_cell(statement, (int)i, &row[i]);
    rows->bytes += row[i].len + sizeof row[i];
  }
  return rows->bytes > ROWS_LIMIT ? SQLITE_TOOBIG : SQLITE_OK;
}

static void take_names(sqlite3_stmt *statement, struct kr_rows *rows)
{
  kr_rows_free(rows); /* an earlier statement's */
  rows->columns = (size_t)sqlite3_column_count(statement);
  rows->names = kr_alloc(rows->columns * sizeof *rows->names);
  for (size_t i = 0; i < rows->columns; i++) {
    const char *name = sqlite3_column_name(statement, (int)i);
    rows->names[i] = kr_strdup(name ? name : "?");
  }
}

static int step_all(sqlite3_stmt *statement, struct kr_rows *rows)
{
  int code;
  take_names(statement, rows);
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    code = take_row(statement, rows);
    if (code) return code;
  }
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

static bool is_blank(const char *sql, const char *end)
{
  while (sql < end && (*sql == ' ' || *sql == '\n' || *sql == '\t' || *sql == '\r' || *sql == ';')) sql++;
  return sql >= end;
}

static int wrong_count(struct kr_rows *rows, int wanted, size_t given, const char *sql)
{
  snprintf(rows->fault, sizeof rows->fault, "the statement has %d place%s for values, %zu %s given\n  in: %.500s", wanted,
           wanted == 1 ? "" : "s", given, given == 1 ? "was" : "were", sql);
  return -(rows->kind = KR_USAGE);
}

struct patience {
  const atomic_bool *stop;
  double until;
};

static double now_s(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Another connection writes. SQLite tells nobody when it is done: growing pauses, on the pool's thread. */
static int on_busy(void *arg, int tries)
{
  const struct patience *patience = arg;
  if (atomic_load(patience->stop) || now_s() >= patience->until) return 0;
  struct timespec pause = {.tv_nsec = (tries < 10 ? 1 + 2 * tries : 25) * 1000000L};
  nanosleep(&pause, NULL);
  return 1;
}

/* One statement at *at; *at moves behind it. values only for the last one. */
static int run_one(struct kr_store *store, const char *sql, const char **at, const char *end, const struct kr_cell *values,
                   size_t count, struct kr_rows *rows)
{
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2(store->db, *at, (int)(end - *at), &statement, at);
  if (code) return fail(store, rows, code, "the database refused a statement", sql);
  if (!statement) return 0; /* a comment */
  bool last = is_blank(*at, end);
  int places = sqlite3_bind_parameter_count(statement), status = 0;
  if ((size_t)places != (last ? count : 0)) {
    status = wrong_count(rows, places, last ? count : 0, sql);
  } else {
    if (last) code = bind_all(statement, values, count);
    if (!code) code = step_all(statement, rows);
    if (code) status = fail(store, rows, code, "the database refused a statement", sql);
  }
  sqlite3_finalize(statement);
  return status;
}

int kr_store_run(struct kr_store *store, const char *sql, size_t len, const struct kr_cell *values, size_t count,
                 double busy, const atomic_bool *stop, struct kr_rows *rows)
{
  const char *end = sql + len, *at = sql;
  struct patience patience = {stop, now_s() + busy};
  sqlite3_busy_handler(store->db, on_busy, &patience);
  int64_t before = sqlite3_total_changes64(store->db);
  int status = 0;
  while (!status && !is_blank(at, end)) status = run_one(store, sql, &at, end, values, count, rows);
  rows->changes = sqlite3_total_changes64(store->db) - before;
  rows->last_id = sqlite3_last_insert_rowid(store->db);
  sqlite3_busy_handler(store->db, NULL, NULL);
  return status;
}

void kr_store_interrupt(struct kr_store *store)
{
  sqlite3_interrupt(store->db);
}

bool kr_store_in_transaction(struct kr_store *store)
{
  return !sqlite3_get_autocommit(store->db);
}
