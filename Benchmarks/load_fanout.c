/* Subscribers of one channel, and what is published there: each of them must get every token once and in order. */
#include "common/client.h"
#include "common/gate.h"
#include "common/histogram.h"
#include "common/ledger.h"
#include "common/request.h"
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAVE 128
/* Published bytes that may wait for the socket in a burst. */
#define AHEAD (64u << 10)
/* When all has been published and nothing came for so long, what is missing does not come any more. */
#define SILENCE (3 * NS_PER_S)

struct reader {
    struct client client;
    struct ledger ledger;
    bool subscribed;
    bool complete;
};

/* One request whose reply is the stream, or (publishing events) the only connection that all are posted on. */
struct publisher {
    struct client client;
    struct ledger ledger;
    bool ready;
    bool ended;
};

static struct {
    const char *target;
    const char *path;
    const char *subscribe;
    const char *publish;
    const char *channel;
    bool websocket;
    uint32_t readers;
    uint32_t streams;
    uint32_t tokens;
    double rate;

    struct loop loop;
    struct timer timer;
    struct reader *reader;
    struct publisher *publisher;
    uint32_t publishers;
    uint32_t begun;
    uint32_t subscribed;
    uint32_t complete;
    uint32_t ready;
    uint32_t over;
    bool measuring;
    /* Posting events: how many have been written and answered. */
    uint64_t posted;
    uint64_t accepted;
    uint64_t began;
    /* The last token, and the last publisher's end. */
    uint64_t last;
    uint64_t ended;

    uint64_t events;
    uint64_t others;
    uint64_t failed;
    uint64_t refused;
    char why[80];
    struct histogram latency;
} run;

static void note_failure(const char *why) {
    run.failed += 1;
    snprintf(run.why, sizeof run.why, "%s", why);
}

static void ignore(struct client *client) { (void)client; }

/* ---- Subscribers ---- */

static const struct client_calls reader_calls;

static void subscribe_next(void) {
    if (run.begun < run.readers) {
        struct reader *reader = &run.reader[run.begun];
        run.begun += 1;
        ledger_open(&reader->ledger, 1, run.streams);
        client_connect(&reader->client, &run.loop, run.target, &reader_calls);
    }
}

static void reader_connected(struct client *client) {
    struct buffer request = {0};
    append_subscribe_request(&request, run.target, run.subscribe, run.websocket);
    client_send(client, request.bytes, request.length);
    buffer_free(&request);
}

static void reader_answered(struct client *client) {
    struct reader *reader = (struct reader *)client;
    if (client->status == (run.websocket ? 101 : 200)) {
        reader->subscribed = true;
        run.subscribed += 1;
    } else {
        run.refused += 1;
        snprintf(run.why, sizeof run.why, "status %d", client->status);
    }
    subscribe_next();
}

/* Deltas bear their type where Tokencast sends them and nothing elsewhere; a start or an end may repeat text and does not
   count. */
static bool is_delta(struct text name, struct text data) {
    static const char start[] = "{\"type\":\"", delta[] = "{\"type\":\"delta\"";
    if (name.length > 0) {
        return text_is(name, "delta") || text_is(name, "message");
    }
    bool typed = data.length >= strlen(delta) && memcmp(data.at, start, strlen(start)) == 0;
    return !typed || memcmp(data.at, delta, strlen(delta)) == 0;
}

static void reader_event(struct client *client, struct text name, struct text data) {
    struct reader *reader = (struct reader *)client;
    if (!is_delta(name, data)) {
        run.others += 1;
        return;
    }
    run.events += 1;
    struct token token;
    struct text found;
    while (token_find(data, &token, &found, &data)) {
        ledger_note(&reader->ledger, token, found);
        histogram_add(&run.latency, client->received - token.sent);
        run.last = client->received;
    }
    if (!reader->complete && reader->ledger.tokens == (uint64_t)run.tokens * run.streams) {
        reader->complete = true;
        run.complete += 1;
    }
}

static void reader_failed(struct client *client, const char *why) {
    struct reader *reader = (struct reader *)client;
    note_failure(why);
    if (!reader->subscribed) {
        subscribe_next();
    }
}

static void reader_ended(struct client *client) { reader_failed(client, "the reply ended"); }

static const struct client_calls reader_calls = {reader_connected, reader_answered, reader_event,
                                                 reader_ended,     ignore,          reader_failed};

/* ---- Publishers ---- */

static void publisher_connected(struct client *client) {
    ((struct publisher *)client)->ready = true;
    run.ready += 1;
}

static void publisher_answered(struct client *client) {
    if (client->status / 100 != 2) {
        run.refused += 1;
        snprintf(run.why, sizeof run.why, "publisher: status %d", client->status);
    }
}

static void publisher_event(struct client *client, struct text name, struct text data) {
    (void)name;
    struct token token;
    struct text found;
    while (token_find(data, &token, &found, &data)) {
        ledger_note(&((struct publisher *)client)->ledger, token, found);
    }
}

static void publisher_over(struct client *client) {
    struct publisher *publisher = (struct publisher *)client;
    if (!publisher->ended) {
        publisher->ended = true;
        run.over += 1;
        run.ended = now_ns();
    }
}

static void publisher_failed(struct client *client, const char *why) {
    note_failure(why);
    publisher_over(client);
}

static void publisher_ended(struct client *client) {
    if (run.publish == NULL) {
        publisher_over(client);
        return;
    }
    run.accepted += 1;
    if (run.accepted == (uint64_t)run.tokens * run.streams) {
        publisher_over(client);
    }
}

/* Posts go out on one connection without waiting for the answers: the order is kept, and a slow answer does not shift what
   follows. */
static void post_one(void) {
    struct publisher *publisher = &run.publisher[0];
    static struct buffer body, request;
    body.length = 0;
    request.length = 0;
    struct token token = {1 + (uint32_t)(run.posted % run.streams), (uint32_t)(run.posted / run.streams), now_ns()};
    char text[TOKEN_LENGTH];
    token_write(text, token);
    ledger_note(&publisher->ledger, token, (struct text){text, TOKEN_LENGTH});
    append_delta(&body, token);
    append_publish_request(&request, run.target, run.publish, (struct text){body.bytes, body.length});
    run.posted += 1;
    client_send(&publisher->client, request.bytes, request.length);
}

static void post_due(struct timer *timer) {
    uint64_t total = (uint64_t)run.tokens * run.streams;
    if (run.rate == 0) {
        struct client *client = &run.publisher[0].client;
        while (run.posted < total && client->out.length - client->written < AHEAD && client->source.fd >= 0) {
            post_one();
        }
        return;
    }
    double interval = 1e9 / (run.rate * run.streams);
    uint64_t now = now_ns();
    while (run.posted < total && run.began + (uint64_t)((double)run.posted * interval) <= now) {
        post_one();
    }
    if (run.posted < total) {
        timer_set(timer, run.began + (uint64_t)((double)run.posted * interval));
    }
}

static void publisher_drained(struct client *client) {
    (void)client;
    if (run.publish != NULL && run.measuring && run.rate == 0) {
        post_due(&run.timer);
    }
}

static const struct client_calls publisher_calls = {publisher_connected, publisher_answered, publisher_event,
                                                    publisher_ended,     publisher_drained,  publisher_failed};

static void connect_publishers(void) {
    run.publishers = run.publish != NULL ? 1 : run.streams;
    run.publisher = calloc(run.publishers, sizeof *run.publisher);
    if (run.publisher == NULL) {
        die("no memory for publishers");
    }
    for (uint32_t i = 0; i < run.publishers; i++) {
        struct publisher *publisher = &run.publisher[i];
        ledger_open(&publisher->ledger, 1 + i, run.publish != NULL ? run.streams : 1);
        client_connect(&publisher->client, &run.loop, run.target, &publisher_calls);
    }
}

static void publish(void) {
    if (run.publish != NULL) {
        post_due(&run.timer);
        return;
    }
    for (uint32_t i = 0; i < run.streams; i++) {
        struct buffer request = {0};
        struct wish wish = {.stream = 1 + i, .tokens = run.tokens, .rate = run.rate};
        append_chat_request(&request, run.target, run.path, wish, run.channel);
        client_send(&run.publisher[i].client, request.bytes, request.length);
        buffer_free(&request);
    }
}

/* ---- The run ---- */

static void turn_for(uint64_t time) {
    uint64_t until = now_ns() + time;
    for (uint64_t now; (now = now_ns()) < until;) {
        loop_turn(&run.loop, (int)((until - now) / NS_PER_MS) + 1);
    }
}

static bool is_over(void) {
    if (run.over < run.publishers) {
        return false;
    }
    return run.complete == run.readers || now_ns() - (run.last > run.ended ? run.last : run.ended) > SILENCE;
}

/* How many lanes of readers differ from what the publishers sent. */
static uint64_t differing_digests(void) {
    uint64_t differing = 0;
    for (uint32_t lane = 0; lane < run.streams; lane++) {
        struct publisher *publisher = &run.publisher[run.publish != NULL ? 0 : lane];
        uint64_t digest = publisher->ledger.lanes[run.publish != NULL ? lane : 0].digest;
        for (uint32_t i = 0; i < run.readers; i++) {
            differing += run.reader[i].ledger.lanes[lane].digest != digest;
        }
    }
    return differing;
}

static void report(void) {
    uint64_t missed = 0, doubled = 0, foreign = 0;
    uint64_t differing = differing_digests();
    for (uint32_t i = 0; i < run.readers; i++) {
        struct ledger *ledger = &run.reader[i].ledger;
        ledger_finish(ledger, run.tokens);
        missed += ledger->missed;
        doubled += ledger->doubled;
        foreign += ledger->foreign;
    }
    /* A caller whose reply is the stream is a reader too. */
    for (uint32_t i = 0; i < run.publishers; i++) {
        struct ledger *ledger = &run.publisher[i].ledger;
        ledger_finish(ledger, run.tokens);
        missed += ledger->missed;
        doubled += ledger->doubled;
        foreign += ledger->foreign;
    }
    struct buffer out = {0};
    buffer_print(&out,
                 "{\"mode\":\"fanout\",\"count\":%llu,\"events\":%llu,\"others\":%llu,\"seconds\":%.3f,\"missed\":%llu,"
                 "\"doubled\":%llu,\"foreign\":%llu,\"differing\":%llu,\"failed\":%llu,\"refused\":%llu,\"unfinished\":%u,"
                 "\"why\":\"%s\",",
                 (unsigned long long)run.latency.count, (unsigned long long)run.events, (unsigned long long)run.others,
                 run.last > run.began ? (double)(run.last - run.began) / 1e9 : 0, (unsigned long long)missed,
                 (unsigned long long)doubled, (unsigned long long)foreign, (unsigned long long)differing,
                 (unsigned long long)run.failed, (unsigned long long)run.refused, run.readers - run.complete, run.why);
    buffer_print(&out, "\"latency_us\":");
    histogram_print(&run.latency, &out);
    buffer_print(&out, "}");
    buffer_append(&out, "", 1);
    gate_pass(&run.loop, out.bytes);
    buffer_free(&out);
}

int load_fanout(int count, char **arguments) {
    run.target = option(count, arguments, "--target", "127.0.0.1:8653");
    run.path = option(count, arguments, "--path", "/v1/chat/completions");
    run.subscribe = option(count, arguments, "--subscribe", "/channels/bench");
    run.publish = option(count, arguments, "--publish", NULL);
    run.channel = option(count, arguments, "--channel", "bench");
    run.websocket = strcmp(option(count, arguments, "--transport", "sse"), "ws") == 0;
    run.readers = (uint32_t)option_number(count, arguments, "--subscribers", 1000);
    run.streams = (uint32_t)option_number(count, arguments, "--streams", 1);
    run.tokens = (uint32_t)option_number(count, arguments, "--tokens", 250);
    run.rate = option_number(count, arguments, "--rate", 50);
    uint64_t limit = (uint64_t)(option_number(count, arguments, "--deadline", 60) * 1e9);

    loop_open(&run.loop);
    timer_open(&run.timer, &run.loop, post_due);
    gate_open(&run.loop, option_flag(count, arguments, "--gate"));
    run.reader = calloc(run.readers, sizeof *run.reader);
    if (run.reader == NULL) {
        die("no memory for %u subscribers", run.readers);
    }
    uint64_t deadline = now_ns() + limit;
    for (int i = 0; i < WAVE; i++) {
        subscribe_next();
    }
    connect_publishers();
    while (run.subscribed + run.refused + run.failed < run.readers + (run.publishers - run.ready) && now_ns() < deadline) {
        loop_turn(&run.loop, 100);
    }
    /* A head may be on its way before the subscription is entered: let the peer come to rest. */
    turn_for(300 * NS_PER_MS);
    gate_pass(&run.loop, "{\"ready\":true}");

    run.began = now_ns();
    deadline = run.began + limit;
    run.measuring = true;
    publish();
    while (!is_over() && now_ns() < deadline) {
        loop_turn(&run.loop, 100);
    }
    /* Whatever comes now came twice. */
    turn_for(200 * NS_PER_MS);
    report();
    return 0;
}
