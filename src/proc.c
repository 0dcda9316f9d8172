/* proc: see proc.h. Own fork, since uv_spawn has no place for prctl. */
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"

enum { ENDS = 5, MAX_PROCS = 64 };

struct kr_proc {
  struct kr_loop *loop;
  struct kr_proc *next;
  pid_t pid;
  bool running;
  int fd[ENDS];
  void (*on_exit)(struct kr_proc *, int);
  void *owner;
};

/* Every process of ours, for SIGCHLD and for the end. The table is read in a signal handler. */
static struct kr_proc *procs;
static volatile pid_t groups[MAX_PROCS];
static uv_signal_t child_signal;
static struct kr_loop *watched;              /* the loop that child_signal hangs on; closed with it */

static void remember(pid_t pid, pid_t becomes)
{
  for (int i = 0; i < MAX_PROCS; i++)
    if (groups[i] == pid) { groups[i] = becomes; return; }
}

void kr_proc_kill_all(void)
{
  for (int i = 0; i < MAX_PROCS; i++)
    if (groups[i] > 0) kill(-groups[i], SIGKILL);
}

static void reap(struct kr_proc *proc)
{
  int status = 0;
  if (!proc->running || waitpid(proc->pid, &status, WNOHANG) != proc->pid) return;
  proc->running = false;
  /* its helpers may outlive the leader for a moment: the group goes with it */
  kill(-proc->pid, SIGKILL);
  remember(proc->pid, 0);
  if (proc->on_exit) proc->on_exit(proc, status);
}

static void on_child(uv_signal_t *handle, int signo)
{
  (void)handle;
  (void)signo;
  for (struct kr_proc *proc = procs, *next; proc; proc = next) {
    next = proc->next;
    reap(proc);
  }
}

static void watch_children(struct kr_loop *loop)
{
  if (watched == loop) return;
  uv_signal_init(kr_loop_uv(loop), &child_signal);
  uv_signal_start(&child_signal, on_child, SIGCHLD);
  uv_unref((uv_handle_t *)&child_signal);
  watched = loop;
}

/* Between fork and exec: async-signal-safe calls only. Never returns. */
static void run_child(const struct kr_proc_spec *spec, const int *theirs, int report, pid_t parent)
{
  setsid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  /* first out of the way of 0..4, then into place */
  int moved[ENDS];
  for (int i = 0; i < ENDS; i++) moved[i] = theirs[i] >= 0 ? fcntl(theirs[i], F_DUPFD, 10) : -1;
  for (int i = 0; i < ENDS; i++)
    if (moved[i] >= 0) { dup2(moved[i], i); close(moved[i]); }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGPIPE, SIG_DFL);
  if (spec->cwd && chdir(spec->cwd)) goto failed;
  if (spec->env) execvpe(spec->argv[0], spec->argv, spec->env);
  else execvp(spec->argv[0], spec->argv);
failed:;
  int err = errno;
  ssize_t ignored = write(report, &err, sizeof err);
  (void)ignored;
  _exit(127);
}

static int open_ends(const struct kr_proc_spec *spec, int *ours, int *theirs)
{
  static const bool we_write[ENDS] = {true, false, false, true, false};
  for (int i = 0; i < ENDS; i++) {
    bool wanted = i == 2 || (i < 2 && spec->capture) || (i > 2 && spec->pipe);
    int ends[2];
    if (!wanted) {
      if (i < 2 && (theirs[i] = open("/dev/null", O_RDWR | O_CLOEXEC)) < 0) return -errno;
      continue;
    }
    if (pipe2(ends, O_CLOEXEC)) return -errno;
    ours[i] = ends[we_write[i] ? 1 : 0];
    theirs[i] = ends[we_write[i] ? 0 : 1];
  }
  return 0;
}

static void close_fds(int *fds, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    if (fds[i] >= 0) close(fds[i]);
    fds[i] = -1;
  }
}

int kr_proc_start(struct kr_loop *loop, const struct kr_proc_spec *spec,
                  void (*on_exit)(struct kr_proc *, int), void *owner, struct kr_proc **out, int *sys)
{
  int err = -KR_LAUNCH, theirs[ENDS] = {-1, -1, -1, -1, -1}, report[2] = {-1, -1};
  struct kr_proc *proc = kr_alloc(sizeof *proc);
  *proc = (struct kr_proc){.loop = loop, .fd = {-1, -1, -1, -1, -1}, .on_exit = on_exit, .owner = owner};
  *sys = -open_ends(spec, proc->fd, theirs);
  if (*sys) goto out;
  if (pipe2(report, O_CLOEXEC)) { *sys = errno; goto out; }
  watch_children(loop);
  pid_t parent = getpid();
  proc->pid = fork();
  if (proc->pid < 0) { *sys = errno; goto out; }
  if (proc->pid == 0) run_child(spec, theirs, report[1], parent);
  close(report[1]);
  report[1] = -1;
  if (read(report[0], sys, sizeof *sys) == (ssize_t)sizeof *sys) { /* exec failed */
    waitpid(proc->pid, NULL, 0);
    goto out;
  }
  remember(0, proc->pid);
  proc->running = true;
  proc->next = procs;
  procs = proc;
  *out = proc;
  err = 0;
out:
  close_fds(theirs, ENDS);
  close_fds(report, 2);
  if (err) {
    close_fds(proc->fd, ENDS);
    free(proc);
  }
  return err;
}

pid_t kr_proc_pid(const struct kr_proc *proc) { return proc->pid; }
void *kr_proc_owner(const struct kr_proc *proc) { return proc->owner; }
bool kr_proc_running(const struct kr_proc *proc) { return proc->running; }

void kr_proc_kill(struct kr_proc *proc, int signo)
{
  if (proc->running) kill(-proc->pid, signo);
}

int kr_proc_take_fd(struct kr_proc *proc, int which)
{
  int fd = proc->fd[which];
  proc->fd[which] = -1;
  return fd;
}

void kr_proc_destroy(struct kr_proc *proc)
{
  if (!proc) return;
  if (proc->running) {
    proc->on_exit = NULL;
    kill(-proc->pid, SIGKILL);
    waitpid(proc->pid, NULL, 0); /* SIGKILL: milliseconds */
    remember(proc->pid, 0);
    proc->running = false;
  }
  close_fds(proc->fd, ENDS);
  for (struct kr_proc **link = &procs; *link; link = &(*link)->next)
    if (*link == proc) { *link = proc->next; break; }
  free(proc);
}
