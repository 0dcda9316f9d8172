/* alarm: rings once, at a time that can be set again and again. It keeps nothing alive: when only alarms
 * are left, the loop has ended (and a deadlock is seen as one). */
#ifndef KR_ALARM_H
#define KR_ALARM_H

struct kr_loop;
struct kr_alarm;

/* Not set yet. ring is called from the loop; it may set the alarm again. */
struct kr_alarm *kr_alarm_create(struct kr_loop *loop, void (*ring)(void *arg), void *arg);
void kr_alarm_set(struct kr_alarm *alarm, double seconds); /* from now; instead of what was set before */
void kr_alarm_destroy(struct kr_alarm *alarm);             /* NULL is fine */

#endif
