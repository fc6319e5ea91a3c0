/* The requests that the load generator sends. */
#ifndef BENCH_REQUEST_H
#define BENCH_REQUEST_H

#include "basics.h"

/* A streaming chat completion: so many tokens, so many a second (0: as fast as possible), of the stream of that number;
   to a channel where one is named. */
void append_chat_request(struct buffer *out, const char *target, const char *path, uint32_t stream, uint32_t tokens,
                         double rate, const char *channel);
void append_subscribe_request(struct buffer *out, const char *target, const char *path, bool websocket);
void append_publish_request(struct buffer *out, const char *target, const char *path, struct text body);

#endif
