#include "generator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct generator {
    struct due due;
    struct connection *connection;
    uint32_t stream;
    uint32_t tokens;
    uint32_t next;
    /* Between two tokens; 0: a burst. */
    uint64_t interval;
    /* Between the last token and the end. */
    uint64_t linger;
    uint64_t next_at;
};

static const char head[] = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n"
                           "x-request-id: bench\r\ntransfer-encoding: chunked\r\n\r\n";

void generator_start(struct connection *connection, struct request request) {
    struct text query = memchr(request.target.at, '?', request.target.length) != NULL ? request.target : request.body;
    struct generator *generator = calloc(1, sizeof *generator);
    if (generator == NULL) {
        die("no memory for a stream");
    }
    double rate = http_query_number(query, "rate", 0);
    double tokens = http_query_number(query, "tokens", 100);
    double linger = http_query_number(query, "linger", 0);
    generator->connection = connection;
    generator->stream = (uint32_t)http_query_number(query, "stream", 0);
    generator->tokens = tokens >= 1 && tokens <= 1e8 ? (uint32_t)tokens : 1;
    generator->interval = rate > 0 ? (uint64_t)((double)NS_PER_S / rate) : 0;
    generator->linger = linger > 0 && linger <= 1e7 ? (uint64_t)(linger * (double)NS_PER_MS) : 0;
    connection->state = generator;
    server_schedule(&generator->due, now_ns());
}

void generator_abandon(struct connection *connection) {
    struct generator *generator = connection->state;
    server_unschedule(&generator->due);
    connection->state = NULL;
    free(generator);
}

/* Streams that began together must not tick together: the golden ratio spreads any number of them evenly over an interval. */
static uint64_t phase(const struct generator *generator) {
    double turns = generator->stream * 0.6180339887498949;
    return (uint64_t)((turns - floor(turns)) * (double)generator->interval);
}

static void schedule_next(struct generator *generator) {
    generator->next_at += generator->next == 1 ? phase(generator) : generator->interval;
    uint64_t at = generator->interval == 0 ? now_ns() : generator->next_at;
    server_schedule(&generator->due, generator->next == generator->tokens ? at + generator->linger : at);
}

void generator_advance(struct due *due, uint64_t now, unsigned most, void (*made)(struct token)) {
    struct generator *generator = (struct generator *)due;
    struct connection *connection = generator->connection;
    static struct buffer out;
    out.length = 0;
    if (generator->next == 0) {
        generator->next_at = now;
        buffer_append(&out, head, strlen(head));
        append_chat_role(&out, generator->stream);
    }
    bool ends = generator->next == generator->tokens;
    unsigned count = generator->interval > 0 ? 1 : most;
    for (unsigned i = 0; i < count && generator->next < generator->tokens; i++) {
        struct token token = {generator->stream, generator->next, now_ns()};
        append_chat_token(&out, token);
        generator->next += 1;
        if (made != NULL) {
            made(token);
        }
    }
    if (ends) {
        append_chat_end(&out, generator->stream);
        generator_abandon(connection);
        server_send(connection, out.bytes, out.length);
        server_done(connection);
    } else if (server_send(connection, out.bytes, out.length)) {
        schedule_next(generator);
    }
    /* Otherwise the socket is full (and resuming goes on from there), or the connection is gone. */
}

void generator_resume(struct connection *connection) {
    schedule_next(connection->state);
}
