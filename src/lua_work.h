/* lua_work: a job in the thread pool as a wait of the calling task. Where one cannot wait (a __gc, the
 * load of a module) the job runs at once on this thread. */
#ifndef KR_LUA_WORK_H
#define KR_LUA_WORK_H

#include <lua.h>

#include "work.h"

/* Takes work. finish runs in the coroutine once run has ended; status is what run returned. */
int kr_lua_work(lua_State *L, struct kr_work *work, const char *what, double timeout,
                int (*finish)(lua_State *L, struct kr_work *work, int status));

#endif
