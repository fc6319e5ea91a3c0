/* An HTTP/1.1 server on one thread, for the upstream and the floor. Each program defines the three `served_…` functions. */
#ifndef BENCH_SERVER_H
#define BENCH_SERVER_H

#include "http.h"
#include "loop.h"
#include "schedule.h"

struct connection {
    struct source source;
    /* What has come in and is not answered yet. */
    struct buffer in;
    /* What the socket has not taken yet. */
    struct buffer out;
    size_t written;
    /* A reply is under way: the next request waits. */
    bool busy;
    /* Its requests are being taken just now. */
    bool takes;
    bool waits_to_write;
    /* The program's own. */
    void *state;
    struct connection *next_dead;
};

/* Valid only during the call that it is given to. `body` has the framing that it came with. */
struct request {
    struct text method;
    struct text target;
    struct text head;
    struct text body;
};

/* A whole request has come. `connection->busy` is set; the program calls server_done() when its reply is complete. */
void served_request(struct connection *connection, struct request request);
/* Everything written has left the socket's queue and there was a wait. */
void served_drained(struct connection *connection);
void served_closed(struct connection *connection);
/* This entry of the schedule is due. */
void served_due(struct due *due, uint64_t now);

/* What the server waits with, for a program that has descriptors of its own. It is open once the first request has come. */
struct loop *server_loop(void);

/* Prints the port, serves until standard input closes or SIGTERM or SIGINT comes. */
int server_run(int count, char **arguments);

/* Writes what the socket takes and keeps the rest. True when nothing is kept. */
bool server_send(struct connection *connection, const char *bytes, size_t count);
void server_done(struct connection *connection);
/* Closes at once; served_closed() is called. Safe inside any callback. */
void server_drop(struct connection *connection);
void server_schedule(struct due *due, uint64_t at);
void server_unschedule(struct due *due);

/* A whole reply with a body of JSON, or none where `json` is empty. */
void server_reply(struct connection *connection, const char *status, const char *json);

#endif
