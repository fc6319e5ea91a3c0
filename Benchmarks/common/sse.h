/* An event-stream reader for lines that end in LF or CR LF, which is what every peer here sends. */
#ifndef BENCH_SSE_H
#define BENCH_SSE_H

#include "basics.h"

struct sse {
    /* A line whose end has not come yet. */
    struct buffer line;
    struct buffer data;
    bool has_data;
    char name[16];
    size_t name_length;
};

/* Feeds bytes cut anywhere; calls once for every event that has data. */
void sse_feed(struct sse *sse, const char *bytes, size_t count,
              void (*event)(void *owner, struct text name, struct text data), void *owner);
void sse_reset(struct sse *sse);

#endif
