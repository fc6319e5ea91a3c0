#include "client.h"

#include "net.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static void fail(struct client *client, const char *why) {
    client_close(client);
    client->calls->failed(client, why);
}

static void on_event(void *owner, struct text name, struct text data) {
    struct client *client = owner;
    client->calls->event(client, name, data);
}

static void on_message(void *owner, enum websocket_opcode opcode, struct text payload) {
    struct client *client = owner;
    struct buffer reply = {0};
    switch (opcode) {
    case WEBSOCKET_PING:
        websocket_append_control(&reply, WEBSOCKET_PONG, payload);
        client_send(client, reply.bytes, reply.length);
        buffer_free(&reply);
        break;
    case WEBSOCKET_CLOSE:
        client->left = 1;
        break;
    case WEBSOCKET_PONG:
        break;
    default:
        client->calls->event(client, (struct text){"", 0}, payload);
    }
}

static void end_reply(struct client *client) {
    client->state = CLIENT_HEAD;
    client->head.length = 0;
    sse_reset(&client->sse);
    client->calls->ended(client);
}

/* Decides by the head how the body is to be read. */
static bool take_head(struct client *client) {
    struct text head = {client->head.bytes, client->head.length};
    if (head.length < 12 || memcmp(head.at, "HTTP/1.1 ", 9) != 0) {
        return false;
    }
    client->status = atoi(head.at + 9);
    client->is_event_stream = http_field_contains(head, "content-type", "text/event-stream");
    struct text length;
    if (client->status == 101) {
        client->state = CLIENT_WEBSOCKET;
        client->left = 0;
    } else if (http_field_contains(head, "transfer-encoding", "chunked")) {
        client->state = CLIENT_CHUNKED;
        client->chunks = (struct http_chunks){0};
    } else if (http_field(head, "content-length", &length)) {
        client->state = CLIENT_LENGTH;
        client->left = http_content_length(head);
    } else {
        client->state = CLIENT_UNTIL_CLOSE;
    }
    client->calls->answered(client);
    return true;
}

static void take_body(struct client *client, const char *bytes, size_t count) {
    client->body_bytes += count;
    if (client->is_event_stream) {
        sse_feed(&client->sse, bytes, count, on_event, client);
    }
}

/* Takes one step through what was read and returns how many bytes it used; 0 with a complaint in `why` on nonsense. */
static size_t step(struct client *client, const char *bytes, size_t count, const char **why) {
    switch (client->state) {
    case CLIENT_HEAD: {
        /* Heads are short and rare: they are gathered, then cut where they end. */
        size_t before = client->head.length;
        buffer_append(&client->head, bytes, count);
        size_t length = http_head_length(client->head.bytes, client->head.length);
        if (length == 0) {
            *why = client->head.length > 65536 ? "endless head" : NULL;
            return count;
        }
        client->head.length = length;
        if (!take_head(client)) {
            *why = "not an HTTP/1.1 reply";
        } else if (client->state == CLIENT_LENGTH && client->left == 0) {
            end_reply(client);
        }
        return length - before;
    }
    case CLIENT_CHUNKED: {
        struct text piece;
        size_t used = http_chunks_take(&client->chunks, bytes, count, &piece);
        take_body(client, piece.at, piece.length);
        if (client->chunks.state == CHUNK_BAD) {
            *why = "malformed chunk";
        } else if (client->chunks.state == CHUNK_DONE) {
            end_reply(client);
        }
        return used;
    }
    case CLIENT_LENGTH: {
        size_t used = count < client->left ? count : client->left;
        client->left -= used;
        take_body(client, bytes, used);
        if (client->left == 0) {
            end_reply(client);
        }
        return used;
    }
    case CLIENT_UNTIL_CLOSE:
        take_body(client, bytes, count);
        return count;
    case CLIENT_WEBSOCKET:
        if (!websocket_feed(&client->websocket, bytes, count, on_message, client)) {
            *why = "malformed WebSocket frame";
        } else if (client->left > 0) {
            *why = "closed by the server";
        }
        return count;
    }
    return count;
}

static void read_some(struct client *client) {
    /* One buffer for all: whatever must outlive the call is copied by the parsers. */
    static char bytes[256 << 10];
    ssize_t count = read(client->source.fd, bytes, sizeof bytes);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (count == 0 && client->state == CLIENT_UNTIL_CLOSE) {
        client_close(client);
        client->calls->ended(client);
        return;
    }
    if (count <= 0) {
        fail(client, count == 0 ? "closed by the server" : strerror(errno));
        return;
    }
    client->received = now_ns();
    size_t used = 0;
    const char *why = NULL;
    while (used < (size_t)count && why == NULL && client->source.fd >= 0) {
        used += step(client, bytes + used, (size_t)count - used, &why);
    }
    if (why != NULL && client->source.fd >= 0) {
        fail(client, why);
    }
}

static void wait_to_write(struct client *client, bool wait) {
    if (client->waits_to_write != wait) {
        client->waits_to_write = wait;
        loop_change(client->loop, &client->source, wait ? EPOLLIN | EPOLLOUT : EPOLLIN);
    }
}

/* True when everything has left. */
static bool flush(struct client *client) {
    while (client->written < client->out.length) {
        ssize_t count = send(client->source.fd, client->out.bytes + client->written, client->out.length - client->written,
                             MSG_NOSIGNAL);
        if (count < 0) {
            /* A broken connection shows itself to the next read. */
            wait_to_write(client, errno == EAGAIN);
            return false;
        }
        client->written += (size_t)count;
    }
    client->out.length = 0;
    client->written = 0;
    wait_to_write(client, false);
    return true;
}

static void client_ready(struct source *source, uint32_t events) {
    struct client *client = (struct client *)source;
    if (client->connecting) {
        int error = net_connect_error(source->fd);
        if (error != 0) {
            fail(client, strerror(error));
            return;
        }
        client->connecting = false;
        wait_to_write(client, false);
        client->calls->connected(client);
        return;
    }
    if ((events & EPOLLOUT) != 0 && flush(client)) {
        client->calls->drained(client);
    }
    if (source->fd >= 0 && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
        read_some(client);
    }
}

void client_connect(struct client *client, struct loop *loop, const char *target, const struct client_calls *calls) {
    *client = (struct client){.loop = loop, .calls = calls, .connecting = true, .waits_to_write = true};
    client->source.fd = net_connect(target);
    client->source.ready = client_ready;
    loop_add(loop, &client->source, EPOLLIN | EPOLLOUT);
}

void client_send(struct client *client, const char *bytes, size_t count) {
    if (client->source.fd >= 0) {
        bool waits = client->written < client->out.length;
        buffer_append(&client->out, bytes, count);
        if (!waits) {
            flush(client);
        }
    }
}

void client_close(struct client *client) { loop_close_source(&client->source); }
