#include "sse.h"

#include <string.h>

static bool field(struct text line, const char *name, size_t length, struct text *value) {
    if (line.length <= length || memcmp(line.at, name, length) != 0 || line.at[length] != ':') {
        return false;
    }
    size_t from = length + 1;
    if (from < line.length && line.at[from] == ' ') {
        from += 1;
    }
    *value = (struct text){line.at + from, line.length - from};
    return true;
}

static void take_line(struct sse *sse, struct text line, void (*event)(void *, struct text, struct text), void *owner) {
    if (line.length > 0 && line.at[line.length - 1] == '\r') {
        line.length -= 1;
    }
    struct text value;
    if (line.length == 0) {
        if (sse->has_data) {
            struct text name = {sse->name, sse->name_length};
            struct text data = {sse->data.bytes, sse->data.length};
            event(owner, name, data);
        }
        sse->has_data = false;
        sse->data.length = 0;
        sse->name_length = 0;
    } else if (field(line, "data", 4, &value)) {
        if (sse->has_data) {
            buffer_append(&sse->data, "\n", 1);
        }
        sse->has_data = true;
        buffer_append(&sse->data, value.at, value.length);
    } else if (field(line, "event", 5, &value)) {
        sse->name_length = value.length < sizeof sse->name ? value.length : sizeof sse->name;
        memcpy(sse->name, value.at, sse->name_length);
    }
    /* Comments, ids and retry times are no concern of a reader that never comes back. */
}

void sse_feed(struct sse *sse, const char *bytes, size_t count, void (*event)(void *, struct text, struct text),
              void *owner) {
    const char *end = bytes + count;
    while (bytes < end) {
        const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));
        if (stop == NULL) {
            buffer_append(&sse->line, bytes, (size_t)(end - bytes));
            return;
        }
        if (sse->line.length > 0) {
            buffer_append(&sse->line, bytes, (size_t)(stop - bytes));
            take_line(sse, (struct text){sse->line.bytes, sse->line.length}, event, owner);
            sse->line.length = 0;
        } else {
            take_line(sse, (struct text){bytes, (size_t)(stop - bytes)}, event, owner);
        }
        bytes = stop + 1;
    }
}

void sse_reset(struct sse *sse) {
    sse->line.length = 0;
    sse->data.length = 0;
    sse->has_data = false;
    sse->name_length = 0;
}
