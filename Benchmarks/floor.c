/* The floor under fan-out: what it costs to do nothing but one write per delivery.
 *
 *     floor [--port 0] [--limit SECONDS]
 *
 * GET subscribes, by SSE or WebSocket; POST begins a token stream (see common/generator.h) whose tokens go to the caller and, each framed once
 * like Tokencast's text deltas, to every subscriber. There is one channel and no past: who comes late misses what was. What a WebSocket client
 * sends is left unread. */
#include "common/generator.h"
#include "common/websocket.h"

#include <stdlib.h>

/* What `state` of a subscriber's connection points to. */
static char by_sse, by_websocket;

static struct {
    struct connection **list;
    size_t count;
    size_t capacity;
} subscribers;

static uint64_t sequence;

static bool is_subscriber(const struct connection *connection) {
    return connection->state == &by_sse || connection->state == &by_websocket;
}

static void subscribe(struct connection *connection, bool websocket) {
    if (subscribers.count == subscribers.capacity) {
        subscribers.capacity = subscribers.capacity == 0 ? 1024 : subscribers.capacity * 2;
        subscribers.list = realloc(subscribers.list, subscribers.capacity * sizeof *subscribers.list);
        if (subscribers.list == NULL) {
            die("no memory for subscribers");
        }
    }
    subscribers.list[subscribers.count] = connection;
    subscribers.count += 1;
    connection->state = websocket ? &by_websocket : &by_sse;
    struct buffer out = {0};
    if (websocket) {
        /* The answer to the key of RFC 6455, section 1.3, which the load generator sends. */
        buffer_print(&out, "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
                           "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
    } else {
        buffer_print(&out, "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n"
                           "transfer-encoding: chunked\r\n\r\n");
        append_chunk(&out, "retry: 1000\n\n", 13);
    }
    server_send(connection, out.bytes, out.length);
    buffer_free(&out);
}

static void unsubscribe(struct connection *connection) {
    for (size_t i = 0; i < subscribers.count; i++) {
        if (subscribers.list[i] == connection) {
            subscribers.count -= 1;
            subscribers.list[i] = subscribers.list[subscribers.count];
            return;
        }
    }
}

/* Both framings of an event are made once, whether anybody has subscribed to them or not. */
static void deliver(struct token token) {
    static struct buffer delta, event, chunk, frame;
    delta.length = event.length = chunk.length = frame.length = 0;
    sequence += 1;
    append_delta(&delta, token);
    buffer_print(&event, "event: delta\nid: 01benchbenchbenchbenchbench_%010llu\ndata: ", (unsigned long long)sequence);
    buffer_append(&event, delta.bytes, delta.length);
    buffer_append(&event, "\n\n", 2);
    append_chunk(&chunk, event.bytes, event.length);
    websocket_append_text(&frame, (struct text){delta.bytes, delta.length});
    /* Backwards, since a subscriber that is found gone leaves its place to the last one. */
    for (size_t i = subscribers.count; i > 0; i--) {
        struct connection *connection = subscribers.list[i - 1];
        const struct buffer *bytes = connection->state == &by_websocket ? &frame : &chunk;
        server_send(connection, bytes->bytes, bytes->length);
    }
}

void served_request(struct connection *connection, struct request request) {
    if (text_is(request.method, "POST")) {
        generator_start(connection, request);
    } else {
        subscribe(connection, http_field_contains(request.head, "upgrade", "websocket"));
    }
}

void served_due(struct due *due, uint64_t now) { generator_advance(due, now, 1, deliver); }

void served_drained(struct connection *connection) {
    if (connection->state != NULL && !is_subscriber(connection)) {
        generator_resume(connection);
    }
}

void served_closed(struct connection *connection) {
    if (is_subscriber(connection)) {
        unsubscribe(connection);
    } else if (connection->state != NULL) {
        generator_abandon(connection);
    }
}

int main(int count, char **arguments) { return server_run(count, arguments); }
