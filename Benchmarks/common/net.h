/* TCP on the loopback interface: non-blocking, without Nagle's delay. */
#ifndef BENCH_NET_H
#define BENCH_NET_H

#include "basics.h"

/* Listens on 127.0.0.1 (port 0: any free one) and returns the descriptor; `port` becomes the one it got. */
int net_listen(uint16_t *port);
/* The next connection, or -1 when none waits. */
int net_accept(int listener);
/* Begins to connect to HOST:PORT (an IPv4 address); writable when done. */
int net_connect(const char *target);
/* 0 when the connection that was begun stands, else errno. */
int net_connect_error(int fd);

#endif
