#ifndef TOKENCAST_CEPOLL_SHIM_H
#define TOKENCAST_CEPOLL_SHIM_H

// The parts of Linux that Swift's Glibc module leaves out.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

// prctl is variadic; this is its PR_SET_NAME: the calling thread's name as `top -H` and `perf` show it
static inline int tokencast_name_thread(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }

#endif
