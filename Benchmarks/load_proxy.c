/* Callers of a proxy: each connection runs one request after another and checks every token of every reply. */
#include "common/client.h"
#include "common/gate.h"
#include "common/histogram.h"
#include "common/ledger.h"
#include "common/request.h"
#include "common/schedule.h"
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So many connections are made at a time: fewer than any peer's backlog. */
#define WAVE 128

struct caller {
    struct client client;
    struct due due;
    struct ledger ledger;
    uint64_t asked;
    unsigned requests;
    bool first_came;
    bool done_came;
    bool finished;
};

static struct {
    const char *target;
    const char *path;
    uint32_t connections;
    uint32_t tokens;
    double rate;
    double linger;
    unsigned requests;
    uint64_t until;
    uint64_t last_token;

    struct loop loop;
    struct timer timer;
    struct schedule schedule;
    struct caller *callers;
    uint32_t begun;
    uint32_t warm;
    uint32_t finished;
    bool measuring;
    uint32_t next_stream;

    uint64_t replies;
    uint64_t failed;
    uint64_t unended;
    uint64_t refused;
    char why[80];
    struct histogram latency;
    struct histogram first;
} run;

static void ask(struct caller *caller, struct wish wish) {
    struct buffer request = {0};
    ledger_restart(&caller->ledger, run.next_stream);
    wish.stream = run.next_stream;
    append_chat_request(&request, run.target, run.path, wish, NULL);
    run.next_stream += 1;
    caller->first_came = false;
    caller->done_came = false;
    caller->asked = now_ns();
    client_send(&caller->client, request.bytes, request.length);
    buffer_free(&request);
}

static void ask_as_told(struct caller *caller) {
    ask(caller, (struct wish){.tokens = run.tokens, .rate = run.rate, .linger = run.linger});
}

static void finish(struct caller *caller) {
    if (!caller->finished) {
        caller->finished = true;
        run.finished += 1;
    }
}

static const struct client_calls calls;

static void connect_next(void) {
    if (run.begun < run.connections) {
        struct caller *caller = &run.callers[run.begun];
        run.begun += 1;
        ledger_open(&caller->ledger, 0, 1);
        client_connect(&caller->client, &run.loop, run.target, &calls);
    }
}

static struct caller *of(struct client *client) { return (struct caller *)client; }

static void connected(struct client *client) {
    /* A short reply first, so that the peer's own connection to the upstream is open before anything is measured. */
    ask(of(client), (struct wish){.tokens = 1});
}

static void answered(struct client *client) {
    if (client->status != 200) {
        run.refused += 1;
        snprintf(run.why, sizeof run.why, "status %d", client->status);
    }
}

static void event(struct client *client, struct text name, struct text data) {
    (void)name;
    struct caller *caller = of(client);
    if (text_is(data, "[DONE]")) {
        caller->done_came = true;
        return;
    }
    struct token token;
    struct text found;
    while (token_find(data, &token, &found, &data)) {
        ledger_note(&caller->ledger, token, found);
        if (run.measuring) {
            histogram_add(&run.latency, client->received - token.sent);
            run.last_token = client->received;
            if (!caller->first_came) {
                histogram_add(&run.first, client->received - caller->asked);
            }
        }
        caller->first_came = true;
    }
}

static void ended(struct client *client) {
    struct caller *caller = of(client);
    run.unended += !caller->done_came;
    ledger_finish(&caller->ledger, run.measuring ? run.tokens : 1);
    if (!run.measuring) {
        run.warm += 1;
        connect_next();
        return;
    }
    run.replies += 1;
    caller->requests += 1;
    bool more = run.requests > 0 ? caller->requests < run.requests : now_ns() < run.until;
    if (more && client->source.fd >= 0) {
        ask_as_told(caller);
    } else {
        finish(caller);
    }
}

static void failed(struct client *client, const char *why) {
    struct caller *caller = of(client);
    if (caller->finished) {
        return;
    }
    run.failed += 1;
    snprintf(run.why, sizeof run.why, "%s", why);
    ledger_finish(&caller->ledger, run.measuring ? run.tokens : 1);
    if (!run.measuring) {
        connect_next();
    }
    finish(caller);
}

static void drained(struct client *client) { (void)client; }

static const struct client_calls calls = {connected, answered, event, ended, drained, failed};

static void begin_due(struct timer *timer) {
    struct due *due;
    while ((due = schedule_first(&run.schedule)) != NULL && due->at <= now_ns()) {
        schedule_remove(&run.schedule, due);
        struct caller *caller = (struct caller *)((char *)due - offsetof(struct caller, due));
        ask_as_told(caller);
    }
    if (due != NULL) {
        timer_set(timer, due->at);
    }
}

/* Turns the loop until that many callers have finished or warmed up; false when time is over. */
static bool turn_until(const uint32_t *counter, uint64_t deadline) {
    while (*counter + (run.measuring ? 0 : run.finished) < run.connections) {
        if (now_ns() > deadline) {
            return false;
        }
        loop_turn(&run.loop, 100);
    }
    return true;
}

static uint64_t body_bytes(void) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < run.connections; i++) {
        sum += run.callers[i].client.body_bytes;
    }
    return sum;
}

static void report(uint64_t began, uint64_t bytes_before, bool in_time) {
    uint64_t missed = 0, doubled = 0, foreign = 0;
    for (uint32_t i = 0; i < run.connections; i++) {
        struct caller *caller = &run.callers[i];
        if (!in_time && !caller->finished) {
            ledger_finish(&caller->ledger, run.tokens);
        }
        missed += caller->ledger.missed;
        doubled += caller->ledger.doubled;
        foreign += caller->ledger.foreign;
    }
    struct buffer out = {0};
    buffer_print(&out,
                 "{\"mode\":\"proxy\",\"count\":%llu,\"replies\":%llu,\"bytes\":%llu,\"seconds\":%.3f,\"missed\":%llu,"
                 "\"doubled\":%llu,\"foreign\":%llu,\"failed\":%llu,\"refused\":%llu,\"unended\":%llu,\"unfinished\":%u,\"why\":\"%s\",",
                 (unsigned long long)run.latency.count, (unsigned long long)run.replies,
                 (unsigned long long)(body_bytes() - bytes_before),
                 run.last_token > began ? (double)(run.last_token - began) / 1e9 : 0, (unsigned long long)missed,
                 (unsigned long long)doubled, (unsigned long long)foreign, (unsigned long long)run.failed,
                 (unsigned long long)run.refused, (unsigned long long)run.unended, run.connections - run.finished, run.why);
    buffer_print(&out, "\"latency_us\":");
    histogram_print(&run.latency, &out);
    buffer_print(&out, ",\"first_us\":");
    histogram_print(&run.first, &out);
    buffer_print(&out, "}");
    buffer_append(&out, "", 1);
    gate_pass(&run.loop, out.bytes);
    buffer_free(&out);
}

int load_proxy(int count, char **arguments) {
    bool one_by_one = strcmp(arguments[1], "ttft") == 0;
    run.target = option(count, arguments, "--target", "127.0.0.1:8653");
    run.path = option(count, arguments, "--path", "/v1/chat/completions");
    run.connections = (uint32_t)option_number(count, arguments, "--connections", one_by_one ? 1 : 32);
    run.tokens = (uint32_t)option_number(count, arguments, "--tokens", one_by_one ? 3 : 500);
    run.rate = option_number(count, arguments, "--rate", 0);
    run.linger = option_number(count, arguments, "--linger", 0);
    run.requests = (unsigned)option_number(count, arguments, "--requests", 0);
    double seconds = option_number(count, arguments, "--seconds", 3);
    double stagger = option_number(count, arguments, "--stagger", 0);
    uint64_t limit = (uint64_t)(option_number(count, arguments, "--deadline", 60) * 1e9);

    loop_open(&run.loop);
    timer_open(&run.timer, &run.loop, begin_due);
    gate_open(&run.loop, option_flag(count, arguments, "--gate"));
    run.callers = calloc(run.connections, sizeof *run.callers);
    if (run.callers == NULL) {
        die("no memory for %u connections", run.connections);
    }
    for (int i = 0; i < WAVE; i++) {
        connect_next();
    }
    bool in_time = turn_until(&run.warm, now_ns() + limit);
    gate_pass(&run.loop, "{\"ready\":true}");

    uint64_t bytes_before = body_bytes();
    uint64_t began = now_ns();
    run.until = began + (uint64_t)(seconds * 1e9);
    run.measuring = true;
    for (uint32_t i = 0; in_time && i < run.connections; i++) {
        if (!run.callers[i].finished) {
            uint64_t delay = (uint64_t)(stagger * 1e6 * i / run.connections);
            schedule_put(&run.schedule, &run.callers[i].due, began + delay);
        }
    }
    begin_due(&run.timer);
    in_time = in_time && turn_until(&run.finished, began + limit);
    report(began, bytes_before, in_time);
    return 0;
}
