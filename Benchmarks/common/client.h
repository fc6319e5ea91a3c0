/* A client's connection: requests out, replies in, taken apart down to the single event. */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include "http.h"
#include "loop.h"
#include "sse.h"
#include "websocket.h"

struct client;

struct client_calls {
    void (*connected)(struct client *client);
    /* A reply's head is there; its status is in `client->status`. */
    void (*answered)(struct client *client);
    /* An event of an event stream (its name may be empty) or a WebSocket message (no name). */
    void (*event)(struct client *client, struct text name, struct text data);
    /* A reply is complete; the connection can take the next request. */
    void (*ended)(struct client *client);
    /* What was handed over has left; more may follow. */
    void (*drained)(struct client *client);
    /* The peer closed, or sent something malformed: `client->source.fd` is -1. Not called for client_close(). */
    void (*failed)(struct client *client, const char *why);
};

struct client {
    struct source source;
    struct loop *loop;
    const struct client_calls *calls;
    struct buffer out;
    size_t written;
    bool connecting;
    bool waits_to_write;
    enum {
        CLIENT_HEAD,
        CLIENT_CHUNKED,
        CLIENT_LENGTH,
        CLIENT_UNTIL_CLOSE,
        CLIENT_WEBSOCKET,
    } state;
    struct buffer head;
    struct http_chunks chunks;
    size_t left;
    bool is_event_stream;
    int status;
    /* Of all replies, without their framing. */
    uint64_t body_bytes;
    struct sse sse;
    struct websocket websocket;
    /* When the bytes now being taken apart were read. */
    uint64_t received;
};

void client_connect(struct client *client, struct loop *loop, const char *target, const struct client_calls *calls);
/* Writes what the socket takes and keeps the rest until it takes more. */
void client_send(struct client *client, const char *bytes, size_t count);
void client_close(struct client *client);

#endif
