/* The floor under proxying: what it costs to do nothing but wait, read and write.
 *
 *     relay --target HOST:PORT [--port 0] [--limit SECONDS]
 *
 * Every connection gets one of its own to the target, and the bytes go to and fro as they come. Nothing is parsed, no
 * connection is shared, nothing is counted: one epoll_wait, recv and send per piece is what any proxy must do. */
#include "common/loop.h"
#include "common/net.h"
#include "common/stopping.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

/* One end of a pair. */
struct side {
    struct source source;
    struct pair *pair;
    struct side *other;
    /* What this side's socket has not taken yet: the other side isn't read meanwhile. */
    struct buffer out;
    size_t written;
    uint32_t events;
};

struct pair {
    struct side caller;
    struct side upstream;
    bool ends;
    struct pair *next_dead;
};

static struct {
    const char *target;
    struct loop loop;
    struct source listener;
    /* Closed in this turn of the loop: freed after it, since events for them may still stand in its list. */
    struct pair *dead;
} relay;

static void watch(struct side *side, uint32_t events) {
    if (side->events != events) {
        side->events = events;
        loop_change(&relay.loop, &side->source, events);
    }
}

static void end(struct pair *pair) {
    if (pair->caller.source.fd >= 0) {
        loop_close_source(&pair->caller.source);
        loop_close_source(&pair->upstream.source);
        pair->next_dead = relay.dead;
        relay.dead = pair;
    }
}

static void bury_dead(void) {
    while (relay.dead != NULL) {
        struct pair *pair = relay.dead;
        relay.dead = pair->next_dead;
        buffer_free(&pair->caller.out);
        buffer_free(&pair->upstream.out);
        free(pair);
    }
}

/* How many bytes the socket took; -1 when it is broken. */
static ssize_t take(struct side *side, const char *bytes, size_t count) {
    ssize_t sent = send(side->source.fd, bytes, count, MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOTCONN)) {
        return 0;
    }
    return sent;
}

static void give(struct side *side, const char *bytes, size_t count) {
    ssize_t sent = take(side, bytes, count);
    if (sent < 0) {
        end(side->pair);
    } else if ((size_t)sent < count) {
        buffer_append(&side->out, bytes + sent, count - (size_t)sent);
        watch(side, EPOLLOUT | (side->events & EPOLLIN));
        watch(side->other, side->other->events & ~(uint32_t)EPOLLIN);
    }
}

static void flush(struct side *side) {
    ssize_t sent = take(side, side->out.bytes + side->written, side->out.length - side->written);
    if (sent < 0) {
        end(side->pair);
        return;
    }
    side->written += (size_t)sent;
    if (side->written == side->out.length) {
        side->out.length = side->written = 0;
        watch(side, side->events & ~(uint32_t)EPOLLOUT);
        watch(side->other, side->other->events | EPOLLIN);
        if (side->pair->ends) {
            end(side->pair);
        }
    }
}

static void side_ready(struct source *source, uint32_t events) {
    static char bytes[64 << 10];
    struct side *side = (struct side *)source;
    if ((events & EPOLLOUT) != 0) {
        flush(side);
    }
    if (source->fd < 0 || (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0) {
        return;
    }
    ssize_t count = recv(source->fd, bytes, sizeof bytes, 0);
    if (count > 0) {
        give(side->other, bytes, (size_t)count);
    } else if (count == 0 && side->other->out.length > 0) {
        /* The other end still gets what has come. */
        side->pair->ends = true;
        watch(side, 0);
    } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
        end(side->pair);
    }
}

static void open_side(struct side *side, struct pair *pair, struct side *other, int fd, uint32_t events) {
    *side = (struct side){.source = {fd, side_ready}, .pair = pair, .other = other, .events = events};
    loop_add(&relay.loop, &side->source, events);
}

static void listener_ready(struct source *source, uint32_t events) {
    (void)events;
    int fd;
    while ((fd = net_accept(source->fd)) >= 0) {
        struct pair *pair = calloc(1, sizeof *pair);
        if (pair == NULL) {
            die("no memory for a connection");
        }
        /* The caller isn't read before there is somebody to give it to: the first flush, of nothing, begins it. */
        open_side(&pair->caller, pair, &pair->upstream, fd, 0);
        open_side(&pair->upstream, pair, &pair->caller, net_connect(relay.target), EPOLLIN | EPOLLOUT);
    }
}

int main(int count, char **arguments) {
    limit_lifetime((unsigned)option_number(count, arguments, "--limit", 3600));
    raise_file_limit();
    relay.target = option(count, arguments, "--target", NULL);
    if (relay.target == NULL) {
        errno = 0;
        die("usage: relay --target HOST:PORT [--port 0] [--limit SECONDS]");
    }
    uint16_t port = (uint16_t)option_number(count, arguments, "--port", 0);
    loop_open(&relay.loop);
    relay.listener = (struct source){net_listen(&port), listener_ready};
    loop_add(&relay.loop, &relay.listener, EPOLLIN);
    stopping_watch(&relay.loop);
    printf("%u\n", port);
    fflush(stdout);
    while (!stopping) {
        loop_turn(&relay.loop, -1);
        bury_dead();
    }
    return 0;
}
