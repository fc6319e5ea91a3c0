/* The hand-shake with whoever measures: "ready" is printed when the preparation is over; the run begins when a line comes on
   standard input; after the result the connections stay until another line, or the end of input, comes. */
#ifndef BENCH_GATE_H
#define BENCH_GATE_H

#include "loop.h"

/* With `wanted` false every call returns at once. */
void gate_open(struct loop *loop, bool wanted);
/* Prints the line and turns the loop until an answer comes. */
void gate_pass(struct loop *loop, const char *line);

#endif
