/* The model server's stand-in, as OpenAI-compatible as its callers need: POST anywhere begins a token stream (see
 * common/generator.h); routers and gateways also ask whether it is there, and which models it has.
 *
 *     upstream [--port 0] [--limit SECONDS]
 */
#include "common/generator.h"

/* About 16 KB in one write, as much as fits a TLS record: a burst that a real server would send. */
#define BURST 64

void served_request(struct connection *connection, struct request request) {
    if (text_is(request.method, "POST")) {
        generator_start(connection, request);
    } else if (text_is(request.target, "/health")) {
        server_reply(connection, "200 OK", "");
    } else if (text_is(request.target, "/v1/models")) {
        server_reply(connection, "200 OK",
                     "{\"object\":\"list\",\"data\":[{\"id\":\"bench-1-mini\",\"object\":\"model\","
                     "\"created\":1767225600,\"owned_by\":\"bench\"}]}");
    } else {
        server_reply(connection, "404 Not Found", "");
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
