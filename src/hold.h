/* hold: what a run holds while it lives and must not leave behind: a lock, a private temporary
 * folder, a part of a file to be. Each is kept by flock, which ends with the process however that
 * ends: what can be locked was left by a killed run, and the next start sweeps it away. No pid is
 * trusted, so a reused pid or another container's run does no harm. */
#ifndef KR_HOLD_H
#define KR_HOLD_H

#include "file.h"

struct kr_hold;

/* A lock file (made 0600, and removed with the lock if it was made). KR_LOCKED with fault->pid. */
int kr_hold_lock(const char *path, struct kr_hold **out, struct kr_fault *fault);
/* A new folder, 0700, in base (NULL: $TMPDIR or /tmp). Dropping it removes it with all in it. */
int kr_hold_temp(const char *base, struct kr_hold **out, struct kr_fault *fault);
/* A new file, 0600, in folder, open for writing. Dropping it removes it, unless it was moved away. */
int kr_hold_part(const char *folder, struct kr_hold **out, struct kr_fault *fault);
/* Removes the temporary folders (base NULL: as above) or parts that killed runs left there. */
void kr_hold_sweep(const char *base);

const char *kr_hold_path(const struct kr_hold *hold);
int kr_hold_fd(const struct kr_hold *hold);
int kr_hold_truncate(struct kr_hold *hold, struct kr_fault *fault); /* a part begins anew */
void kr_hold_drop(struct kr_hold *hold);   /* NULL is fine */

#endif
