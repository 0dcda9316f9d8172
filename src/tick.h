/* tick: something to do every so often while the program runs anyway. A tick keeps nothing alive: when
 * only ticks are left, the loop has ended (and a deadlock is seen as one). */
#ifndef KR_TICK_H
#define KR_TICK_H

struct kr_loop;
struct kr_tick;

/* The first call after `seconds`, then every `seconds`, from the loop. */
struct kr_tick *kr_tick_create(struct kr_loop *loop, double seconds, void (*run)(void *arg), void *arg);
void kr_tick_destroy(struct kr_tick *tick); /* NULL is fine; not from inside `run` twice */

#endif
