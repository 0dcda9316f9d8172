/* hold: see hold.h. */
#include "hold.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMP_PREFIX "karun-temp-"
#define PART_PREFIX ".karun-part-"

enum hold_sort { LOCK, TEMP, PART };

struct kr_hold {
  enum hold_sort sort;
  int fd;
  bool made;                       /* the lock file was not there before */
  dev_t dev;
  ino_t ino;
  char *path;
  struct kr_hold *next;            /* locks only, see locks */
};

/* The locks of this process. POSIX locks, which tell the holder's pid, end when any descriptor of
 * the file is closed: a second try from here must not open the file at all. */
static struct kr_hold *locks;

static int hold_fault(struct kr_fault *fault, const char *doing, const char *path, int err)
{
  char why[128] = "";
  int kind = err == ENOENT || err == ENOTDIR || err == EISDIR ? KR_DISK : kr_kind_from_errno(err);
  return kr_fault_set(fault, kind, "cannot %s '%s': %s", doing, path, strerror_r(err, why, sizeof why));
}

static bool still_there(const struct kr_hold *hold)
{
  struct stat st;
  return lstat(hold->path, &st) == 0 && st.st_dev == hold->dev && st.st_ino == hold->ino;
}

static void know_file(struct kr_hold *hold)
{
  struct stat st;
  if (fstat(hold->fd, &st) < 0) return;
  hold->dev = st.st_dev;
  hold->ino = st.st_ino;
}

/* Locked, and still what stands at its path: a sweep or a release may have removed it in between. */
static bool take(struct kr_hold *hold)
{
  know_file(hold);
  return flock(hold->fd, LOCK_EX | LOCK_NB) == 0 && still_there(hold);
}

/* ---- locks ---- */

static const char OWN_LOCK[] = ".karun.lock"; /* file.lua's name for the lock of a folder */

static int locked_fault(struct kr_fault *fault, const char *path, long pid)
{
  fault->pid = pid;
  if (pid == (long)getpid())
    return kr_fault_set(fault, KR_LOCKED, "'%s' is locked already by this run (process %ld)", path, pid);
  if (pid > 0) return kr_fault_set(fault, KR_LOCKED, "'%s' is locked by another run (process %ld)", path, pid);
  return kr_fault_set(fault, KR_LOCKED, "'%s' is locked by another run", path);
}

static bool locked_here(const char *path)
{
  struct stat st;
  if (stat(path, &st) < 0) return false;
  for (const struct kr_hold *lock = locks; lock; lock = lock->next)
    if (lock->dev == st.st_dev && lock->ino == st.st_ino) return true;
  return false;
}

static struct flock whole_file(void)
{
  return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
}

static int open_lock(struct kr_hold *hold)
{
  do {
    hold->fd = open(hold->path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    hold->made = hold->fd >= 0;
    if (hold->fd >= 0 || errno != EEXIST) return hold->fd;
    hold->fd = open(hold->path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  } while (hold->fd < 0 && errno == ENOENT); /* removed in between: its holder has just let go */
  return hold->fd;
}

int kr_hold_lock(const char *path, struct kr_hold **out, struct kr_fault *fault)
{
  if (locked_here(path)) return locked_fault(fault, path, (long)getpid());
  struct kr_hold *hold = kr_alloc(sizeof *hold);
  *hold = (struct kr_hold){.sort = LOCK, .fd = -1, .path = kr_strdup(path)};
  int status = 0;
  for (;;) {
    if (open_lock(hold) < 0) {
      status = hold_fault(fault, "lock", path, errno);
      break;
    }
    if (take(hold)) break;
    struct flock who = whole_file();
    bool removed = !still_there(hold); /* the holder has just let go: try again on the new file */
    if (!removed) status = locked_fault(fault, path, fcntl(hold->fd, F_GETLK, &who) == 0 && who.l_type != F_UNLCK ? who.l_pid : 0);
    close(hold->fd);
    hold->fd = -1;
    if (!removed) break;
  }
  if (status) {
    free(hold->path);
    free(hold);
    return status;
  }
  const char *name = strrchr(path, '/');
  if (strcmp(name ? name + 1 : path, OWN_LOCK) == 0) hold->made = true; /* left by a killed run: ours to remove */
  struct flock mine = whole_file();
  (void)fcntl(hold->fd, F_SETLK, &mine); /* only to be asked for our pid; flock is what holds */
  hold->next = locks;
  locks = hold;
  *out = hold;
  return 0;
}

static void forget_lock(struct kr_hold *hold)
{
  for (struct kr_hold **link = &locks; *link; link = &(*link)->next) {
    if (*link != hold) continue;
    *link = hold->next;
    return;
  }
}

/* ---- temporary folders and parts ---- */

static const char *temp_base(const char *base)
{
  if (base) return base;
  base = getenv("TMPDIR");
  return base && base[0] == '/' ? base : "/tmp";
}

static char *path_in(const char *folder, const char *name)
{
  size_t size = strlen(folder) + strlen(name) + 2;
  char *path = kr_alloc(size);
  snprintf(path, size, "%s/%s", folder, name);
  return path;
}

static int make_temp(struct kr_hold *hold)
{
  if (!mkdtemp(hold->path)) return -1; /* 0700 */
  return hold->fd = open(hold->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int make_part(struct kr_hold *hold)
{
  return hold->fd = mkostemp(hold->path, O_CLOEXEC); /* 0600 */
}

static int make_held(enum hold_sort sort, const char *folder, struct kr_hold **out, struct kr_fault *fault)
{
  for (;;) {
    struct kr_hold *hold = kr_alloc(sizeof *hold);
    *hold = (struct kr_hold){.sort = sort, .fd = -1, .made = true};
    char name[64]; /* with our pid: a sweep of another run leaves alone what a living process has just made */
    snprintf(name, sizeof name, "%s%ld-XXXXXX", sort == TEMP ? TEMP_PREFIX : PART_PREFIX, (long)getpid());
    hold->path = path_in(folder, name);
    if ((sort == TEMP ? make_temp(hold) : make_part(hold)) < 0) {
      int status = hold_fault(fault, "make a temporary file in", folder, errno);
      hold->made = false;
      kr_hold_drop(hold);
      return status;
    }
    if (take(hold) || still_there(hold)) { /* a file system without flock: then nothing can be swept either */
      *out = hold;
      return 0;
    }
    kr_hold_drop(hold); /* a sweep of another run was quicker than our lock */
  }
}

int kr_hold_temp(const char *base, struct kr_hold **out, struct kr_fault *fault)
{
  return make_held(TEMP, temp_base(base), out, fault);
}

int kr_hold_part(const char *folder, struct kr_hold **out, struct kr_fault *fault)
{
  struct stat st;
  if (lstat(folder, &st) == 0 && S_ISLNK(st.st_mode))
    return kr_fault_set(fault, KR_PATH, "cannot write in '%s': it is a link, which karun does not follow", folder);
  return make_held(PART, folder, out, fault);
}

static bool maker_lives(const char *name, enum hold_sort sort)
{
  long pid = strtol(name + (sort == TEMP ? sizeof TEMP_PREFIX : sizeof PART_PREFIX) - 1, NULL, 10);
  return pid > 0 && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}

/* Ours by name and owner, its maker is gone, and nobody holds it. */
static void sweep_one(const char *folder, const char *name, enum hold_sort sort)
{
  if (maker_lives(name, sort)) return;
  struct kr_hold *left = kr_alloc(sizeof *left);
  struct stat st;
  *left = (struct kr_hold){.sort = sort, .fd = -1, .path = path_in(folder, name)};
  if (lstat(left->path, &st) == 0 && st.st_uid == geteuid() && (sort == TEMP ? S_ISDIR(st.st_mode) : S_ISREG(st.st_mode))) {
    left->fd = open(left->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    left->made = left->fd >= 0 && take(left);
  }
  kr_hold_drop(left);
}

void kr_hold_sweep(const char *base)
{
  const char *folder = temp_base(base);
  DIR *dir = opendir(folder);
  if (!dir) return;
  for (struct dirent *entry; (entry = readdir(dir));) {
    if (!strncmp(entry->d_name, TEMP_PREFIX, sizeof TEMP_PREFIX - 1)) sweep_one(folder, entry->d_name, TEMP);
    else if (!strncmp(entry->d_name, PART_PREFIX, sizeof PART_PREFIX - 1)) sweep_one(folder, entry->d_name, PART);
  }
  closedir(dir);
}

/* ---- all of them ---- */

const char *kr_hold_path(const struct kr_hold *hold)
{
  return hold->path;
}

int kr_hold_fd(const struct kr_hold *hold)
{
  return hold->fd;
}

int kr_hold_truncate(struct kr_hold *hold, struct kr_fault *fault)
{
  if (ftruncate(hold->fd, 0) == 0 && lseek(hold->fd, 0, SEEK_SET) == 0) return 0;
  return hold_fault(fault, "begin anew in", hold->path, errno);
}

void kr_hold_drop(struct kr_hold *hold)
{
  if (!hold) return;
  struct kr_fault fault = {0};
  if (hold->sort == LOCK) forget_lock(hold);
  if (hold->made && still_there(hold)) kr_file_remove(hold->path, hold->sort == TEMP, true, &fault);
  if (fault.kind) kr_log(KR_LOG_DEBUG, "%s", fault.text);
  if (hold->fd >= 0) close(hold->fd);
  free(hold->path);
  free(hold);
}
