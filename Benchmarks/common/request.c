#include "request.h"

#include <stdio.h>

void append_chat_request(struct buffer *out, const char *target, const char *path, struct wish wish, const char *channel) {
    char body[256];
    /* The wish is part of the message: that much comes through every proxy. */
    int length = snprintf(body, sizeof body,
                          "{\"model\":\"bench-1-mini\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":"
                          "\"Count. ?tokens=%u&rate=%g&linger=%g&stream=%u\"}]}",
                          wish.tokens, wish.rate, wish.linger, wish.stream);
    buffer_print(out,
                 "POST %s HTTP/1.1\r\nhost: %s\r\naccept: text/event-stream\r\ncontent-type: application/json\r\n"
                 "authorization: Bearer unused\r\ncontent-length: %d\r\n",
                 path, target, length);
    if (channel != NULL) {
        buffer_print(out, "tokencast-channel: %s\r\n", channel);
    }
    buffer_print(out, "\r\n%s", body);
}

void append_subscribe_request(struct buffer *out, const char *target, const char *path, bool websocket) {
    buffer_print(out, "GET %s HTTP/1.1\r\nhost: %s\r\n", path, target);
    if (websocket) {
        /* The key is the RFC's own example: the reply to it is not looked at, 101 is enough. */
        buffer_print(out, "upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\n"
                          "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    } else {
        buffer_print(out, "accept: text/event-stream\r\n\r\n");
    }
}

void append_publish_request(struct buffer *out, const char *target, const char *path, struct text content) {
    buffer_print(out, "POST %s HTTP/1.1\r\nhost: %s\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n\r\n%.*s",
                 path, target, content.length, (int)content.length, content.at);
}
