/* base: the ground every file stands on. Error kinds, checked allocation, a byte buffer with a
 * ceiling, log lines with secrets masked. Knows nobody. */
#ifndef KR_BASE_H
#define KR_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The closed list of error kinds (docs/guide.md, "Errors"). C functions return 0 or -KR_<KIND>. */
#define KR_KINDS(X) \
  X(TIMEOUT, "timeout") X(NOT_FOUND, "not_found") X(AMBIGUOUS, "ambiguous") X(SELECTOR, "selector") \
  X(HIDDEN, "hidden") X(COVERED, "covered") X(DISABLED, "disabled") X(UNSTABLE, "unstable") \
  X(STALE, "stale") X(NOT_APPLIED, "not_applied") X(NAVIGATION, "navigation") X(NET, "net") \
  X(HTTP, "http") X(SCRIPT, "script") X(DIALOG, "dialog") X(PAGE_CLOSED, "page_closed") \
  X(PAGE_CRASHED, "page_crashed") X(FRAME_DETACHED, "frame_detached") \
  X(CONTEXT_LOST, "context_lost") X(LAUNCH, "launch") X(BROWSER_GONE, "browser_gone") \
  X(PROFILE_LOCKED, "profile_locked") X(PROTOCOL, "protocol") X(UNSUPPORTED, "unsupported") \
  X(TOO_LARGE, "too_large") X(NO_DOWNLOAD, "no_download") X(INCOMPLETE, "incomplete") \
  X(STALLED, "stalled") X(CONTENT, "content") X(DUPLICATE_CONTENT, "duplicate_content") \
  X(WRONG_MIX, "wrong_mix") X(AUTH, "auth") X(LOGIN_NEEDED, "login_needed") \
  X(NOT_PURCHASED, "not_purchased") X(HUMAN_NEEDED, "human_needed") \
  X(RATE_LIMITED, "rate_limited") X(FILE, "file") X(DISK, "disk") X(PATH, "path") \
  X(LOCKED, "locked") X(USAGE, "usage") X(CONFIG, "config") X(INTERRUPTED, "interrupted") \
  X(CANCELLED, "cancelled") X(LIMIT, "limit") X(DEADLOCK, "deadlock") X(INTERNAL, "internal")

enum kr_kind {
  KR_OK = 0,
#define KR_KIND_ENUM(id, name) KR_##id,
  KR_KINDS(KR_KIND_ENUM)
#undef KR_KIND_ENUM
  KR_KIND_COUNT
};

const char *kr_kind_name(int kind);      /* "timeout"; takes KR_X or -KR_X */
int kr_kind_from_name(const char *name); /* KR_X, or 0 for an unknown name */
int kr_kind_from_errno(int err);         /* FILE, PATH or DISK for a failed file operation */

/* What went wrong, in words. text is whole sentences for a person: what was tried, what was seen. */
struct kr_fault {
  int kind;                                /* KR_<KIND>, 0: nothing */
  long pid;                                /* the holder, for KR_LOCKED; 0: not known */
  char text[768];
};
/* Fills fault; returns -kind. */
int kr_fault_set(struct kr_fault *fault, int kind, const char *format, ...) __attribute__((format(printf, 3, 4)));

void *kr_alloc(size_t size);             /* zeroed; ends the process when memory is out */
void *kr_realloc(void *ptr, size_t size);
char *kr_strdup(const char *text);
char *kr_strndup(const char *text, size_t len);

/* A growing byte buffer with a ceiling given at birth; always NUL-terminated once it has data. */
struct kr_buf {
  char *data;
  size_t len, cap, limit;
};
#define KR_BUF_INIT(max) ((struct kr_buf){NULL, 0, 0, (max)})
int kr_buf_add(struct kr_buf *buf, const void *bytes, size_t len); /* 0 or -KR_TOO_LARGE */
int kr_buf_reserve(struct kr_buf *buf, size_t more);
void kr_buf_restart(struct kr_buf *buf);  /* empties it for the next text; memory above 1 MB is given back */
void kr_buf_free(struct kr_buf *buf);

enum kr_level { KR_LOG_ERROR, KR_LOG_WARN, KR_LOG_INFO, KR_LOG_DEBUG, KR_LOG_TRACE };
void kr_log_level(enum kr_level max);    /* what reaches the screen */
void kr_log_json(bool json);              /* each line one JSON object (--progress=json) */
void kr_log_say(const char *text);        /* as kr_log, from a signal handler: a plain short text, whatever the level */
void kr_log(enum kr_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Borrows text (UTF-8, len bytes): from now on it is replaced by *** wherever kr_mask looks. */
void kr_secret_add(const char *text, size_t len);
/* Gives a malloc'd copy of text with every secret replaced; *out_len its length. NULL: nothing to mask. */
char *kr_mask(const char *text, size_t len, size_t *out_len);

#endif
