/* raw: the floor. Speaks the DevTools protocol over the pipe with nothing between: blocking reads, texts
 * made by hand, no JSON parser, no checks beyond what the work needs. What a driver can reach at best.
 *   raw BROWSER BASE-URL WORK…      prints lines `work seconds` (see tests/bench/README.md)
 *   raw time NAME COMMAND…          runs a command, prints `NAME seconds` */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { IN_SIZE = 64 << 20, PAGES = 8 };

static int to_browser, from_browser, last_id, downloads_done;
static char *in, *message, session[PAGES][64], target[64], profile[] = "/tmp/karun-bench-raw-XXXXXX";
static size_t in_start, in_end, in_scanned;
static pid_t browser;

static double clock_of(clockid_t id)
{
  struct timespec t;
  clock_gettime(id, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}
static double now(void) { return clock_of(CLOCK_MONOTONIC); }
static double cpu(void) { return clock_of(CLOCK_PROCESS_CPUTIME_ID); }
static void say(const char *work, double value) { printf("%s %.9f\n", work, value); }

static void die(const char *what)
{
  fprintf(stderr, "raw: %s\n", what);
  kill(-browser, SIGKILL);
  exit(1);
}

static void start_browser(const char *program)
{
  int down[2], up[2];
  if (!mkdtemp(profile) || pipe2(down, O_CLOEXEC) || pipe2(up, O_CLOEXEC)) die("no pipe");
  char data[80];
  snprintf(data, sizeof data, "--user-data-dir=%s", profile);
  browser = fork();
  if (browser == 0) {
    setsid();
    dup2(down[0], 13), dup2(up[1], 14), dup2(13, 3), dup2(14, 4);
    FILE *quiet = freopen("/dev/null", "w", stderr);
    (void)quiet;
    execl(program, program, "--remote-debugging-pipe", "--headless=new", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-default-apps",
          "--disable-component-extensions-with-background-pages", "--disable-breakpad", "--mute-audio", "--password-store=basic",
          "--disable-features=BackForwardCache,Translate,MediaRouter,OptimizationHints", "--window-size=1280,720",
          "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows", "--disable-background-timer-throttling",
          "--no-sandbox", data, "about:blank", (char *)NULL);
    _exit(127);
  }
  close(down[0]), close(up[1]);
  to_browser = down[1], from_browser = up[0];
  in = malloc(64 << 10);
}

/* The next message, ended by NUL; valid until the next call. */
static char *next_message(void)
{
  static size_t cap = 64 << 10;
  for (;;) {
    char *nul = memchr(in + in_scanned, 0, in_end - in_scanned);
    if (nul) {
      char *start = in + in_start;
      in_start = in_scanned = (size_t)(nul - in) + 1;
      return start;
    }
    in_scanned = in_end;
    if (in_start == in_end) in_start = in_end = in_scanned = 0;
    if (in_end == cap && in_start) {
      memmove(in, in + in_start, in_end - in_start);
      in_end -= in_start, in_scanned -= in_start, in_start = 0;
    } else if (in_end == cap && (cap *= 2) <= IN_SIZE) {
      in = realloc(in, cap);
    }
    ssize_t n = read(from_browser, in + in_end, cap - in_end);
    if (n <= 0) die("the browser is gone");
    in_end += (size_t)n;
  }
}

static int send_to(int page, const char *method, const char *format, ...)
{
  static char out[8192];
  int n = snprintf(out, sizeof out, "{\"id\":%d,", ++last_id);
  if (page >= 0) n += snprintf(out + n, sizeof out - (size_t)n, "\"sessionId\":\"%s\",", session[page]);
  n += snprintf(out + n, sizeof out - (size_t)n, "\"method\":\"%s\",\"params\":{", method);
  va_list args;
  va_start(args, format);
  n += vsnprintf(out + n, sizeof out - (size_t)n, format, args);
  va_end(args);
  n += snprintf(out + n, sizeof out - (size_t)n, "}}") + 1;
  if (write(to_browser, out, (size_t)n) != n) die("the pipe is full");
  return last_id;
}

/* Reads one message, counts what is an event, answers the id of a reply (0: none). */
static int take(void)
{
  message = next_message();
  if (!strncmp(message, "{\"id\":", 6)) {
    if (strstr(message, "\"exceptionDetails\"") || strstr(message, "\"error\":{")) die(message);
    return atoi(message + 6);
  }
  if (strstr(message, "Browser.downloadProgress") && strstr(message, "\"state\":\"completed\"")) downloads_done++;
  return 0;
}

static char *await(int id)
{
  while (take() != id) {}
  return message;
}

#define CALL(...) await(send_to(__VA_ARGS__))
#define ASKED "\"expression\":\"%s\",\"returnByValue\":true,\"awaitPromise\":true"
#define EVALUATE(page, js) CALL(page, "Runtime.evaluate", ASKED, js)

static double number(const char *reply)
{
  const char *value = strstr(reply, "\"value\":");
  return value ? strtod(value + 8, NULL) : -1;
}

static void copy_field(const char *message, const char *name, char *out, size_t size)
{
  const char *at = strstr(message, name);
  if (!at) die("no such field");
  at += strlen(name);
  snprintf(out, size, "%.*s", (int)strcspn(at, "\""), at);
}

static void attach(int page, const char *id)
{
  copy_field(CALL(-1, "Target.attachToTarget", "\"targetId\":\"%s\",\"flatten\":true", id), "\"sessionId\":\"", session[page], sizeof session[0]);
  CALL(page, "Page.enable", " ");
  CALL(page, "Emulation.setFocusEmulationEnabled", "\"enabled\":true");
  CALL(page, "Emulation.setDeviceMetricsOverride", "\"width\":1280,\"height\":720,\"deviceScaleFactor\":1,\"mobile\":false");
}

static void open_page(int page, const char *base, const char *path)
{
  CALL(page, "Page.navigate", "\"url\":\"%s%s\"", base, path);
  EVALUATE(page, "new Promise(r=>document.readyState=='complete'?r(1):addEventListener('load',()=>r(1)))");
}

static void one_eval(void) { if (number(EVALUATE(0, "1+1")) != 2) die("1+1"); }

static void do_eval(const char *base)
{
  open_page(0, base, "/form");
  for (int i = 0; i < 100; i++) one_eval();
  for (int i = 0; i < 500; i++) {
    double t = now();
    one_eval();
    say("eval", now() - t);
  }
  double c = cpu();
  for (int i = 0; i < 1000; i++) one_eval();
  say("eval_cpu", (cpu() - c) / 1000);
}

static void press(double x, double y)
{
  static const char EVENT[] = "\"type\":\"%s\",\"x\":%g,\"y\":%g,\"button\":\"left\",\"buttons\":%d,\"clickCount\":1";
  send_to(0, "Input.dispatchMouseEvent", "\"type\":\"mouseMoved\",\"x\":%g,\"y\":%g", x, y);
  send_to(0, "Input.dispatchMouseEvent", EVENT, "mousePressed", x, y, 1);
  CALL(0, "Input.dispatchMouseEvent", EVENT, "mouseReleased", x, y, 0);
}

/* where it is, and that it is what would be hit */
static void click(const char *selector)
{
  char js[512];
  snprintf(js, sizeof js, "(()=>{const e=document.querySelector('%s'),r=e.getBoundingClientRect(),x=Math.round(r.x+r.width/2),"
    "y=Math.round(r.y+r.height/2);return e.isConnected&&!e.disabled&&document.elementFromPoint(x,y)===e?x*10000+y:-1})()", selector);
  double place = number(EVALUATE(0, js));
  if (place < 0) die("not to be clicked");
  press((int)(place / 10000), (int)place % 10000);
}

static void do_click(const char *base)
{
  open_page(0, base, "/form");
  for (int i = 0; i < 60; i++) {
    double t = now();
    click("#go");
    say("click", now() - t);
  }
  if (number(EVALUATE(0, "hits")) != 60) die("clicks were lost");
}

static void type_key(char c, int last)
{
  send_to(0, "Input.dispatchKeyEvent", "\"type\":\"keyDown\",\"key\":\"%c\",\"text\":\"%c\"", c, c);
  int id = send_to(0, "Input.dispatchKeyEvent", "\"type\":\"keyUp\",\"key\":\"%c\"", c);
  if (last) await(id);
}

static void do_fill(const char *base)
{
  static const char word[] = "fourteen chars";
  open_page(0, base, "/form");
  for (int i = 0; i < 40; i++) {
    double t = now();
    EVALUATE(0, "(()=>{const e=document.querySelector('#name');e.focus();e.select()})()");
    CALL(0, "Input.insertText", "\"text\":\"value %d\"", i);
    say("fill", now() - t);
  }
  for (int i = 0; i < 20; i++) {
    EVALUATE(0, "document.querySelector('#name').value=''");
    double t = now();
    EVALUATE(0, "document.querySelector('#name').focus()");
    for (int k = 0; k < 14; k++) type_key(word[k], k == 13);
    say("type", now() - t);
    if (number(EVALUATE(0, "document.querySelector('#name').value.length")) != 14) die("keys were lost");
  }
}

static void do_wait(const char *base)
{
  open_page(0, base, "/wait");
  double best = 1e9, offset = 0; /* our clock minus the page's */
  for (int i = 0; i < 50; i++) {
    double before = now(), page = number(EVALUATE(0, "performance.now()")) / 1000, after = now();
    if (after - before < best) best = after - before, offset = (before + after) / 2 - page;
  }
  for (int i = 0; i < 50; i++) {
    EVALUATE(0, "later(20+Math.random()*30),0");
    EVALUATE(0, "new Promise(r=>{const look=()=>document.querySelector('#late')&&(o.disconnect(),r(1));const o=new MutationObserver(look);o.observe(document,{childList:true,subtree:true});look()})");
    double t = now();
    say("wait", t - (number(EVALUATE(0, "changed_at")) / 1000 + offset));
  }
}

static void do_download(const char *base)
{
  CALL(-1, "Browser.setDownloadBehavior", "\"behavior\":\"allowAndName\",\"downloadPath\":\"%s\",\"eventsEnabled\":true", profile);
  open_page(0, base, "/wait");
  for (int i = 0; i < 15; i++) {
    int before = downloads_done;
    click("#get");
    while (downloads_done == before) take();
    double t = now();
    say("download", t - number(EVALUATE(0, "fetch('/ended').then(r=>r.json()).then(v=>v.value)")));
  }
}

static void do_big(const char *base)
{
  open_page(0, base, "/form");
  for (int i = 0; i < 5; i++) {
    double t = now();
    char *reply = EVALUATE(0, "'x'.repeat(10485760)");
    say("big", now() - t);
    if (strlen(reply) < 10485760) die("a short string");
  }
}

static void do_pages(const char *base)
{
  for (int p = 1; p < PAGES; p++) {
    char id[64];
    copy_field(CALL(-1, "Target.createTarget", "\"url\":\"about:blank\""), "\"targetId\":\"", id, sizeof id);
    attach(p, id);
    open_page(p, base, "/form");
  }
  int ids[PAGES], left[PAGES], open = PAGES;
  double t = now();
  for (int p = 0; p < PAGES; p++) left[p] = 250, ids[p] = send_to(p, "Runtime.evaluate", ASKED, "1+1");
  while (open) {
    int id = take();
    for (int p = 0; id && p < PAGES; p++) {
      if (ids[p] != id) continue;
      if (--left[p]) ids[p] = send_to(p, "Runtime.evaluate", ASKED, "1+1");
      else ids[p] = 0, open--;
      break;
    }
  }
  say("pages", (now() - t) / (PAGES * 250));
}

static void do_text(const char *base)
{
  open_page(0, base, "/many");
  for (int i = 0; i < 10; i++) {
    double t = now();
    EVALUATE(0, "[...document.querySelectorAll('.hit')].map(e=>e.innerText)");
    say("texts", now() - t);
  }
  double t = now();
  for (int i = 0; i < 1000; i++) {
    char js[96];
    snprintf(js, sizeof js, "document.querySelectorAll('.hit')[%d].innerText", i);
    EVALUATE(0, js);
  }
  say("text1000", now() - t);
}

static void do_cold(const char *base)
{
  char wanted[] = "\"value\":\"cold\"";
  open_page(0, base, "/title");
  if (!strstr(EVALUATE(0, "document.title"), wanted)) die("another title");
}

static void finish(int cold)
{
  send_to(-1, "Browser.close", " ");
  waitpid(browser, NULL, 0);
  struct rusage use;
  getrusage(RUSAGE_SELF, &use);
  if (cold) say("cold_cpu", cpu()), say("cold_rss", (double)use.ru_maxrss / 1024);
  char command[128];
  snprintf(command, sizeof command, "rm -rf %s", profile);
  if (system(command)) fprintf(stderr, "raw: %s stays\n", profile);
}

static int time_command(char **argv)
{
  double t = now();
  pid_t pid = fork();
  if (pid == 0) { execvp(argv[1], argv + 1); _exit(127); }
  int status;
  waitpid(pid, &status, 0);
  say(argv[0], now() - t);
  return status ? 1 : 0;
}

int main(int argc, char **argv)
{
  static const struct { const char *name; void (*run)(const char *base); } works[] = {
    {"cold", do_cold}, {"eval", do_eval}, {"click", do_click}, {"fill", do_fill}, {"wait", do_wait},
    {"download", do_download}, {"big", do_big}, {"text", do_text}, {"pages", do_pages},
  };
  if (argc < 4) return 2;
  if (!strcmp(argv[1], "time")) return time_command(argv + 2);
  start_browser(argv[1]);
  copy_field(CALL(-1, "Target.getTargets", "\"filter\":[{\"type\":\"page\"}]"), "\"targetId\":\"", target, sizeof target);
  attach(0, target);
  for (int i = 3; i < argc; i++)
    for (size_t w = 0; w < sizeof works / sizeof *works; w++)
      if (!strcmp(argv[i], works[w].name)) works[w].run(argv[2]);
  finish(!strcmp(argv[3], "cold"));
  return 0;
}
