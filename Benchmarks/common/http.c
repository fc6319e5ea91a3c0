#include "http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

size_t http_head_length(const char *bytes, size_t count) {
    const char *end = count < 4 ? NULL : memmem(bytes, count, "\r\n\r\n", 4);
    return end == NULL ? 0 : (size_t)(end - bytes) + 4;
}

bool http_field(struct text head, const char *name, struct text *value) {
    size_t length = strlen(name);
    const char *end = head.at + head.length;
    const char *line = memchr(head.at, '\n', head.length);
    while (line != NULL) {
        line += 1;
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        if (stop == NULL) {
            return false;
        }
        if ((size_t)(stop - line) > length && line[length] == ':' && strncasecmp(line, name, length) == 0) {
            const char *from = line + length + 1;
            const char *to = stop;
            while (from < to && (*from == ' ' || *from == '\t')) {
                from += 1;
            }
            while (to > from && (to[-1] == ' ' || to[-1] == '\t' || to[-1] == '\r')) {
                to -= 1;
            }
            *value = (struct text){from, (size_t)(to - from)};
            return true;
        }
        line = stop;
    }
    return false;
}

bool http_field_contains(struct text head, const char *name, const char *word) {
    struct text value;
    if (!http_field(head, name, &value)) {
        return false;
    }
    size_t length = strlen(word);
    for (size_t i = 0; i + length <= value.length; i++) {
        if (strncasecmp(value.at + i, word, length) == 0) {
            return true;
        }
    }
    return false;
}

size_t http_content_length(struct text head) {
    struct text value;
    /* The field ends in CR LF, where strtoull stops. */
    return http_field(head, "content-length", &value) ? (size_t)strtoull(value.at, NULL, 10) : 0;
}

double http_query_number(struct text target, const char *name, double fallback) {
    size_t length = strlen(name);
    const char *end = target.at + target.length;
    const char *at = memchr(target.at, '?', target.length);
    while (at != NULL) {
        at += 1;
        if ((size_t)(end - at) > length && at[length] == '=' && strncmp(at, name, length) == 0) {
            return strtod(at + length + 1, NULL);
        }
        at = memchr(at, '&', (size_t)(end - at));
    }
    return fallback;
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t http_chunks_take(struct http_chunks *chunks, const char *bytes, size_t count, struct text *piece) {
    *piece = (struct text){bytes, 0};
    size_t i = 0;
    while (i < count && chunks->state != CHUNK_DONE && chunks->state != CHUNK_BAD) {
        char c = bytes[i];
        switch (chunks->state) {
        case CHUNK_SIZE: {
            int digit = hex_value(c);
            if (digit >= 0 && chunks->digits < 15) {
                chunks->left = chunks->left * 16 + (unsigned)digit;
                chunks->digits += 1;
                i += 1;
            } else {
                chunks->state = chunks->digits == 0 || digit >= 0 ? CHUNK_BAD : CHUNK_EXTENSION;
            }
            break;
        }
        case CHUNK_EXTENSION:
            i += 1;
            if (c == '\n') {
                chunks->state = chunks->left == 0 ? CHUNK_TRAILER_START : CHUNK_DATA;
            }
            break;
        case CHUNK_DATA: {
            size_t take = count - i < chunks->left ? count - i : (size_t)chunks->left;
            *piece = (struct text){bytes + i, take};
            chunks->left -= take;
            if (chunks->left == 0) {
                chunks->state = CHUNK_DATA_END;
            }
            return i + take;
        }
        case CHUNK_DATA_END:
            i += 1;
            if (c == '\n') {
                chunks->state = CHUNK_SIZE;
                chunks->digits = 0;
            } else if (c != '\r') {
                chunks->state = CHUNK_BAD;
            }
            break;
        case CHUNK_TRAILER_START:
            i += 1;
            if (c == '\n') {
                chunks->state = CHUNK_DONE;
            } else if (c != '\r') {
                chunks->state = CHUNK_TRAILER;
            }
            break;
        case CHUNK_TRAILER:
            i += 1;
            if (c == '\n') {
                chunks->state = CHUNK_TRAILER_START;
            }
            break;
        case CHUNK_DONE:
        case CHUNK_BAD:
            break;
        }
    }
    return i;
}
