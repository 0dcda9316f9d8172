/* cdp: see cdp.h. */
#include "cdp.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "json.h"

enum { BUCKETS = 256, MAX_WANTED = 128 };

struct kr_cdp {
  struct kr_channel *channel;              /* NULL once it has ended */
  struct kr_cdp_events events;
  struct kr_reply *pending[BUCKETS];
  char *wanted[MAX_WANTED];
  size_t wanted_count;
  unsigned last_id;
  struct kr_buf out;                       /* the message that is being sent */
  struct kr_cdp_stats stats;
};

static struct kr_reply *take_reply(struct kr_cdp *cdp, unsigned id)
{
  for (struct kr_reply **link = &cdp->pending[id % BUCKETS]; *link; link = &(*link)->next) {
    struct kr_reply *reply = *link;
    if (reply->id != id) continue;
    *link = reply->next;
    reply->id = 0;
    return reply;
  }
  return NULL;
}

/* FNV-1a: replies are told apart by session only to end them together; a clash would end one wait too early */
static unsigned session_number(const char *session)
{
  unsigned hash = 2166136261u;
  if (!session || !*session) return 0;
  for (; *session; session++) hash = (hash ^ (unsigned char)*session) * 16777619u;
  return hash ? hash : 1;
}

static bool is_wanted(const struct kr_cdp *cdp, const char *method, size_t len)
{
  for (size_t i = 0; i < cdp->wanted_count; i++)
    if (strncmp(cdp->wanted[i], method, len) == 0 && !cdp->wanted[i][len]) return true;
  return false;
}

/* Chromium writes an event's method first: most unwanted events need no parse. */
static bool is_unwanted_text(const struct kr_cdp *cdp, const char *text, size_t len)
{
  static const char START[] = "{\"method\":\"";
  if (len < sizeof START || memcmp(text, START, sizeof START - 1) != 0) return false;
  const char *method = text + sizeof START - 1, *end = memchr(method, '"', len - (sizeof START - 1));
  return end && !is_wanted(cdp, method, (size_t)(end - method));
}

static void on_reply(struct kr_cdp *cdp, unsigned id, cJSON *message)
{
  struct kr_reply *reply = take_reply(cdp, id);
  if (!reply) return; /* forgotten, repeated or unknown: its answer is nobody's */
  cJSON *error = cJSON_DetachItemFromObjectCaseSensitive(message, "error");
  if (error) reply->done(reply, -KR_PROTOCOL, error);
  else reply->done(reply, 0, cJSON_DetachItemFromObjectCaseSensitive(message, "result"));
}

static void on_oversize(struct kr_cdp *cdp, const char *head)
{
  const char *id = strstr(head, "\"id\":");
  struct kr_reply *reply = id ? take_reply(cdp, (unsigned)strtoul(id + 5, NULL, 10)) : NULL;
  cdp->stats.dropped++;
  if (reply) reply->done(reply, -KR_TOO_LARGE, NULL);
}

static void on_message(void *owner, char *text, size_t len)
{
  struct kr_cdp *cdp = owner;
  if (len == KR_CHANNEL_OVERSIZE) { on_oversize(cdp, text); return; }
  if (is_unwanted_text(cdp, text, len)) { cdp->stats.dropped++; return; }
  cJSON *message = kr_json_parse(text, len, NULL);
  if (!cJSON_IsObject(message)) {
    kr_log(KR_LOG_WARN, "the browser sent what is no protocol message (%zu bytes); the connection is given up", len);
    cJSON_Delete(message);
    kr_cdp_close(cdp);
    return;
  }
  const cJSON *id = cJSON_GetObjectItemCaseSensitive(message, "id");
  const cJSON *method = cJSON_GetObjectItemCaseSensitive(message, "method");
  const cJSON *session = cJSON_GetObjectItemCaseSensitive(message, "sessionId");
  if (cJSON_IsNumber(id) && id->valuedouble >= 1 && id->valuedouble < 4294967295.0) {
    on_reply(cdp, (unsigned)id->valuedouble, message);
  } else if (cJSON_IsString(method) && is_wanted(cdp, method->valuestring, strlen(method->valuestring))) {
    cdp->stats.events++;
    cdp->events.on_event(cdp->events.owner, cJSON_IsString(session) ? session->valuestring : "", method->valuestring,
                         cJSON_GetObjectItemCaseSensitive(message, "params"));
  } else {
    cdp->stats.dropped++;
  }
  cJSON_Delete(message);
}

static void on_closed(void *owner, const char *why)
{
  struct kr_cdp *cdp = owner;
  cdp->channel = NULL;
  for (size_t i = 0; i < BUCKETS; i++) {
    while (cdp->pending[i]) {
      struct kr_reply *reply = take_reply(cdp, cdp->pending[i]->id);
      reply->done(reply, -KR_BROWSER_GONE, NULL);
    }
  }
  if (cdp->events.on_closed) cdp->events.on_closed(cdp->events.owner, why);
}

struct kr_cdp *kr_cdp_create(struct kr_channel *channel, const struct kr_cdp_events *events)
{
  struct kr_cdp *cdp = kr_alloc(sizeof *cdp);
  cdp->out = KR_BUF_INIT(KR_CHANNEL_LIMIT);
  cdp->channel = channel;
  cdp->events = *events;
  channel->owner = cdp;
  channel->on_message = on_message;
  channel->on_closed = on_closed;
  return cdp;
}

static bool add(struct kr_buf *out, const char *text)
{
  return kr_buf_add(out, text, strlen(text)) == 0;
}

static bool add_quoted(struct kr_buf *out, const char *text)
{
  return kr_json_add_text(out, text, strlen(text)) == 0;
}

static bool write_message(struct kr_buf *out, unsigned id, const char *session, const char *method, const struct kr_buf *params)
{
  char start[32];
  snprintf(start, sizeof start, "{\"id\":%u,", id);
  kr_buf_restart(out);
  bool named = session && *session;
  return add(out, start)
    && (!named || (add(out, "\"sessionId\":") && add_quoted(out, session) && add(out, ",")))
    && add(out, "\"method\":") && add_quoted(out, method)
    && (!params || (add(out, ",\"params\":") && kr_buf_add(out, params->data, params->len) == 0))
    && add(out, "}");
}

int kr_cdp_send(struct kr_cdp *cdp, const char *session, const char *method, const struct kr_buf *params, struct kr_reply *reply)
{
  unsigned id = ++cdp->last_id;
  if (!cdp->channel) return -KR_BROWSER_GONE;
  if (!write_message(&cdp->out, id, session, method, params)) return -KR_TOO_LARGE;
  int err = cdp->channel->send(cdp->channel, cdp->out.data, cdp->out.len);
  if (err) return err;
  cdp->stats.calls++;
  if (reply) {
    reply->id = id;
    reply->session = session_number(session);
    reply->next = cdp->pending[id % BUCKETS];
    cdp->pending[id % BUCKETS] = reply;
  }
  return 0;
}

void kr_cdp_forget(struct kr_cdp *cdp, struct kr_reply *reply)
{
  if (reply->id) take_reply(cdp, reply->id);
}

void kr_cdp_abort(struct kr_cdp *cdp, const char *session, int status)
{
  unsigned number = session_number(session);
  for (size_t i = 0; i < BUCKETS; i++) {
    for (struct kr_reply *reply = cdp->pending[i], *next; reply; reply = next) {
      next = reply->next;
      if (reply->session != number) continue;
      take_reply(cdp, reply->id);
      reply->done(reply, status, NULL);
      next = cdp->pending[i]; /* done may have forgotten others of its burst */
    }
  }
}

void kr_cdp_want(struct kr_cdp *cdp, const char *method)
{
  if (is_wanted(cdp, method, strlen(method)) || cdp->wanted_count == MAX_WANTED) return;
  cdp->wanted[cdp->wanted_count++] = kr_strdup(method);
}

struct kr_cdp_stats kr_cdp_stats(const struct kr_cdp *cdp)
{
  return cdp->stats;
}

void kr_cdp_close(struct kr_cdp *cdp)
{
  if (cdp->channel) cdp->channel->close(cdp->channel);
}

void kr_cdp_destroy(struct kr_cdp *cdp)
{
  if (!cdp) return;
  if (cdp->channel) {
    cdp->channel->on_message = NULL;
    cdp->channel->on_closed = NULL;
    cdp->channel->close(cdp->channel);
  }
  for (size_t i = 0; i < cdp->wanted_count; i++) free(cdp->wanted[i]);
  kr_buf_free(&cdp->out);
  free(cdp);
}
