#include "stopping.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

bool stopping;

static struct source input, signals;

static void input_ready(struct source *source, uint32_t events) {
    (void)events;
    char bytes[256];
    ssize_t count = read(source->fd, bytes, sizeof bytes);
    if (count == 0 || (count < 0 && errno != EAGAIN)) {
        stopping = true;
    }
}

static void signal_came(struct source *source, uint32_t events) {
    (void)source;
    (void)events;
    stopping = true;
}

void stopping_watch(struct loop *loop) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signals = (struct source){signalfd(-1, &set, SFD_CLOEXEC), signal_came};
    loop_add(loop, &signals, EPOLLIN);
    input = (struct source){STDIN_FILENO, input_ready};
    /* Where standard input is no pipe or terminal, only signals and the time limit end the run. */
    loop_add(loop, &input, EPOLLIN);
}
