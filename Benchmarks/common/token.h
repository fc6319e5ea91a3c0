/* The token: a text that says which stream it is of, its place there, and when it was sent.
 *
 *     " tok@" stream "." sequence "." send time        (hexadecimal: 8, 8 and 16 digits)
 *
 * It needs no escaping in JSON and survives any re-framing, so one check serves every peer and every format. */
#ifndef BENCH_TOKEN_H
#define BENCH_TOKEN_H

#include "basics.h"

#define TOKEN_LENGTH 39

struct token {
    uint32_t stream;
    uint32_t sequence;
    uint64_t sent;
};

void token_write(char text[TOKEN_LENGTH], struct token token);
/* Finds the first token of the text; what follows it stays in `rest`. */
bool token_find(struct text text, struct token *token, struct text *found, struct text *rest);

/* Appends `count` bytes as one HTTP chunk. */
void append_chunk(struct buffer *out, const char *bytes, size_t count);
/* The frames of an OpenAI chat stream, each as one HTTP chunk. */
void append_chat_role(struct buffer *out, uint32_t stream);
void append_chat_token(struct buffer *out, struct token token);
/* The chunk with the finish reason, `data: [DONE]`, and the end of the body. */
void append_chat_end(struct buffer *out, uint32_t stream);
/* A text delta as Tokencast's subscribers see it (only the JSON). */
void append_delta(struct buffer *out, struct token token);

#endif
