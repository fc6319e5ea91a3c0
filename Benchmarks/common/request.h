/* The requests that the load generator sends. */
#ifndef BENCH_REQUEST_H
#define BENCH_REQUEST_H

#include "basics.h"

/* What a chat completion is asked for: see common/generator.h. */
struct wish {
    uint32_t stream;
    uint32_t tokens;
    double rate;
    double linger;
};

/* A streaming chat completion, to a channel where one is named. */
void append_chat_request(struct buffer *out, const char *target, const char *path, struct wish wish, const char *channel);
void append_subscribe_request(struct buffer *out, const char *target, const char *path, bool websocket);
void append_publish_request(struct buffer *out, const char *target, const char *path, struct text body);

#endif
