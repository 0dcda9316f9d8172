/* file: see file.h. A target is always reached through a descriptor of its folder, opened without
 * following a link, so that a folder swapped in between cannot send the bytes elsewhere. */
#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CHUNK = 256 * 1024, NAME_TRIES = 64 };

static int say_errno(struct kr_fault *fault, int kind, const char *doing, const char *path, int err)
{
  char why[128] = "";
  const char *text = strerror_r(err, why, sizeof why);
  return kr_fault_set(fault, kind, "cannot %s '%s': %s", doing, path, text);
}

/* The source of an operation: missing is `file`. */
static int source_fault(struct kr_fault *fault, const char *doing, const char *path, int err)
{
  return say_errno(fault, err == ENOTDIR ? KR_FILE : kr_kind_from_errno(err), doing, path, err);
}

/* The target: there already is `file`; a missing folder is `disk`, for nothing can be written there. */
static int target_fault(struct kr_fault *fault, const char *doing, const char *path, int err)
{
  if (err == EEXIST) return kr_fault_set(fault, KR_FILE, "cannot %s '%s': something stands there already", doing, path);
  if (err == ENOENT || err == ENOTDIR)
    return kr_fault_set(fault, KR_DISK, "cannot %s '%s': its folder does not exist", doing, path);
  return say_errno(fault, kr_kind_from_errno(err), doing, path, err);
}

static bool stopped(const atomic_bool *stop)
{
  return stop && atomic_load(stop);
}

static int stopped_fault(struct kr_fault *fault, const char *doing, const char *path)
{
  return kr_fault_set(fault, KR_CANCELLED, "stopped while trying to %s '%s'", doing, path);
}

/* ---- places: a folder's descriptor and a name in it ---- */

struct place {
  int folder;
  char *name;
};

static void leave(struct place *place)
{
  if (place->folder >= 0) close(place->folder);
  free(place->name);
}

/* path's folder, opened. A folder that is a link is refused: what is behind it may change. */
static int enter(struct place *place, const char *path, const char *doing, struct kr_fault *fault)
{
  *place = (struct place){-1, NULL};
  size_t len = strlen(path);
  while (len > 1 && path[len - 1] == '/') len--;
  size_t cut = len;
  while (cut > 0 && path[cut - 1] != '/') cut--;
  place->name = kr_strndup(path + cut, len - cut);
  if (!place->name[0] || !strcmp(place->name, ".") || !strcmp(place->name, ".."))
    return kr_fault_set(fault, KR_PATH, "cannot %s '%s': that is not the name of a file in a folder", doing, path);
  while (cut > 1 && path[cut - 1] == '/') cut--;
  char *folder = cut ? kr_strndup(path, cut) : kr_strdup(".");
  place->folder = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  int err = errno;
  struct stat st;
  if (place->folder < 0 && (err == ENOTDIR || err == ELOOP) && lstat(folder, &st) == 0 && S_ISLNK(st.st_mode))
    err = ELOOP;
  free(folder);
  if (place->folder >= 0) return 0;
  if (err == ELOOP)
    return kr_fault_set(fault, KR_PATH, "cannot %s '%s': its folder is a link, which karun does not follow", doing, path);
  return target_fault(fault, doing, path, err);
}

/* 0 when nothing stands there, or a file that may be replaced. */
static int check_target(const struct place *place, const char *path, bool replace, const char *doing, struct kr_fault *fault)
{
  struct stat st;
  if (fstatat(place->folder, place->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
    return errno == ENOENT ? 0 : target_fault(fault, doing, path, errno);
  if (S_ISLNK(st.st_mode))
    return kr_fault_set(fault, KR_PATH, "cannot %s '%s': it is a link, which karun does not follow", doing, path);
  if (!replace) return target_fault(fault, doing, path, EEXIST);
  if (!S_ISREG(st.st_mode)) return kr_fault_set(fault, KR_FILE, "cannot %s '%s': it is not a file", doing, path);
  return 0;
}

static void temp_name(char *temp)
{
  static atomic_uint counter;
  snprintf(temp, NAME_MAX + 1, ".karun-part-%ld-%u", (long)getpid(), atomic_fetch_add(&counter, 1));
}

/* A new file in the target's folder, made by us alone: without a name where the file system can
 * (temp is ""; a killed run then leaves nothing), else beside the target under temp (NAME_MAX + 1 bytes). */
static int open_beside(const struct place *place, char *temp, mode_t mode)
{
  mode_t ask = mode ? mode : 0666;
  temp[0] = '\0';
  int fd = openat(place->folder, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, ask);
  bool unable = fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL || errno == ENOENT);
  for (int i = 0; unable && fd < 0 && i < NAME_TRIES; i++) {
    temp_name(temp);
    fd = openat(place->folder, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, ask);
    if (fd < 0 && errno != EEXIST) return -1;
  }
  if (fd >= 0 && mode) (void)fchmod(fd, mode); /* whatever the umask */
  if (fd >= 0) (void)flock(fd, LOCK_EX | LOCK_NB); /* a sweep of another run must see that it lives */
  return fd;
}

static void discard(const struct place *place, int fd, const char *temp)
{
  close(fd);
  if (temp[0]) unlinkat(place->folder, temp, 0);
}

/* Gives a file without a name the name temp. */
static int name_it(const struct place *place, int fd, const char *temp)
{
  char self[64];
  snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
  return linkat(AT_FDCWD, self, place->folder, temp, AT_SYMLINK_FOLLOW);
}

/* rename that never replaces. Old kernels and some file systems lack the flag: link, then unlink. */
static int rename_new(int from_folder, const char *from, int to_folder, const char *to)
{
  if (syscall(SYS_renameat2, from_folder, from, to_folder, to, RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP) return -1;
  if (linkat(from_folder, from, to_folder, to, 0) < 0) return -1;
  return unlinkat(from_folder, from, 0);
}

static int rename_to(int from_folder, const char *from, int to_folder, const char *to, bool replace)
{
  return replace ? renameat(from_folder, from, to_folder, to) : rename_new(from_folder, from, to_folder, to);
}

static int write_all(int fd, const char *bytes, size_t len)
{
  while (len) {
    ssize_t n = write(fd, bytes, len);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -1;
    bytes += n;
    len -= (size_t)n;
  }
  return 0;
}

static ssize_t read_some(int fd, void *bytes, size_t len)
{
  ssize_t n;
  do n = read(fd, bytes, len);
  while (n < 0 && errno == EINTR);
  return n;
}

/* Synced, the new file takes the target's name; on any failure it is gone. Takes fd. */
static int settle(const struct place *place, int fd, char *temp, const char *path, bool replace,
                  const atomic_bool *stop, const char *doing, struct kr_fault *fault)
{
  int failed = fsync(fd);
  if (!failed && stopped(stop)) { /* who asked was told that it did not happen */
    discard(place, fd, temp);
    return stopped_fault(fault, doing, path);
  }
  if (!failed && !temp[0] && !replace) failed = name_it(place, fd, place->name);
  else if (!failed) {
    if (!temp[0]) {
      temp_name(temp);
      failed = name_it(place, fd, temp);
    }
    if (!failed) failed = rename_to(place->folder, temp, place->folder, place->name, replace);
  }
  int err = errno;
  if (failed) discard(place, fd, temp);
  else if (close(fd) < 0) failed = -1, err = errno;
  if (failed) return target_fault(fault, doing, path, err);
  fsync(place->folder); /* the name too must outlive a power cut; not all file systems can */
  return 0;
}

/* A file to read from. Not a pipe or a device, on which a read might never end. */
static int open_source(const char *path, const char *doing, int *fd, struct stat *st, struct kr_fault *fault)
{
  *fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (*fd < 0) return source_fault(fault, doing, path, errno);
  if (fstat(*fd, st) == 0 && S_ISREG(st->st_mode)) return 0;
  close(*fd);
  *fd = -1;
  return kr_fault_set(fault, KR_FILE, "cannot %s '%s': it is %s", doing, path,
                      S_ISDIR(st->st_mode) ? "a folder" : "not a plain file");
}

/* ---- whole files ---- */

int kr_file_read(const char *path, struct kr_buf *out, const atomic_bool *stop, struct kr_fault *fault)
{
  int fd;
  struct stat st;
  int status = open_source(path, "read", &fd, &st, fault);
  if (status) return status;
  size_t guess = (size_t)st.st_size;
  status = kr_buf_reserve(out, guess);
  while (!status) {
    if (stopped(stop)) {
      status = stopped_fault(fault, "read", path);
      break;
    }
    /* by size where it is told; it may have grown, and /proc tells none. At the ceiling one byte more is asked. */
    size_t room = out->limit - out->len, want = out->len < guess ? guess - out->len : 4096;
    char beyond;
    if (want > room) want = room;
    status = kr_buf_reserve(out, want);
    if (status) break;
    ssize_t n = want ? read_some(fd, out->data + out->len, want) : read_some(fd, &beyond, 1);
    if (n < 0) status = source_fault(fault, "read", path, errno);
    else if (n > 0 && !want) status = -KR_TOO_LARGE;
    if (n <= 0) break;
    out->len += want ? (size_t)n : 0;
  }
  if (status == -KR_TOO_LARGE)
    kr_fault_set(fault, KR_TOO_LARGE, "cannot read '%s': it is larger than the limit of %zu bytes", path, out->limit);
  close(fd);
  return status;
}

int kr_file_write(const char *path, const void *bytes, size_t len, mode_t mode, bool replace, const atomic_bool *stop,
                  struct kr_fault *fault)
{
  struct place place;
  char temp[NAME_MAX + 1];
  int status = enter(&place, path, "write", fault);
  if (!status) status = check_target(&place, path, replace, "write", fault);
  if (status) goto out;
  if (strlen(place.name) > NAME_MAX) {
    status = target_fault(fault, "write", path, ENAMETOOLONG);
    goto out;
  }
  int fd = open_beside(&place, temp, mode);
  if (fd < 0) {
    status = target_fault(fault, "write", path, errno);
    goto out;
  }
  if (write_all(fd, bytes, len) < 0) {
    status = target_fault(fault, "write", path, errno);
    discard(&place, fd, temp);
    goto out;
  }
  status = settle(&place, fd, temp, path, replace, stop, "write", fault);
out:
  leave(&place);
  return status;
}

int kr_file_append(const char *path, const void *bytes, size_t len, mode_t mode, struct kr_fault *fault)
{
  struct place place;
  int status = enter(&place, path, "append to", fault);
  if (!status) status = check_target(&place, path, true, "append to", fault);
  if (status) goto out;
  int fd = openat(place.folder, place.name, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, mode ? mode : 0666);
  if (fd < 0) {
    status = target_fault(fault, "append to", path, errno);
    goto out;
  }
  if (write_all(fd, bytes, len) < 0) status = target_fault(fault, "append to", path, errno);
  if (close(fd) < 0 && !status) status = target_fault(fault, "append to", path, errno);
out:
  leave(&place);
  return status;
}

/* Copies into a file beside the target, which then takes its name. Borrows an open source. */
static int copy_into(int source, const struct stat *st, const char *from, const struct place *place, const char *to,
                     bool replace, const atomic_bool *stop, struct kr_fault *fault)
{
  char temp[NAME_MAX + 1], *chunk = NULL;
  int status = 0, fd = open_beside(place, temp, st->st_mode & 0777);
  if (fd < 0) return target_fault(fault, "copy to", to, errno);
  chunk = kr_alloc(CHUNK);
  for (ssize_t n; !status && (n = read_some(source, chunk, CHUNK)) != 0;) {
    if (n < 0) status = source_fault(fault, "copy", from, errno);
    else if (write_all(fd, chunk, (size_t)n) < 0) status = target_fault(fault, "copy to", to, errno);
    else if (stopped(stop)) status = stopped_fault(fault, "copy", from);
  }
  free(chunk);
  if (!status) return settle(place, fd, temp, to, replace, stop, "copy to", fault);
  discard(place, fd, temp);
  return status;
}

static bool same_file(const struct stat *st, const struct place *place)
{
  struct stat other;
  return fstatat(place->folder, place->name, &other, AT_SYMLINK_NOFOLLOW) == 0 && other.st_dev == st->st_dev &&
         other.st_ino == st->st_ino;
}

int kr_file_copy(const char *from, const char *to, bool replace, const atomic_bool *stop, struct kr_fault *fault)
{
  struct place place = {-1, NULL};
  struct stat st;
  int fd, status = open_source(from, "copy", &fd, &st, fault);
  if (status) return status;
  status = enter(&place, to, "copy to", fault);
  if (!status) status = check_target(&place, to, replace, "copy to", fault);
  if (!status && same_file(&st, &place))
    status = kr_fault_set(fault, KR_FILE, "cannot copy '%s' to '%s': they are one file", from, to);
  if (!status) status = copy_into(fd, &st, from, &place, to, replace, stop, fault);
  leave(&place);
  close(fd);
  return status;
}

static int move_across(const char *from, const char *to, bool replace, const atomic_bool *stop, struct kr_fault *fault)
{
  struct stat st;
  if (lstat(from, &st) == 0 && !S_ISREG(st.st_mode))
    return kr_fault_set(fault, KR_DISK, "cannot move '%s' to '%s': it is not a plain file, and they are on different file systems",
                        from, to);
  int status = kr_file_copy(from, to, replace, stop, fault);
  if (!status && unlink(from) < 0) status = source_fault(fault, "remove, after it was copied,", from, errno);
  return status;
}

int kr_file_move(const char *from, const char *to, bool replace, const atomic_bool *stop, struct kr_fault *fault)
{
  struct place source = {-1, NULL}, target = {-1, NULL};
  struct stat st;
  int status = enter(&source, from, "move", fault);
  if (status == -KR_DISK) fault->kind = KR_FILE, status = -KR_FILE; /* no folder: then the source is missing */
  if (!status && fstatat(source.folder, source.name, &st, AT_SYMLINK_NOFOLLOW) < 0)
    status = source_fault(fault, "move", from, errno);
  if (!status) status = enter(&target, to, "move to", fault);
  if (!status && same_file(&st, &target))
    status = kr_fault_set(fault, KR_FILE, "cannot move '%s' to '%s': they are one file", from, to);
  if (!status) status = check_target(&target, to, replace, "move to", fault);
  if (status) goto out;
  if (rename_to(source.folder, source.name, target.folder, target.name, replace) == 0) fsync(target.folder);
  else if (errno == EXDEV) status = move_across(from, to, replace, stop, fault);
  else status = target_fault(fault, "move to", to, errno);
out:
  leave(&source);
  leave(&target);
  return status;
}

int kr_file_sync(const char *path, struct kr_fault *fault)
{
  int status = 0, fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return source_fault(fault, "sync", path, errno);
  if (fsync(fd) < 0) status = target_fault(fault, "sync", path, errno);
  close(fd);
  return status;
}

/* ---- folders ---- */

static int remove_inside(int folder)
{
  int status = 0;
  DIR *dir = fdopendir(folder);
  if (!dir) {
    close(folder);
    return -1;
  }
  for (struct dirent *entry; !status && (entry = readdir(dir));) {
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    if (unlinkat(dirfd(dir), entry->d_name, 0) == 0 || errno == ENOENT) continue;
    if (errno != EISDIR && errno != EPERM) status = -1;
    if (status) break;
    int inner = openat(dirfd(dir), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    status = inner < 0 ? -1 : remove_inside(inner);
    if (!status && unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR) < 0 && errno != ENOENT) status = -1;
  }
  int err = errno;
  closedir(dir);
  errno = err;
  return status;
}

/* A link is removed itself, never what it points at. */
int kr_file_remove(const char *path, bool recursive, bool missing_ok, struct kr_fault *fault)
{
  struct stat st;
  if (lstat(path, &st) < 0)
    return missing_ok && errno == ENOENT ? 0 : source_fault(fault, "remove", path, errno);
  int failed;
  if (!S_ISDIR(st.st_mode)) failed = unlink(path);
  else if (!recursive) failed = rmdir(path);
  else {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    failed = fd < 0 || remove_inside(fd) < 0 ? -1 : rmdir(path);
  }
  if (failed == 0 || (missing_ok && errno == ENOENT)) return 0;
  if (errno == ENOTEMPTY && !recursive)
    return kr_fault_set(fault, KR_FILE, "cannot remove '%s': the folder is not empty (recursive=true removes all of it)", path);
  return source_fault(fault, "remove", path, errno);
}

static int make_one(const char *path, mode_t mode, struct kr_fault *fault)
{
  struct stat st;
  if (mkdir(path, mode) == 0) return mode == 0777 || chmod(path, mode) == 0 ? 0 : target_fault(fault, "make folder", path, errno);
  int err = errno;
  if (err != EEXIST && err != EISDIR) return target_fault(fault, "make folder", path, err);
  if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) return 0;
  return kr_fault_set(fault, KR_FILE, "cannot make folder '%s': something that is not a folder stands there", path);
}

int kr_file_mkdir(const char *path, mode_t mode, struct kr_fault *fault)
{
  char *part = kr_strdup(path);
  int status = 0;
  for (char *slash = part + 1; part[0] && !status && (slash = strchr(slash, '/')); slash++) {
    *slash = '\0';
    if (slash[-1] != '/' ) status = make_one(part, 0777, fault);
    *slash = '/';
  }
  size_t len = strlen(part);
  while (len > 1 && part[len - 1] == '/') part[--len] = '\0';
  if (!status) status = make_one(part, mode ? mode : 0777, fault);
  free(part);
  return status;
}

int kr_file_free_space(const char *path, double *bytes, struct kr_fault *fault)
{
  struct statvfs fs;
  if (statvfs(path, &fs) < 0) return source_fault(fault, "measure the free space at", path, errno);
  *bytes = (double)fs.f_bavail * (double)fs.f_frsize;
  return 0;
}

/* ---- contents ---- */

int kr_file_sha256(const char *path, char hex[KR_SHA256_HEX], const atomic_bool *stop, struct kr_fault *fault)
{
  struct stat st;
  int fd, status = open_source(path, "hash", &fd, &st, fault);
  if (status) return status;
  char *chunk = kr_alloc(CHUNK);
  struct kr_sha256 *sum = kr_sha256_create();
  for (ssize_t n; !status && (n = read_some(fd, chunk, CHUNK)) != 0;) {
    if (n < 0) status = source_fault(fault, "hash", path, errno);
    else if (stopped(stop)) status = stopped_fault(fault, "hash", path);
    else kr_sha256_add(sum, chunk, (size_t)n);
  }
  kr_sha256_finish(sum, hex);
  free(chunk);
  close(fd);
  return status;
}

int kr_file_same(const char *a, const char *b, bool *same, const atomic_bool *stop, struct kr_fault *fault)
{
  char hex_a[KR_SHA256_HEX], hex_b[KR_SHA256_HEX];
  struct stat st_a, st_b;
  *same = false;
  if (stat(a, &st_a) < 0) return source_fault(fault, "compare", a, errno);
  if (stat(b, &st_b) < 0) return source_fault(fault, "compare", b, errno);
  if (st_a.st_size != st_b.st_size || !S_ISREG(st_b.st_mode)) return 0;
  int status = kr_file_sha256(a, hex_a, stop, fault);
  if (!status) status = kr_file_sha256(b, hex_b, stop, fault);
  if (!status) *same = strcmp(hex_a, hex_b) == 0;
  return status;
}
