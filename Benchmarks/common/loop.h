/* epoll with one callback per descriptor, and a timer with nanosecond deadlines. */
#ifndef BENCH_LOOP_H
#define BENCH_LOOP_H

#include "basics.h"

/* First member of whatever waits for a descriptor. A source whose `fd` is -1 is closed and gets no more calls. */
struct source {
    int fd;
    void (*ready)(struct source *source, uint32_t events);
};

struct loop {
    int epoll;
};

void loop_open(struct loop *loop);
/* False where the descriptor cannot be waited for (a plain file, /dev/null). */
bool loop_add(struct loop *loop, struct source *source, uint32_t events);
void loop_change(struct loop *loop, struct source *source, uint32_t events);
/* Ends the wait for a descriptor that somebody else closes. */
void loop_remove(struct loop *loop, struct source *source);
void loop_close_source(struct source *source);
/* Waits (at most that many milliseconds; -1: without end) and calls what is ready. */
void loop_turn(struct loop *loop, int timeout);

/* A timerfd rather than epoll's time-out: that one counts in milliseconds, and streams that are due within the same
   millisecond would be served in one wake-up, which flatters every proxy behind them. */
struct timer {
    struct source source;
    uint64_t deadline;
    void (*fired)(struct timer *timer);
};

void timer_open(struct timer *timer, struct loop *loop, void (*fired)(struct timer *timer));
/* Sets the one deadline (now_ns() time; 0: none). */
void timer_set(struct timer *timer, uint64_t deadline);

#endif
