/* The model server's stand-in: POST anywhere begins a token stream (see common/generator.h).
 *
 *     upstream [--port 0] [--limit SECONDS]
 */
#include "common/generator.h"

/* About 16 KB in one write, as much as fits a TLS record: a burst that a real server would send. */
#define BURST 64

void served_request(struct connection *connection, struct text head, struct text method, struct text target) {
    (void)head;
    if (text_is(method, "POST")) {
        generator_start(connection, target);
    } else {
        server_refuse(connection, "404 Not Found");
    }
}

void served_due(struct due *due, uint64_t now) { generator_advance(due, now, BURST, NULL); }

void served_drained(struct connection *connection) {
    if (connection->state != NULL) {
        generator_resume(connection);
    }
}

void served_closed(struct connection *connection) {
    if (connection->state != NULL) {
        generator_abandon(connection);
    }
}

int main(int count, char **arguments) { return server_run(count, arguments); }
