/* A token stream in the form of a chat completion: made in answer to one request, paced or as fast as the socket takes it.
 *
 * A query says how: `tokens` (100), `rate` a second (0: no pacing), `stream`, the number that its tokens bear, `linger`, the
 * milliseconds between the last token and the end (0). It stands in the target or, since some proxies make requests of their
 * own of those that they get, in the text of the request's message. */
#ifndef BENCH_GENERATOR_H
#define BENCH_GENERATOR_H

#include "server.h"
#include "token.h"

/* Begins the answer; the connection's `state` is the generator until it ends. */
void generator_start(struct connection *connection, struct request request);
/* Sends what is due, at most that many tokens in one write. `made` (or NULL) sees each token. */
void generator_advance(struct due *due, uint64_t now, unsigned most, void (*made)(struct token token));
/* The socket takes more again. */
void generator_resume(struct connection *connection);
/* The caller has gone. */
void generator_abandon(struct connection *connection);

#endif
