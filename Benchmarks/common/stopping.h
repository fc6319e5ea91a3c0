/* When a server is to end: standard input closes, or SIGTERM or SIGINT comes. */
#ifndef BENCH_STOPPING_H
#define BENCH_STOPPING_H

#include "loop.h"

extern bool stopping;

/* Sets `stopping` in a turn of that loop. */
void stopping_watch(struct loop *loop);

#endif
