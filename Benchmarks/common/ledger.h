/* What one reader was given: whether each token of each stream came exactly once and in order, and a digest of the text. */
#ifndef BENCH_LEDGER_H
#define BENCH_LEDGER_H

#include "token.h"

struct lane {
    uint32_t next;
    uint64_t digest;
};

struct ledger {
    /* The streams that are expected: `first`, `first + 1`, … */
    uint32_t first;
    uint32_t count;
    struct lane *lanes;
    uint64_t tokens;
    uint64_t missed;
    uint64_t doubled;
    uint64_t foreign;
};

void ledger_open(struct ledger *ledger, uint32_t first, uint32_t count);
/* Starts again with other streams; what was counted stays. */
void ledger_restart(struct ledger *ledger, uint32_t first);
void ledger_note(struct ledger *ledger, struct token token, struct text text);
/* Counts as missed what the streams, of that many tokens each, still owe. */
void ledger_finish(struct ledger *ledger, uint32_t tokens);

/* FNV-1a, 64 bits. */
uint64_t digest_start(void);
uint64_t digest_add(uint64_t digest, struct text text);

#endif
