/* file: files as they must be handled when a run can be killed at any moment. Whole or absent: data
 * goes to a temporary name beside the target, is synced, then takes the target's name. A link at a
 * target or as its folder is never followed (KR_PATH).
 * Every function here may block, and may be called from the thread pool; none touches the loop. */
#ifndef KR_FILE_H
#define KR_FILE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base.h"
#include "sha256.h"

/* stop, where taken, may be NULL; once true the work ends early with KR_CANCELLED. */
int kr_file_read(const char *path, struct kr_buf *out, const atomic_bool *stop, struct kr_fault *fault);
/* mode 0: what the umask leaves of 0666. replace false: KR_FILE when something stands there. */
int kr_file_write(const char *path, const void *bytes, size_t len, mode_t mode, bool replace, const atomic_bool *stop,
                  struct kr_fault *fault);
int kr_file_append(const char *path, const void *bytes, size_t len, mode_t mode, struct kr_fault *fault);
int kr_file_copy(const char *from, const char *to, bool replace, const atomic_bool *stop, struct kr_fault *fault);
/* A rename where that can be; across file systems a copy, then the source goes. */
int kr_file_move(const char *from, const char *to, bool replace, const atomic_bool *stop, struct kr_fault *fault);
int kr_file_remove(const char *path, bool recursive, bool missing_ok, struct kr_fault *fault);
int kr_file_mkdir(const char *path, mode_t mode, struct kr_fault *fault); /* with parents; there already is right */
int kr_file_sha256(const char *path, char hex[KR_SHA256_HEX], const atomic_bool *stop, struct kr_fault *fault);
int kr_file_same(const char *a, const char *b, bool *same, const atomic_bool *stop, struct kr_fault *fault);
int kr_file_sync(const char *path, struct kr_fault *fault);
int kr_file_free_space(const char *path, double *bytes, struct kr_fault *fault);

#endif
