/* The floor under fan-out: what it costs to do nothing but one write per delivery.
 *
 *     floor [--port 0] [--limit SECONDS]
 *
 * GET subscribes; POST begins a token stream (see common/generator.h) whose tokens go to the caller and, each framed once
 * like Tokencast's text deltas, to every subscriber. There is one channel and no past: who comes late misses what was. */
#include "common/generator.h"

#include <stdlib.h>

/* What `state` of a subscriber's connection points to. */
static char subscriber;

static struct {
    struct connection **list;
    size_t count;
    size_t capacity;
} subscribers;

static uint64_t sequence;

static void subscribe(struct connection *connection) {
    if (subscribers.count == subscribers.capacity) {
        subscribers.capacity = subscribers.capacity == 0 ? 1024 : subscribers.capacity * 2;
        subscribers.list = realloc(subscribers.list, subscribers.capacity * sizeof *subscribers.list);
        if (subscribers.list == NULL) {
            die("no memory for subscribers");
        }
    }
    subscribers.list[subscribers.count] = connection;
    subscribers.count += 1;
    connection->state = &subscriber;
    struct buffer out = {0};
    buffer_print(&out, "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n"
                       "transfer-encoding: chunked\r\n\r\n");
    append_chunk(&out, "retry: 1000\n\n", 13);
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

static void deliver(struct token token) {
    static struct buffer event, chunk;
    event.length = 0;
    chunk.length = 0;
    sequence += 1;
    buffer_print(&event, "event: delta\nid: 01benchbenchbenchbenchbench_%010llu\ndata: ", (unsigned long long)sequence);
    append_delta(&event, token);
    buffer_append(&event, "\n\n", 2);
    append_chunk(&chunk, event.bytes, event.length);
    /* Backwards, since a subscriber that is found gone leaves its place to the last one. */
    for (size_t i = subscribers.count; i > 0; i--) {
        server_send(subscribers.list[i - 1], chunk.bytes, chunk.length);
    }
}

void served_request(struct connection *connection, struct text head, struct text method, struct text target) {
    (void)head;
    if (text_is(method, "POST")) {
        generator_start(connection, target);
    } else {
        subscribe(connection);
    }
}

void served_due(struct due *due, uint64_t now) { generator_advance(due, now, 1, deliver); }

void served_drained(struct connection *connection) {
    if (connection->state != NULL && connection->state != &subscriber) {
        generator_resume(connection);
    }
}

void served_closed(struct connection *connection) {
    if (connection->state == &subscriber) {
        unsubscribe(connection);
    } else if (connection->state != NULL) {
        generator_abandon(connection);
    }
}

int main(int count, char **arguments) { return server_run(count, arguments); }
