/* The little of HTTP/1.1 that both ends need: heads, fields, query members, chunked bodies. */
#ifndef BENCH_HTTP_H
#define BENCH_HTTP_H

#include "basics.h"

/* Length of the head with its blank line, or 0 while it is not complete. */
size_t http_head_length(const char *bytes, size_t count);
/* The value of a header field (its name in any case), trimmed. */
bool http_field(struct text head, const char *name, struct text *value);
bool http_field_contains(struct text head, const char *name, const char *word);
/* Content-Length, or 0. */
size_t http_content_length(struct text head);
/* A number from the target's query string. */
double http_query_number(struct text target, const char *name, double fallback);

/* A decoder for chunked bodies, fed with whatever a read brought. */
struct http_chunks {
    enum {
        CHUNK_SIZE,
        CHUNK_EXTENSION,
        CHUNK_DATA,
        CHUNK_DATA_END,
        CHUNK_TRAILER_START,
        CHUNK_TRAILER,
        CHUNK_DONE,
        CHUNK_BAD,
    } state;
    uint64_t left;
    unsigned digits;
};

/* Takes bytes up to the end of the next piece of payload (which may be empty) and returns how many; call again with the
   rest. After the last chunk the state is CHUNK_DONE, and what follows belongs to the next message. */
size_t http_chunks_take(struct http_chunks *chunks, const char *bytes, size_t count, struct text *piece);

#endif
