/* store: a database file and its statements. A statement lives as long as one call: all its rows are
 * taken at once, so that no lock and no half-read cursor outlives it. Every call may block (another
 * process writes, the disk syncs) and belongs in the thread pool, one at a time for each database.
 * The only file that knows sqlite3. */
#ifndef KR_STORE_H
#define KR_STORE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base.h"

struct kr_store;

enum kr_cell_sort { KR_CELL_NULL, KR_CELL_INTEGER, KR_CELL_FLOAT, KR_CELL_TEXT, KR_CELL_BLOB };

/* One value, in or out. Bytes are NUL-terminated where they come from a result. */
struct kr_cell {
  enum kr_cell_sort sort;
  int64_t integer;
  double number;
  char *bytes;
  size_t len;
};

/* What a statement gave. Zero it before; kr_rows_free after. */
struct kr_rows {
  size_t columns, count;
  char **names;                            /* [columns] */
  struct kr_cell *cells;                   /* [count * columns], row after row */
  size_t cap, bytes;
  int64_t changes, last_id;
  int kind;                                /* after a failure */
  char fault[768];
};
void kr_rows_free(struct kr_rows *rows);

/* A new file is 0600. Text for fault is in rows->fault. path is borrowed; ":memory:" is in memory. */
int kr_store_open(const char *path, struct kr_store **out, struct kr_rows *rows);
void kr_store_close(struct kr_store *store); /* NULL is fine */
/* Runs all statements of sql; the values are for the last; the rows are the last's. busy: seconds to
 * wait for another's lock, then KR_LOCKED; the wait ends early once stop is true. */
int kr_store_run(struct kr_store *store, const char *sql, size_t len, const struct kr_cell *values, size_t count,
                 double busy, const atomic_bool *stop, struct kr_rows *rows);
void kr_store_interrupt(struct kr_store *store); /* from another thread: the running statement ends */
bool kr_store_in_transaction(struct kr_store *store);

#endif
