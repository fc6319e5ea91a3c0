#include "transfers.h"

#include "server.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

/* More than any system gives a process. The table is only touched where it is used. */
#define DESCRIPTORS (1u << 20)

/* A descriptor of libcurl's. It stays in epoll from one transfer to the next, until something happens in between. */
struct watched {
    struct source source;
    uint32_t events;
    bool is_added;
    bool is_wanted;
};

static struct {
    struct transfer_calls calls;
    CURLM *multi;
    struct due due;
    /* libcurl wants to be called at once. */
    bool is_due;
    bool acts;
    struct watched *watched;
} transfers;

/* Calls libcurl, and again as long as it wants that at once. */
static void act(curl_socket_t fd, int mask) {
    int left;
    transfers.acts = true;
    do {
        transfers.is_due = false;
        curl_multi_socket_action(transfers.multi, fd, mask, &left);
        fd = CURL_SOCKET_TIMEOUT;
        mask = 0;
        CURLMsg *message;
        while ((message = curl_multi_info_read(transfers.multi, &left)) != NULL) {
            transfers.calls.over(message->easy_handle, message->data.result);
        }
        transfers.calls.turn_ended();
    } while (transfers.is_due);
    transfers.acts = false;
}

static void act_now(void) {
    if (!transfers.acts) {
        act(CURL_SOCKET_TIMEOUT, 0);
    }
}

static void watched_ready(struct source *source, uint32_t events) {
    struct watched *watched = (struct watched *)source;
    if (!watched->is_wanted) {
        watched->is_added = false;
        loop_remove(server_loop(), source);
        return;
    }
    int mask = ((events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) | ((events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
               ((events & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0);
    act(source->fd, mask);
}

static int socket_changed(CURL *easy, curl_socket_t fd, int what, void *context, void *own) {
    (void)easy, (void)context, (void)own;
    struct watched *watched = &transfers.watched[fd];
    watched->is_wanted = what != CURL_POLL_REMOVE;
    if (!watched->is_wanted) {
        return 0;
    }
    uint32_t events = ((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0) | ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0);
    if (!watched->is_added) {
        watched->source = (struct source){fd, watched_ready};
        watched->is_added = loop_add(server_loop(), &watched->source, events);
    } else if (watched->events != events) {
        loop_change(server_loop(), &watched->source, events);
    }
    watched->events = events;
    return 0;
}

static int close_socket(void *context, curl_socket_t fd) {
    (void)context;
    transfers.watched[fd].source.fd = -1;
    transfers.watched[fd].is_added = false;
    return close(fd);
}

static int timer_changed(CURLM *multi, long milliseconds, void *context) {
    (void)multi, (void)context;
    transfers.is_due = milliseconds == 0;
    if (milliseconds > 0) {
        server_schedule(&transfers.due, now_ns() + (uint64_t)milliseconds * NS_PER_MS);
    } else {
        server_unschedule(&transfers.due);
    }
    return 0;
}

void transfers_open(struct transfer_calls calls) {
    transfers.calls = calls;
    transfers.watched = calloc(DESCRIPTORS, sizeof *transfers.watched);
    curl_global_init(CURL_GLOBAL_ALL);
    transfers.multi = curl_multi_init();
    if (transfers.watched == NULL || transfers.multi == NULL) {
        die("no memory for libcurl");
    }
    curl_multi_setopt(transfers.multi, CURLMOPT_SOCKETFUNCTION, socket_changed);
    curl_multi_setopt(transfers.multi, CURLMOPT_TIMERFUNCTION, timer_changed);
    curl_multi_setopt(transfers.multi, CURLMOPT_MAXCONNECTS, 512L);
}

CURL *transfers_new_handle(void) {
    CURL *easy = curl_easy_init();
    if (easy == NULL) {
        die("no memory for a transfer");
    }
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    return easy;
}

void transfers_begin(CURL *easy) {
    curl_multi_add_handle(transfers.multi, easy);
    act_now();
}

void transfers_remove(CURL *easy) { curl_multi_remove_handle(transfers.multi, easy); }

void transfers_pause(CURL *easy) { curl_easy_pause(easy, CURLPAUSE_RECV); }

void transfers_resume(CURL *easy) {
    curl_easy_pause(easy, CURLPAUSE_CONT);
    act_now();
}

void transfers_due(void) { act_now(); }
