#ifndef TOKENCAST_CLINUX_SHIM_H
#define TOKENCAST_CLINUX_SHIM_H

// The parts of Linux that Swift's Glibc module leaves out.
#include <errno.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

// prctl is variadic; this is its PR_SET_NAME: the calling thread's name as `top -H` and `perf` show it
static inline int tokencast_name_thread(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }

// prctl's PR_SET_TIMERSLACK: how late the calling thread's sleeps may end, in nanoseconds (50,000 by default)
static inline int tokencast_set_timer_slack(unsigned long nanoseconds) {
    return prctl(PR_SET_TIMERSLACK, nanoseconds, 0, 0, 0);
}

// epoll_wait to the nanosecond: epoll_pwait2 where the kernel has it (Linux 5.11), else by milliseconds, rounded up so that
// nobody wakes before the time. Negative waits for an event however long it takes.
static inline int tokencast_epoll_wait(int epoll, struct epoll_event *events, int capacity, int64_t nanoseconds) {
    if (nanoseconds <= 0) return epoll_wait(epoll, events, capacity, nanoseconds < 0 ? -1 : 0);
#ifdef SYS_epoll_pwait2
    // The kernel's own timespec, which has 64 bits everywhere
    struct { int64_t seconds; int64_t nanoseconds; } limit = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    long count = syscall(SYS_epoll_pwait2, epoll, events, capacity, &limit, NULL, 0);
    if (count >= 0 || (errno != ENOSYS && errno != EPERM)) return (int)count;
#endif
    int64_t milliseconds = (nanoseconds + 999999) / 1000000;
    return epoll_wait(epoll, events, capacity, milliseconds > 60000 ? 60000 : (int)milliseconds);
}

// Keeps memory that was freed, at the top of each heap and in pieces below 1 MiB, for those who ask for it next; and has no
// more heaps than that many
static inline void tokencast_keep_memory(int heaps) {
    mallopt(M_ARENA_MAX, heaps);
    mallopt(M_TRIM_THRESHOLD, 8 << 20);
    mallopt(M_TOP_PAD, 256 << 10);
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
}

// glibc declares it with GNU extensions only, and those would make this module's types differ from other modules'
extern int accept4(int listener, struct sockaddr *address, socklen_t *length, int flags);

static inline int tokencast_accept(int listener, int flags) { return accept4(listener, NULL, NULL, flags); }

// The event's data is a union; this keeps it whole
static inline uint64_t tokencast_event_key(const struct epoll_event *event) { return event->data.u64; }

static inline int tokencast_epoll_control(int epoll, int operation, int descriptor, uint32_t mask, uint64_t key) {
    struct epoll_event event = {.events = mask, .data = {.u64 = key}};
    return epoll_ctl(epoll, operation, descriptor, &event);
}

#endif
