/* task: coroutines on the loop. The only yield and the only resume of the program.
 * A binding that waits makes an op, starts its source, and ends with `return kr_op_wait(L, op, timeout)`:
 * the calling task sleeps, others go on; when the op's wait has ended, finish runs inside the
 * coroutine and pushes results or raises. */
#ifndef KR_TASK_H
#define KR_TASK_H

#include <lua.h>
#include <stdbool.h>

#include "wait.h"

struct kr_task;

/* One pending operation of a task: a Lua userdata, collected with the coroutine's stack. */
struct kr_op {
  struct kr_wait wait;                     /* first member */
  struct kr_task *task;                    /* who sleeps on it, or NULL */
  const char *what;                        /* for messages: "sleep", "http.fetch" */
  /* In the coroutine, after the end, wait.status set. NULL: no results, or raises by status. */
  int (*finish)(lua_State *L, struct kr_op *op);
  void (*release)(struct kr_op *op);       /* frees what the op holds; once, at its collection or after finish */
};

/* Pushes an op of `size` bytes whose first member is a struct kr_op, zeroed. forget: see kr_wait. */
void *kr_op_new(lua_State *L, size_t size, const char *what, void (*forget)(struct kr_wait *),
                int (*finish)(lua_State *, struct kr_op *), void (*release)(struct kr_op *));
/* The op must be at the top of the stack. timeout in seconds. */
int kr_op_wait(lua_State *L, void *op, double timeout);
/* Raises by status: `timeout` "<what>: not done after …", `cancelled`, … */
int kr_op_raise(lua_State *L, struct kr_op *op, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Argument `index`: seconds ≥ 0, or fallback when nil or none. */
double kr_opt_seconds(lua_State *L, int index, double fallback);

struct kr_loop *kr_lua_loop(lua_State *L);
/* Makes the task system in L on loop (borrowed). Call once. */
void kr_task_setup(lua_State *L, struct kr_loop *loop);
/* Runs the function and nargs arguments at the top of L as the main task until it has ended. The
 * results, or one error object, are left on the stack; returns 0, -KR_<kind> for an error. */
int kr_task_main(lua_State *L, int nargs);
/* The main task gets this kind at its present and every later wait (outside a shield). */
void kr_task_stop(lua_State *L, int kind);
/* From a signal handler: Lua that runs right now raises `interrupted` at its next instruction. */
void kr_task_interrupt(void);
int kr_open_task(lua_State *L);            /* module karun.native.task */

#endif
