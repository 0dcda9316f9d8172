/* work: see work.h. */
#include "work.h"

#include "base.h"

static void run_in_pool(uv_work_t *request)
{
  struct kr_work *work = request->data;
  int status = atomic_load(&work->stop) ? -KR_CANCELLED : work->run(work);
  request->data = (void *)(intptr_t)status; /* the thread's last touch; read again on the loop */
}

static void after_pool(uv_work_t *request, int cancelled)
{
  struct kr_work *work = (struct kr_work *)(void *)((char *)request - offsetof(struct kr_work, request));
  struct kr_wait *wait = work->wait;
  work->wait = NULL;
  if (wait) kr_wait_end(wait, cancelled ? -KR_CANCELLED : (int)(intptr_t)request->data);
  kr_work_drop(work);
}

void kr_work_start(struct kr_loop *loop, struct kr_work *work, struct kr_wait *wait)
{
  work->wait = wait;
  work->holders = 2;
  work->request.data = work;
  uv_queue_work(kr_loop_uv(loop), &work->request, run_in_pool, after_pool);
}

int kr_work_run_here(struct kr_work *work)
{
  work->holders = 1;
  return work->run(work);
}

void kr_work_forget(struct kr_work *work)
{
  if (!work->wait) return;
  work->wait = NULL;
  atomic_store(&work->stop, true);
  if (work->interrupt) work->interrupt(work);
  uv_cancel((uv_req_t *)&work->request); /* not begun yet: it never will; else it ends by stop */
}

void kr_work_drop(struct kr_work *work)
{
  if (--work->holders == 0) work->destroy(work);
}
