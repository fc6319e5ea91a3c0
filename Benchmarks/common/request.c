#include "request.h"

#include <string.h>

static const char body[] = "{\"model\":\"bench-1-mini\",\"stream\":true,"
                           "\"messages\":[{\"role\":\"user\",\"content\":\"Count for as long as you are asked to.\"}]}";

void append_chat_request(struct buffer *out, const char *target, const char *path, uint32_t stream, uint32_t tokens,
                         double rate, const char *channel) {
    buffer_print(out,
                 "POST %s?tokens=%u&rate=%g&stream=%u HTTP/1.1\r\nhost: %s\r\naccept: text/event-stream\r\n"
                 "content-type: application/json\r\nauthorization: Bearer unused\r\ncontent-length: %zu\r\n",
                 path, tokens, rate, stream, target, strlen(body));
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
