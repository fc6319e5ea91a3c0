/* Times in nanoseconds, kept to within 1 %: each power of two is cut into 64 steps. */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include "basics.h"

#define HISTOGRAM_STEPS 64
#define HISTOGRAM_BUCKETS (60 * HISTOGRAM_STEPS)

struct histogram {
    uint64_t count;
    uint64_t largest;
    uint64_t buckets[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *histogram, uint64_t value);
/* The value that this share (0 … 1) of all values does not exceed; 0 when there are none. */
uint64_t histogram_at(const struct histogram *histogram, double share);
/* `{"count":…,"p50":…,"p90":…,"p99":…,"max":…}`, in microseconds. */
void histogram_print(const struct histogram *histogram, struct buffer *out);

#endif
