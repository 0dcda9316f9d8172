/* lua_work: see lua_work.h. */
#include "lua_work.h"

#include "base.h"
#include "task.h"

struct work_op {
  struct kr_op op;
  struct kr_work *work;
  int (*finish)(lua_State *L, struct kr_work *work, int status);
};

static void work_forget(struct kr_wait *wait)
{
  kr_work_forget(((struct work_op *)(void *)wait)->work);
}

static void work_release(struct kr_op *base)
{
  kr_work_drop(((struct work_op *)(void *)base)->work);
}

static int work_finish(lua_State *L, struct kr_op *base)
{
  struct work_op *op = (struct work_op *)(void *)base;
  int status = base->wait.status;
  if (status == -KR_TIMEOUT || status == -KR_CANCELLED) return kr_op_raise(L, base, "%s", base->what);
  return op->finish(L, op->work, status);
}

int kr_lua_work(lua_State *L, struct kr_work *work, const char *what, double timeout,
                int (*finish)(lua_State *L, struct kr_work *work, int status))
{
  struct work_op *op = kr_op_new(L, sizeof *op, what, work_forget, work_finish, work_release);
  op->work = work;
  op->finish = finish;
  if (!lua_isyieldable(L)) return finish(L, work, kr_work_run_here(work));
  kr_work_start(kr_lua_loop(L), work, &op->op.wait);
  return kr_op_wait(L, op, timeout);
}
