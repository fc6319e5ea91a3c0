/* What every program here needs: time, a growing buffer, a piece of text, leaving with a message. */
#ifndef BENCH_BASICS_H
#define BENCH_BASICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NS_PER_S 1000000000ull
#define NS_PER_MS 1000000ull

/* CLOCK_MONOTONIC is one clock for every process of the machine, so a stamp made in one can be read in another. */
uint64_t now_ns(void);

/* Prints the message and errno's text (where set) on standard error and exits with status 1. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Ends the process after that many seconds, whatever it is doing: nothing here may outlive its run. */
void limit_lifetime(unsigned seconds);

/* Raises the soft limit of open files to the hard one. */
void raise_file_limit(void);

/* A piece of text inside somebody else's memory. */
struct text {
    const char *at;
    size_t length;
};

bool text_is(struct text text, const char *word);

struct buffer {
    char *bytes;
    size_t length;
    size_t capacity;
};

/* Makes room for that many more bytes and returns where they go; the caller adds to `length` what it used. */
char *buffer_reserve(struct buffer *buffer, size_t more);
void buffer_append(struct buffer *buffer, const char *bytes, size_t count);
void buffer_print(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_drop_front(struct buffer *buffer, size_t count);
void buffer_free(struct buffer *buffer);

/* The value of `--name VALUE` among the arguments, or the fallback. */
const char *option(int count, char **arguments, const char *name, const char *fallback);
double option_number(int count, char **arguments, const char *name, double fallback);
bool option_flag(int count, char **arguments, const char *name);

#endif
