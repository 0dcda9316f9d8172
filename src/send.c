/* send: see send.h. */
#include "send.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
  PIECE_SIZE = 256 << 10,                  /* one read of a file */
  QUEUE_LIMIT = 4 << 20                    /* bytes that may wait in memory */
};

struct write {
  uv_write_t req;
  struct kr_sender *sender;
  char bytes[];
};

static void read_piece(struct kr_sender *sender);

static void close_file(struct kr_sender *sender)
{
  if (sender->file < 0 || sender->is_reading) return;
  close(sender->file);
  sender->file = -1;
}

static void on_written(uv_write_t *req, int status)
{
  struct kr_sender *sender = ((struct write *)req)->sender;
  free(req);
  sender->writes--;
  if (sender->is_stopped) return;
  if (status) sender->failed(sender, -KR_NET);
  else if (sender->writes) sender->moved(sender);
  else if (sender->file >= 0) read_piece(sender);
  else sender->flushed(sender);
}

/* Takes write; bytes live as long as it, or as the sender. */
static int write_out(struct kr_sender *sender, struct write *write, char *bytes, size_t len)
{
  uv_buf_t buf = uv_buf_init(bytes, (unsigned)len);
  write->sender = sender;
  sender->writes++;
  sender->moved(sender);
  if (uv_write(&write->req, sender->stream, &buf, 1, on_written) == 0) return 0;
  sender->writes--;
  free(write);
  sender->failed(sender, -KR_NET);
  return -KR_NET;
}

void kr_sender_init(struct kr_sender *sender, uv_stream_t *stream)
{
  sender->stream = stream;
  sender->file = -1;
}

int kr_sender_add(struct kr_sender *sender, const void *bytes, size_t len)
{
  if (sender->is_stopped) return -KR_NET;
  if (len > QUEUE_LIMIT || kr_sender_queued(sender) > QUEUE_LIMIT - len) return -KR_TOO_LARGE;
  if (len && !sender->writes) {            /* mostly the socket takes all at once */
    uv_buf_t buf = uv_buf_init((char *)(uintptr_t)bytes, (unsigned)len);
    int n = uv_try_write(sender->stream, &buf, 1);
    if (n > 0) {
      bytes = (const char *)bytes + n;
      len -= (size_t)n;
    }
  }
  if (!len) return 0;
  struct write *write = kr_alloc(sizeof *write + len);
  memcpy(write->bytes, bytes, len);
  return write_out(sender, write, write->bytes, len);
}

/* ---- files ---- */

static void fail_file(struct kr_sender *sender, int status)
{
  close_file(sender);
  sender->failed(sender, status);
}

static void on_piece(uv_fs_t *req)
{
  struct kr_sender *sender = req->data;
  ssize_t n = req->result;
  uv_fs_req_cleanup(req);
  sender->is_reading = false;
  if (sender->is_stopped || n <= 0) {      /* n: the file is shorter than was promised, or cannot be read */
    fail_file(sender, sender->is_stopped ? -KR_NET : -KR_INCOMPLETE);
    return;
  }
  sender->at += n;
  sender->left -= n;
  write_out(sender, kr_alloc(sizeof(struct write)), sender->piece, (size_t)n);
}

static void read_piece(struct kr_sender *sender)
{
  if (sender->left <= 0) {
    close_file(sender);
    sender->flushed(sender);
    return;
  }
  if (!sender->piece) sender->piece = kr_alloc(PIECE_SIZE);
  uv_buf_t buf = uv_buf_init(sender->piece, (unsigned)(sender->left < PIECE_SIZE ? sender->left : PIECE_SIZE));
  sender->read.data = sender;
  sender->is_reading = true;
  sender->moved(sender);
  if (uv_fs_read(sender->stream->loop, &sender->read, sender->file, &buf, 1, sender->at, on_piece) == 0) return;
  sender->is_reading = false;
  fail_file(sender, -KR_INCOMPLETE);
}

void kr_sender_add_file(struct kr_sender *sender, int fd, int64_t offset, int64_t len)
{
  sender->file = fd;
  sender->at = offset;
  sender->left = len;
  if (sender->is_stopped) close_file(sender);
  else if (!sender->writes) read_piece(sender);
}

void kr_sender_cut_file(struct kr_sender *sender)
{
  sender->left = 0;
}

/* ---- state ---- */

bool kr_sender_is_idle(const struct kr_sender *sender)
{
  return !sender->writes && sender->file < 0;
}

size_t kr_sender_queued(const struct kr_sender *sender)
{
  return uv_stream_get_write_queue_size(sender->stream);
}

void kr_sender_stop(struct kr_sender *sender)
{
  sender->is_stopped = true;
  close_file(sender);
}

bool kr_sender_is_over(const struct kr_sender *sender)
{
  return sender->is_stopped && !sender->writes && !sender->is_reading;
}

void kr_sender_finish(struct kr_sender *sender)
{
  free(sender->piece);
  sender->piece = NULL;
}
