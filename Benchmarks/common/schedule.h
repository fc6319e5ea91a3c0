/* Which stream is due next: a binary heap whose entries know their place, so that any of them can be taken out. */
#ifndef BENCH_SCHEDULE_H
#define BENCH_SCHEDULE_H

#include "basics.h"

/* First member of whatever is scheduled. `place` is 0 while it is not. */
struct due {
    uint64_t at;
    size_t place;
};

struct schedule {
    struct due **entries;
    size_t count;
    size_t capacity;
};

void schedule_put(struct schedule *schedule, struct due *due, uint64_t at);
void schedule_remove(struct schedule *schedule, struct due *due);
/* The entry that is due first, or NULL. */
struct due *schedule_first(const struct schedule *schedule);

#endif
