#include "basics.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

uint64_t now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec;
}

void die(const char *format, ...) {
    int cause = errno;
    va_list values;
    va_start(values, format);
    vfprintf(stderr, format, values);
    va_end(values);
    if (cause != 0) {
        fprintf(stderr, ": %s", strerror(cause));
    }
    fputc('\n', stderr);
    exit(1);
}

void limit_lifetime(unsigned seconds) { alarm(seconds); }

void raise_file_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

bool text_is(struct text text, const char *word) {
    return text.length == strlen(word) && memcmp(text.at, word, text.length) == 0;
}

char *buffer_reserve(struct buffer *buffer, size_t more) {
    if (buffer->capacity - buffer->length < more) {
        size_t capacity = buffer->capacity == 0 ? 256 : buffer->capacity;
        while (capacity - buffer->length < more) {
            capacity *= 2;
        }
        buffer->bytes = realloc(buffer->bytes, capacity);
        if (buffer->bytes == NULL) {
            die("no memory for %zu bytes", capacity);
        }
        buffer->capacity = capacity;
    }
    return buffer->bytes + buffer->length;
}

void buffer_append(struct buffer *buffer, const char *bytes, size_t count) {
    if (count > 0) {
        memcpy(buffer_reserve(buffer, count), bytes, count);
        buffer->length += count;
    }
}

void buffer_print(struct buffer *buffer, const char *format, ...) {
    va_list values;
    va_start(values, format);
    va_list again;
    va_copy(again, values);
    int needed = vsnprintf(NULL, 0, format, values);
    va_end(values);
    /* One more for the zero byte, which does not count as content. */
    vsnprintf(buffer_reserve(buffer, (size_t)needed + 1), (size_t)needed + 1, format, again);
    va_end(again);
    buffer->length += (size_t)needed;
}

void buffer_drop_front(struct buffer *buffer, size_t count) {
    buffer->length -= count;
    if (buffer->length > 0 && count > 0) {
        memmove(buffer->bytes, buffer->bytes + count, buffer->length);
    }
}

void buffer_free(struct buffer *buffer) {
    free(buffer->bytes);
    *buffer = (struct buffer){0};
}

const char *option(int count, char **arguments, const char *name, const char *fallback) {
    for (int i = 1; i + 1 < count; i++) {
        if (strcmp(arguments[i], name) == 0) {
            return arguments[i + 1];
        }
    }
    return fallback;
}

double option_number(int count, char **arguments, const char *name, double fallback) {
    const char *value = option(count, arguments, name, NULL);
    if (value == NULL) {
        return fallback;
    }
    char *end = NULL;
    double number = strtod(value, &end);
    if (end == value || *end != 0 || number < 0) {
        errno = 0;
        die("%s takes a number, not '%s'", name, value);
    }
    return number;
}

bool option_flag(int count, char **arguments, const char *name) {
    for (int i = 1; i < count; i++) {
        if (strcmp(arguments[i], name) == 0) {
            return true;
        }
    }
    return false;
}
