/* The floor under recording: what it costs to do nothing but write a tape's lines and digest its body.
 *
 *     tapes [--directory .] [--tapes 32] [--tokens 500] [--lines 64] [--seconds 2]
 *
 * The lines are those of a burst of the upstream, made before the clock starts; so many of them go out in each write, to
 * one file after the other, each of which begins anew once it has its tokens. Prints, as one line of JSON, the processor
 * time per line of the writes alone and of SHA-256 alone, in nanoseconds. */
#include "common/basics.h"
#include "common/token.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint64_t cpu_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec;
}

/* One token's bytes, without the framing of HTTP, and the line that a tape has of them. */
static void make(struct buffer *body, struct buffer *lines, uint32_t sequence) {
    struct buffer chunk = {0};
    append_chat_token(&chunk, (struct token){1, sequence, now_ns()});
    const char *start = memchr(chunk.bytes, '\n', chunk.length);
    size_t count = (size_t)(chunk.bytes + chunk.length - 2 - (start + 1));
    buffer_append(body, start + 1, count);
    buffer_print(lines, "[\"c\",%u,\"", 1000000 + sequence);
    for (size_t i = 0; i < count; i += 1) {
        char byte = start[1 + i];
        if (byte == '"' || byte == '\\') {
            buffer_append(lines, "\\", 1);
        }
        buffer_append(lines, byte == '\n' ? "\\n" : &byte, byte == '\n' ? 2 : 1);
    }
    buffer_append(lines, "\"]\n", 3);
    buffer_free(&chunk);
}

static double write_ns(const char *directory, struct buffer *lines, unsigned batch, unsigned tapes, unsigned tokens,
                       double seconds) {
    int *files = calloc(tapes, sizeof *files);
    if (files == NULL) {
        die("no memory");
    }
    uint64_t spent = 0, count = 0, deadline = now_ns() + (uint64_t)(seconds * NS_PER_S);
    while (now_ns() < deadline) {
        for (unsigned tape = 0; tape < tapes; tape += 1) {
            char name[4096];
            snprintf(name, sizeof name, "%s/floor-%u.tape", directory, tape);
            files[tape] = open(name, O_WRONLY | O_APPEND | O_CREAT | O_TRUNC, 0600);
            if (files[tape] < 0) {
                die("%s", name);
            }
            unlink(name);
        }
        uint64_t before = cpu_ns();
        for (unsigned done = 0; done < tokens; done += batch) {
            for (unsigned tape = 0; tape < tapes; tape += 1) {
                if (write(files[tape], lines->bytes, lines->length) != (ssize_t)lines->length) {
                    die("write");
                }
                count += batch;
            }
        }
        spent += cpu_ns() - before;
        for (unsigned tape = 0; tape < tapes; tape += 1) {
            close(files[tape]);
        }
    }
    free(files);
    return (double)spent / (double)count;
}

static double digest_ns(struct buffer *body, unsigned batch, double seconds) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context == NULL || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1) {
        die("no SHA-256");
    }
    uint64_t count = 0, before = cpu_ns(), deadline = now_ns() + (uint64_t)(seconds * NS_PER_S);
    while (now_ns() < deadline) {
        for (unsigned i = 0; i < 100; i += 1) {
            EVP_DigestUpdate(context, body->bytes, body->length);
            count += batch;
        }
    }
    uint64_t spent = cpu_ns() - before;
    EVP_MD_CTX_free(context);
    return (double)spent / (double)count;
}

int main(int count, char **arguments) {
    const char *directory = option(count, arguments, "--directory", ".");
    unsigned tapes = (unsigned)option_number(count, arguments, "--tapes", 32);
    unsigned tokens = (unsigned)option_number(count, arguments, "--tokens", 500);
    unsigned batch = (unsigned)option_number(count, arguments, "--lines", 64);
    double seconds = option_number(count, arguments, "--seconds", 2);
    if (tapes == 0 || tokens == 0 || batch == 0 || seconds <= 0) {
        die("usage: tapes [--directory .] [--tapes 32] [--tokens 500] [--lines 64] [--seconds 2]");
    }
    limit_lifetime((unsigned)(3 * seconds) + 10);
    struct buffer body = {0}, lines = {0};
    for (unsigned i = 0; i < batch; i += 1) {
        make(&body, &lines, i);
    }
    double writes = write_ns(directory, &lines, batch, tapes, tokens, seconds);
    double digests = digest_ns(&body, batch, seconds);
    printf("{\"line_bytes\":%.0f,\"body_bytes\":%.0f,\"write_ns\":%.1f,\"digest_ns\":%.1f}\n",
           (double)lines.length / batch, (double)body.length / batch, writes, digests);
    buffer_free(&body);
    buffer_free(&lines);
    return 0;
}
