/* proc: child processes. A browser is started in a group and session of its own, with the DevTools
 * pipe on its descriptors 3 and 4, and dies when we die (PR_SET_PDEATHSIG). */
#ifndef KR_PROC_H
#define KR_PROC_H

#include <stdbool.h>
#include <sys/types.h>

#include "loop.h"

enum { KR_PROC_STDERR_LIMIT = 64 * 1024 };

struct kr_proc_spec {
  char *const *argv;                       /* argv[0] is the file, absolute or found in PATH */
  char *const *env;                        /* NULL: ours */
  const char *cwd;                         /* NULL: ours */
  bool pipe;                               /* DevTools pipe on 3 (it reads) and 4 (it writes) */
  bool capture;                            /* stdin, stdout as pipes too: kr_proc_stdin/_stdout */
};

struct kr_proc;

/* Starts it. Gives *out; on_exit is called once from the loop, status as waitpid. 0 or -KR_LAUNCH (errno in *sys). */
int kr_proc_start(struct kr_loop *loop, const struct kr_proc_spec *spec,
                  void (*on_exit)(struct kr_proc *proc, int status), void *owner, struct kr_proc **out, int *sys);
pid_t kr_proc_pid(const struct kr_proc *proc);
void *kr_proc_owner(const struct kr_proc *proc);
bool kr_proc_running(const struct kr_proc *proc);
void kr_proc_kill(struct kr_proc *proc, int signo);            /* the whole group */
/* Our ends; taken by the caller (-1 afterwards). which: 0 its stdin, 1 its stdout, 2 its stderr, 3 it reads DevTools, 4 it writes. */
int kr_proc_take_fd(struct kr_proc *proc, int which);
void kr_proc_destroy(struct kr_proc *proc);                    /* kills the group if it still runs */
void kr_proc_kill_all(void);                                   /* async-signal-safe: SIGKILL every group we started */

#endif
