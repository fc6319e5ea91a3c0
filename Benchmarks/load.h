/* The load generator's modes. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

int load_proxy(int count, char **arguments);
int load_fanout(int count, char **arguments);

#endif
