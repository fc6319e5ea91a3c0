#include "loop.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

void loop_open(struct loop *loop) {
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll < 0) {
        die("epoll_create1");
    }
}

bool loop_add(struct loop *loop, struct source *source, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = source};
    if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, source->fd, &event) == 0) {
        return true;
    }
    if (errno == EPERM) {
        return false;
    }
    die("epoll_ctl add");
}

void loop_change(struct loop *loop, struct source *source, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = source};
    if (epoll_ctl(loop->epoll, EPOLL_CTL_MOD, source->fd, &event) != 0) {
        die("epoll_ctl mod");
    }
}

void loop_remove(struct loop *loop, struct source *source) {
    epoll_ctl(loop->epoll, EPOLL_CTL_DEL, source->fd, NULL);
    source->fd = -1;
}

void loop_close_source(struct source *source) {
    if (source->fd >= 0) {
        close(source->fd);
        source->fd = -1;
    }
}

void loop_turn(struct loop *loop, int timeout) {
    struct epoll_event events[256];
    int count = epoll_wait(loop->epoll, events, 256, timeout);
    if (count < 0 && errno != EINTR) {
        die("epoll_wait");
    }
    for (int i = 0; i < count; i++) {
        struct source *source = events[i].data.ptr;
        /* An earlier call of this turn may have closed it. */
        if (source->fd >= 0) {
            source->ready(source, events[i].events);
        }
    }
}

static void timer_ready(struct source *source, uint32_t events) {
    (void)events;
    struct timer *timer = (struct timer *)source;
    uint64_t count;
    if (read(source->fd, &count, sizeof count) == sizeof count) {
        timer->deadline = 0;
        timer->fired(timer);
    }
}

void timer_open(struct timer *timer, struct loop *loop, void (*fired)(struct timer *timer)) {
    timer->source.fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (timer->source.fd < 0) {
        die("timerfd_create");
    }
    timer->source.ready = timer_ready;
    timer->deadline = 0;
    timer->fired = fired;
    loop_add(loop, &timer->source, EPOLLIN);
}

void timer_set(struct timer *timer, uint64_t deadline) {
    if (timer->deadline == deadline) {
        return;
    }
    timer->deadline = deadline;
    struct itimerspec time = {0};
    time.it_value.tv_sec = (time_t)(deadline / NS_PER_S);
    time.it_value.tv_nsec = (long)(deadline % NS_PER_S);
    if (timerfd_settime(timer->source.fd, TFD_TIMER_ABSTIME, &time, NULL) != 0) {
        die("timerfd_settime");
    }
}
