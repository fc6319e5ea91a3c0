#ifndef TOKENCAST_CEPOLL_SHIM_H
#define TOKENCAST_CEPOLL_SHIM_H

// The parts of Linux that Swift's Glibc module leaves out.
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

// prctl is variadic; this is its PR_SET_NAME: the calling thread's name as `top -H` and `perf` show it
static inline int tokencast_name_thread(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }

// prctl's PR_SET_TIMERSLACK: how late the calling thread's sleeps may end, in nanoseconds (50,000 by default)
static inline int tokencast_set_timer_slack(unsigned long nanoseconds) {
    return prctl(PR_SET_TIMERSLACK, nanoseconds, 0, 0, 0);
}

// glibc declares it with GNU extensions only, and those would make this module's types differ from other modules'
extern int ppoll(struct pollfd *entries, nfds_t count, const struct timespec *limit, const sigset_t *mask);

// Waits until the descriptor can be read, or so many nanoseconds (below a second)
static inline int tokencast_wait_readable(int descriptor, long nanoseconds) {
    struct pollfd entry = {.fd = descriptor, .events = POLLIN};
    struct timespec limit = {.tv_sec = 0, .tv_nsec = nanoseconds};
    return ppoll(&entry, 1, &limit, NULL);
}

#endif
