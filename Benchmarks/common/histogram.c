#include "histogram.h"

/* Values below two rows have a bucket each; above, the exponent picks the row and the bits after the leading one the step
   in it. */
static size_t bucket_of(uint64_t value) {
    if (value < 2 * HISTOGRAM_STEPS) {
        return (size_t)value;
    }
    int row = 63 - __builtin_clzll(value) - 6;
    return (size_t)row * HISTOGRAM_STEPS + (size_t)(value >> row);
}

/* The middle of a bucket. */
static uint64_t value_of(size_t bucket) {
    if (bucket < 2 * HISTOGRAM_STEPS) {
        return bucket;
    }
    size_t row = bucket / HISTOGRAM_STEPS - 1;
    uint64_t step = bucket - row * HISTOGRAM_STEPS;
    return (step << row) + ((1ull << row) >> 1);
}

void histogram_add(struct histogram *histogram, uint64_t value) {
    histogram->buckets[bucket_of(value)] += 1;
    histogram->count += 1;
    if (value > histogram->largest) {
        histogram->largest = value;
    }
}

uint64_t histogram_at(const struct histogram *histogram, double share) {
    uint64_t wanted = (uint64_t)((double)histogram->count * share);
    uint64_t seen = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS && seen < histogram->count; i++) {
        seen += histogram->buckets[i];
        if (seen > wanted || seen == histogram->count) {
            return value_of(i);
        }
    }
    return 0;
}

void histogram_print(const struct histogram *histogram, struct buffer *out) {
    buffer_print(out, "{\"count\":%llu,\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"p999\":%.1f,\"max\":%.1f}",
                 (unsigned long long)histogram->count, (double)histogram_at(histogram, 0.50) / 1e3,
                 (double)histogram_at(histogram, 0.90) / 1e3, (double)histogram_at(histogram, 0.99) / 1e3,
                 (double)histogram_at(histogram, 0.999) / 1e3, (double)histogram->largest / 1e3);
}
