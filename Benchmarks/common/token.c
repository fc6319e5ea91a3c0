#include "token.h"

#include <stdio.h>
#include <string.h>

static const char mark[] = " tok@";

static void write_hex(char *to, uint64_t value, int digits) {
    for (int i = digits - 1; i >= 0; i--) {
        to[i] = "0123456789abcdef"[value & 15];
        value >>= 4;
    }
}

static bool read_hex(const char *from, int digits, uint64_t *value) {
    uint64_t sum = 0;
    for (int i = 0; i < digits; i++) {
        char c = from[i];
        unsigned digit = c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
        if (digit > 15) {
            return false;
        }
        sum = sum * 16 + digit;
    }
    *value = sum;
    return true;
}

void token_write(char text[TOKEN_LENGTH], struct token token) {
    memcpy(text, mark, 5);
    write_hex(text + 5, token.stream, 8);
    text[13] = '.';
    write_hex(text + 14, token.sequence, 8);
    text[22] = '.';
    write_hex(text + 23, token.sent, 16);
}

bool token_find(struct text text, struct token *token, struct text *found, struct text *rest) {
    const char *end = text.at + text.length;
    const char *at = text.at;
    while (at < end && (at = memchr(at, '@', (size_t)(end - at))) != NULL) {
        const char *start = at - 4;
        uint64_t stream, sequence, sent;
        if (start >= text.at && end - start >= TOKEN_LENGTH && memcmp(start, mark, 5) == 0 && start[13] == '.' &&
            start[22] == '.' && read_hex(start + 5, 8, &stream) && read_hex(start + 14, 8, &sequence) &&
            read_hex(start + 23, 16, &sent)) {
            *token = (struct token){(uint32_t)stream, (uint32_t)sequence, sent};
            *found = (struct text){start, TOKEN_LENGTH};
            *rest = (struct text){start + TOKEN_LENGTH, (size_t)(end - start) - TOKEN_LENGTH};
            return true;
        }
        at += 1;
    }
    return false;
}

void append_chunk(struct buffer *out, const char *bytes, size_t count) {
    char size[20];
    int digits = snprintf(size, sizeof size, "%zx\r\n", count);
    buffer_append(out, size, (size_t)digits);
    buffer_append(out, bytes, count);
    buffer_append(out, "\r\n", 2);
}

/* The parts of a frame around the stream's number and around the delta. */
static const char chat_head[] = "data: {\"id\":\"chatcmpl-";
static const char chat_middle[] = "\",\"object\":\"chat.completion.chunk\",\"created\":1767225600,"
                                  "\"model\":\"bench-1-mini\",\"choices\":[{\"index\":0,\"delta\":";
static const char chat_tail[] = ",\"logprobs\":null,\"finish_reason\":null}]}\n\n";

static void append_chat(struct buffer *out, uint32_t stream, const char *delta, const char *tail) {
    char frame[512];
    int count = snprintf(frame, sizeof frame, "%s%08x%s%s%s", chat_head, stream, chat_middle, delta, tail);
    append_chunk(out, frame, (size_t)count);
}

void append_chat_role(struct buffer *out, uint32_t stream) {
    append_chat(out, stream, "{\"role\":\"assistant\",\"content\":\"\"}", chat_tail);
}

void append_chat_end(struct buffer *out, uint32_t stream) {
    append_chat(out, stream, "{}", ",\"logprobs\":null,\"finish_reason\":\"stop\"}]}\n\n");
    append_chunk(out, "data: [DONE]\n\n", 14);
    buffer_append(out, "0\r\n\r\n", 5);
}

/* A burst makes millions of these: the frame is laid out once, and each token only fills in its numbers. */
void append_chat_token(struct buffer *out, struct token token) {
    static char frame[512];
    static size_t length, id_at, text_at;
    if (length == 0) {
        struct buffer plain = {0};
        buffer_print(&plain, "%s%08x%s{\"content\":\"%*s\"}%s", chat_head, 0, chat_middle, TOKEN_LENGTH, "", chat_tail);
        struct buffer chunk = {0};
        append_chunk(&chunk, plain.bytes, plain.length);
        memcpy(frame, chunk.bytes, chunk.length);
        length = chunk.length;
        id_at = chunk.length - 2 - plain.length + strlen(chat_head);
        text_at = id_at + 8 + strlen(chat_middle) + strlen("{\"content\":\"");
        buffer_free(&plain);
        buffer_free(&chunk);
    }
    write_hex(frame + id_at, token.stream, 8);
    token_write(frame + text_at, token);
    buffer_append(out, frame, length);
}

void append_delta(struct buffer *out, struct token token) {
    char text[TOKEN_LENGTH];
    token_write(text, token);
    buffer_print(out, "{\"choice\":0,\"part\":0,\"type\":\"text\",\"text\":\"%.*s\"}", TOKEN_LENGTH, text);
}
