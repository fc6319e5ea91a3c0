#include "gate.h"

#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

static struct {
    struct source source;
    bool wanted;
    bool ended;
    unsigned lines;
} gate;

static void input_ready(struct source *source, uint32_t events) {
    (void)events;
    char bytes[256];
    ssize_t count = read(source->fd, bytes, sizeof bytes);
    if (count <= 0) {
        gate.ended = true;
        loop_close_source(source);
        return;
    }
    for (ssize_t i = 0; i < count; i++) {
        gate.lines += bytes[i] == '\n';
    }
}

void gate_open(struct loop *loop, bool wanted) {
    gate.source = (struct source){STDIN_FILENO, input_ready};
    gate.wanted = wanted && loop_add(loop, &gate.source, EPOLLIN);
}

void gate_pass(struct loop *loop, const char *line) {
    puts(line);
    fflush(stdout);
    while (gate.wanted && !gate.ended && gate.lines == 0) {
        loop_turn(loop, -1);
    }
    gate.lines -= gate.lines > 0;
}
