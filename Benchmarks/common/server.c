#include "server.h"

#include "net.h"
#include "stopping.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define LARGEST_REQUEST (1u << 20)

static struct {
    struct loop loop;
    struct source listener;
    struct timer timer;
    struct schedule schedule;
    /* Closed in this turn of the loop: freed after it, since events for them may still stand in its list. */
    struct connection *dead;
} server;

struct loop *server_loop(void) { return &server.loop; }

void server_drop(struct connection *connection) {
    if (connection->source.fd >= 0) {
        loop_close_source(&connection->source);
        served_closed(connection);
        connection->next_dead = server.dead;
        server.dead = connection;
    }
}

static void bury_dead(void) {
    while (server.dead != NULL) {
        struct connection *connection = server.dead;
        server.dead = connection->next_dead;
        buffer_free(&connection->in);
        buffer_free(&connection->out);
        free(connection);
    }
}

static void wait_to_write(struct connection *connection, bool wait) {
    if (connection->waits_to_write != wait) {
        connection->waits_to_write = wait;
        loop_change(&server.loop, &connection->source, wait ? EPOLLIN | EPOLLOUT : EPOLLIN);
    }
}

bool server_send(struct connection *connection, const char *bytes, size_t count) {
    if (connection->source.fd < 0) {
        return false;
    }
    size_t taken = 0;
    if (connection->out.length == 0) {
        ssize_t sent = send(connection->source.fd, bytes, count, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            server_drop(connection);
            return false;
        }
        taken = sent < 0 ? 0 : (size_t)sent;
    }
    if (taken == count) {
        return true;
    }
    buffer_append(&connection->out, bytes + taken, count - taken);
    wait_to_write(connection, true);
    return false;
}

static void flush(struct connection *connection) {
    ssize_t sent = send(connection->source.fd, connection->out.bytes + connection->written,
                        connection->out.length - connection->written, MSG_NOSIGNAL);
    if (sent < 0) {
        if (errno != EAGAIN && errno != EINTR) {
            server_drop(connection);
        }
        return;
    }
    connection->written += (size_t)sent;
    if (connection->written == connection->out.length) {
        connection->out.length = 0;
        connection->written = 0;
        wait_to_write(connection, false);
        served_drained(connection);
    }
}

void server_reply(struct connection *connection, const char *status, const char *json) {
    struct buffer reply = {0};
    buffer_print(&reply, "HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n\r\n%s", status,
                 strlen(json), json);
    server_send(connection, reply.bytes, reply.length);
    buffer_free(&reply);
    server_done(connection);
}

/* The length of the request's body with its framing, or false while it is not all there. */
static bool body_length(struct text head, const char *body, size_t count, size_t *length) {
    if (!http_field_contains(head, "transfer-encoding", "chunked")) {
        *length = http_content_length(head);
        return count >= *length;
    }
    struct http_chunks chunks = {0};
    struct text piece;
    *length = 0;
    while (*length < count && chunks.state != CHUNK_DONE && chunks.state != CHUNK_BAD) {
        *length += http_chunks_take(&chunks, body + *length, count - *length, &piece);
    }
    return chunks.state == CHUNK_DONE;
}

static void take_requests(struct connection *connection) {
    connection->takes = true;
    while (!connection->busy && connection->source.fd >= 0) {
        struct buffer *in = &connection->in;
        struct text head = {in->bytes, http_head_length(in->bytes, in->length)};
        size_t body;
        if (head.length == 0 || !body_length(head, in->bytes + head.length, in->length - head.length, &body)) {
            if (in->length > LARGEST_REQUEST) {
                server_drop(connection);
            }
            break;
        }
        const char *space = memchr(head.at, ' ', head.length);
        const char *after = space == NULL ? NULL : memchr(space + 1, ' ', head.length - (size_t)(space + 1 - head.at));
        if (after == NULL) {
            server_drop(connection);
            break;
        }
        struct text method = {head.at, (size_t)(space - head.at)};
        struct text target = {space + 1, (size_t)(after - space - 1)};
        connection->busy = true;
        served_request(connection, (struct request){method, target, head, {in->bytes + head.length, body}});
        buffer_drop_front(in, head.length + body);
    }
    connection->takes = false;
}

void server_done(struct connection *connection) {
    connection->busy = false;
    /* From within served_request() the loop that called it goes on by itself. */
    if (!connection->takes) {
        take_requests(connection);
    }
}

static void connection_ready(struct source *source, uint32_t events) {
    struct connection *connection = (struct connection *)source;
    if ((events & EPOLLOUT) != 0) {
        flush(connection);
    }
    if (source->fd >= 0 && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
        char *room = buffer_reserve(&connection->in, 4096);
        ssize_t count = read(source->fd, room, 4096);
        if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) {
            server_drop(connection);
            return;
        }
        connection->in.length += count < 0 ? 0 : (size_t)count;
    }
    if (source->fd >= 0 && connection->in.length > 0) {
        take_requests(connection);
    }
}

static void listener_ready(struct source *source, uint32_t events) {
    (void)events;
    int fd;
    while ((fd = net_accept(source->fd)) >= 0) {
        struct connection *connection = calloc(1, sizeof *connection);
        if (connection == NULL) {
            die("no memory for a connection");
        }
        connection->source.fd = fd;
        connection->source.ready = connection_ready;
        loop_add(&server.loop, &connection->source, EPOLLIN);
    }
}

static void run_due(void) {
    /* What becomes due meanwhile waits for the next turn, so that sockets are looked at in between. */
    uint64_t now = now_ns();
    struct due *due;
    while ((due = schedule_first(&server.schedule)) != NULL && due->at <= now) {
        schedule_remove(&server.schedule, due);
        served_due(due, now);
    }
}

static void timer_fired(struct timer *timer) {
    (void)timer;
    run_due();
}

void server_schedule(struct due *due, uint64_t at) { schedule_put(&server.schedule, due, at); }

void server_unschedule(struct due *due) { schedule_remove(&server.schedule, due); }

int server_run(int count, char **arguments) {
    limit_lifetime((unsigned)option_number(count, arguments, "--limit", 3600));
    raise_file_limit();
    uint16_t port = (uint16_t)option_number(count, arguments, "--port", 0);
    loop_open(&server.loop);
    server.listener = (struct source){net_listen(&port), listener_ready};
    loop_add(&server.loop, &server.listener, EPOLLIN);
    timer_open(&server.timer, &server.loop, timer_fired);
    stopping_watch(&server.loop);
    printf("%u\n", port);
    fflush(stdout);
    while (!stopping) {
        struct due *due = schedule_first(&server.schedule);
        bool late = due != NULL && due->at <= now_ns();
        if (due != NULL && !late) {
            timer_set(&server.timer, due->at);
        }
        loop_turn(&server.loop, late ? 0 : -1);
        if (late) {
            run_due();
        }
        bury_dead();
    }
    return 0;
}
