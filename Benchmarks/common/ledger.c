#include "ledger.h"

#include <stdlib.h>

uint64_t digest_start(void) { return 0xcbf29ce484222325ull; }

uint64_t digest_add(uint64_t digest, struct text text) {
    for (size_t i = 0; i < text.length; i++) {
        digest = (digest ^ (unsigned char)text.at[i]) * 0x100000001b3ull;
    }
    return digest;
}

void ledger_open(struct ledger *ledger, uint32_t first, uint32_t count) {
    *ledger = (struct ledger){.count = count};
    ledger->lanes = calloc(count, sizeof *ledger->lanes);
    if (ledger->lanes == NULL) {
        die("no memory for a ledger");
    }
    ledger_restart(ledger, first);
}

void ledger_restart(struct ledger *ledger, uint32_t first) {
    ledger->first = first;
    for (uint32_t i = 0; i < ledger->count; i++) {
        ledger->lanes[i] = (struct lane){.next = 0, .digest = digest_start()};
    }
}

void ledger_note(struct ledger *ledger, struct token token, struct text text) {
    uint32_t index = token.stream - ledger->first;
    if (index >= ledger->count) {
        ledger->foreign += 1;
        return;
    }
    struct lane *lane = &ledger->lanes[index];
    if (token.sequence < lane->next) {
        ledger->doubled += 1;
        return;
    }
    ledger->missed += token.sequence - lane->next;
    ledger->tokens += 1;
    lane->next = token.sequence + 1;
    lane->digest = digest_add(lane->digest, text);
}

void ledger_finish(struct ledger *ledger, uint32_t tokens) {
    for (uint32_t i = 0; i < ledger->count; i++) {
        if (ledger->lanes[i].next < tokens) {
            ledger->missed += tokens - ledger->lanes[i].next;
        } else {
            /* Sequences past the end were never sent. */
            ledger->foreign += ledger->lanes[i].next - tokens;
        }
        ledger->lanes[i].next = tokens;
    }
}
