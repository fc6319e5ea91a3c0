/* The floor of proxies that ask upstream through libcurl: what it costs to stream a reply out of its write callbacks.
 *
 *     curl_relay --target HOST:PORT [--port 0] [--limit SECONDS]
 *     curl_relay --version    libcurl's
 *
 * A request (GET, or POST with a known length) goes up by libcurl's multi interface on the server's own epoll, and the reply
 * comes back in one `send` a turn. What frames them is read, as it must be; nothing else is looked at. Connections to the
 * target and easy handles are used again, and the handles keep what all requests have in common. */
#include "common/server.h"
#include "common/transfers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct exchange {
    CURL *easy;
    struct curl_slist *fields;
    /* Who waits for the reply; NULL once he has it, or has gone. */
    struct connection *connection;
    struct buffer out;
    bool has_head;
    bool is_over;
    bool has_failed;
    bool is_touched;
    struct exchange *next_touched;
    struct exchange *next_spare;
};

static struct {
    const char *target;
    /* Those that this turn has brought something for. */
    struct exchange *touched;
    struct exchange *spare;
} relay;

static void touch(struct exchange *exchange) {
    if (!exchange->is_touched) {
        exchange->is_touched = true;
        exchange->next_touched = relay.touched;
        relay.touched = exchange;
    }
}

/* Fields of one connection, which libcurl and we make anew. */
static bool is_framing(const char *line, size_t count) {
    static const char *const names[] = {"transfer-encoding:", "content-length:", "connection:", "keep-alive:", "host:"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t length = strlen(names[i]);
        if (count >= length && strncasecmp(line, names[i], length) == 0) {
            return true;
        }
    }
    return false;
}

static size_t header_came(char *line, size_t size, size_t count, void *context) {
    struct exchange *exchange = context;
    if (exchange->has_head) {
        /* A trailer. */
    } else if (count > 2) {
        if (!is_framing(line, count)) {
            buffer_append(&exchange->out, line, count);
        }
    } else if (exchange->out.length > 10 && memcmp(exchange->out.bytes, "HTTP/1.1 1", 10) == 0) {
        /* The answer is yet to come. */
        exchange->out.length = 0;
    } else {
        buffer_print(&exchange->out, "transfer-encoding: chunked\r\n\r\n");
        exchange->has_head = true;
        touch(exchange);
    }
    return size * count;
}

static size_t body_came(char *bytes, size_t size, size_t count, void *context) {
    struct exchange *exchange = context;
    buffer_print(&exchange->out, "%zx\r\n", count);
    buffer_append(&exchange->out, bytes, count);
    buffer_append(&exchange->out, "\r\n", 2);
    touch(exchange);
    return size * count;
}

static struct exchange *new_exchange(void) {
    struct exchange *exchange = relay.spare;
    if (exchange != NULL) {
        relay.spare = exchange->next_spare;
        return exchange;
    }
    exchange = calloc(1, sizeof *exchange);
    if (exchange == NULL) {
        die("no memory for a request");
    }
    exchange->easy = transfers_new_handle();
    curl_easy_setopt(exchange->easy, CURLOPT_PRIVATE, exchange);
    curl_easy_setopt(exchange->easy, CURLOPT_WRITEFUNCTION, body_came);
    curl_easy_setopt(exchange->easy, CURLOPT_WRITEDATA, exchange);
    curl_easy_setopt(exchange->easy, CURLOPT_HEADERFUNCTION, header_came);
    curl_easy_setopt(exchange->easy, CURLOPT_HEADERDATA, exchange);
    return exchange;
}

static void spare(struct exchange *exchange) {
    transfers_remove(exchange->easy);
    curl_slist_free_all(exchange->fields);
    exchange->fields = NULL;
    exchange->connection->state = NULL;
    exchange->connection = NULL;
    exchange->has_head = exchange->is_over = exchange->has_failed = false;
    exchange->out.length = 0;
    exchange->next_spare = relay.spare;
    relay.spare = exchange;
}

/* The head's fields, and none of libcurl's own. */
static struct curl_slist *fields(struct text head) {
    struct curl_slist *list = curl_slist_append(curl_slist_append(NULL, "Expect:"), "User-Agent:");
    const char *end = head.at + head.length - 2;
    const char *line = (const char *)memchr(head.at, '\n', head.length) + 1;
    while (line < end) {
        char text[4096];
        size_t length = (size_t)((const char *)memchr(line, '\r', (size_t)(end + 2 - line)) - line);
        if (length < sizeof text && !is_framing(line, length)) {
            memcpy(text, line, length);
            text[length] = 0;
            list = curl_slist_append(list, text);
        }
        line += length + 2;
    }
    return list;
}

void served_request(struct connection *connection, struct request request) {
    bool posts = text_is(request.method, "POST");
    if (!posts && !text_is(request.method, "GET")) {
        server_reply(connection, "501 Not Implemented", "");
        return;
    }
    if (http_field_contains(request.head, "transfer-encoding", "chunked")) {
        server_reply(connection, "411 Length Required", "");
        return;
    }
    static struct buffer url;
    struct exchange *exchange = new_exchange();
    exchange->connection = connection;
    connection->state = exchange;
    url.length = 0;
    buffer_print(&url, "http://%s%.*s", relay.target, (int)request.target.length, request.target.at);
    buffer_append(&url, "", 1);
    curl_easy_setopt(exchange->easy, CURLOPT_URL, url.bytes);
    exchange->fields = fields(request.head);
    curl_easy_setopt(exchange->easy, CURLOPT_HTTPHEADER, exchange->fields);
    if (posts) {
        curl_easy_setopt(exchange->easy, CURLOPT_POSTFIELDSIZE, (long)request.body.length);
        curl_easy_setopt(exchange->easy, CURLOPT_COPYPOSTFIELDS, request.body.at);
    } else {
        curl_easy_setopt(exchange->easy, CURLOPT_HTTPGET, 1L);
    }
    transfers_begin(exchange->easy);
}

static void over(CURL *easy, CURLcode result) {
    struct exchange *exchange;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &exchange);
    exchange->is_over = true;
    exchange->has_failed = result != CURLE_OK;
    if (!exchange->has_failed) {
        buffer_append(&exchange->out, "0\r\n\r\n", 5);
    } else if (!exchange->has_head) {
        exchange->out.length = 0;
    }
    touch(exchange);
}

static void flush(struct exchange *exchange) {
    struct connection *connection = exchange->connection;
    bool is_taken = exchange->out.length == 0 || server_send(connection, exchange->out.bytes, exchange->out.length);
    exchange->out.length = 0;
    if (exchange->connection == NULL) {
        /* The caller turned out to be gone. */
        return;
    }
    if (!exchange->is_over) {
        if (!is_taken) {
            transfers_pause(exchange->easy);
        }
        return;
    }
    bool has_failed = exchange->has_failed, has_head = exchange->has_head;
    spare(exchange);
    if (!has_failed) {
        server_done(connection);
    } else if (has_head) {
        server_drop(connection);
    } else {
        server_reply(connection, "502 Bad Gateway", "");
    }
}

static void turn_ended(void) {
    while (relay.touched != NULL) {
        struct exchange *exchange = relay.touched;
        relay.touched = exchange->next_touched;
        exchange->is_touched = false;
        flush(exchange);
    }
}

void served_drained(struct connection *connection) {
    if (connection->state != NULL) {
        transfers_resume(((struct exchange *)connection->state)->easy);
    }
}

void served_closed(struct connection *connection) {
    if (connection->state != NULL) {
        spare(connection->state);
    }
}

void served_due(struct due *due, uint64_t now) {
    (void)due, (void)now;
    transfers_due();
}

int main(int count, char **arguments) {
    if (option_flag(count, arguments, "--version")) {
        printf("libcurl %s\n", curl_version_info(CURLVERSION_NOW)->version);
        return 0;
    }
    relay.target = option(count, arguments, "--target", NULL);
    if (relay.target == NULL) {
        errno = 0;
        die("usage: curl_relay --target HOST:PORT [--port 0] [--limit SECONDS]");
    }
    transfers_open((struct transfer_calls){over, turn_ended});
    return server_run(count, arguments);
}
