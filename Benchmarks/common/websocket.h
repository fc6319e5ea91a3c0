/* RFC 6455. For clients: server frames in, masked control frames out. For a server: text frames out. */
#ifndef BENCH_WEBSOCKET_H
#define BENCH_WEBSOCKET_H

#include "basics.h"

enum websocket_opcode {
    WEBSOCKET_CONTINUATION = 0,
    WEBSOCKET_TEXT = 1,
    WEBSOCKET_BINARY = 2,
    WEBSOCKET_CLOSE = 8,
    WEBSOCKET_PING = 9,
    WEBSOCKET_PONG = 10,
};

struct websocket {
    /* A frame whose end has not come yet. */
    struct buffer pending;
    /* The fragments of a message so far. */
    struct buffer message;
};

/* Feeds bytes cut anywhere; calls once for every whole message and control frame. False: not what a server may send. */
bool websocket_feed(struct websocket *websocket, const char *bytes, size_t count,
                    void (*received)(void *owner, enum websocket_opcode opcode, struct text payload), void *owner);
/* Appends a control frame from the client; its mask is zero, which the RFC's receivers must take like any other. */
void websocket_append_control(struct buffer *out, enum websocket_opcode opcode, struct text payload);
/* Appends a whole message from the server, of less than 64 KiB. */
void websocket_append_text(struct buffer *out, struct text payload);

#endif
