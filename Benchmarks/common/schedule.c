#include "schedule.h"

#include <stdlib.h>

/* Places count from 1, so that 0 can mean "not scheduled" and a parent is at place / 2. */
static void set(struct schedule *schedule, size_t place, struct due *due) {
    schedule->entries[place] = due;
    due->place = place;
}

static void rise(struct schedule *schedule, struct due *due) {
    size_t place = due->place;
    while (place > 1 && schedule->entries[place / 2]->at > due->at) {
        set(schedule, place, schedule->entries[place / 2]);
        place /= 2;
    }
    set(schedule, place, due);
}

static void sink(struct schedule *schedule, struct due *due) {
    size_t place = due->place;
    for (;;) {
        size_t child = place * 2;
        if (child > schedule->count) {
            break;
        }
        if (child < schedule->count && schedule->entries[child + 1]->at < schedule->entries[child]->at) {
            child += 1;
        }
        if (schedule->entries[child]->at >= due->at) {
            break;
        }
        set(schedule, place, schedule->entries[child]);
        place = child;
    }
    set(schedule, place, due);
}

void schedule_put(struct schedule *schedule, struct due *due, uint64_t at) {
    if (due->place != 0) {
        schedule_remove(schedule, due);
    }
    if (schedule->count + 1 >= schedule->capacity) {
        schedule->capacity = schedule->capacity == 0 ? 64 : schedule->capacity * 2;
        schedule->entries = realloc(schedule->entries, schedule->capacity * sizeof *schedule->entries);
        if (schedule->entries == NULL) {
            die("no memory for the schedule");
        }
    }
    schedule->count += 1;
    due->at = at;
    set(schedule, schedule->count, due);
    rise(schedule, due);
}

void schedule_remove(struct schedule *schedule, struct due *due) {
    if (due->place == 0) {
        return;
    }
    struct due *last = schedule->entries[schedule->count];
    size_t hole = due->place;
    schedule->count -= 1;
    due->place = 0;
    if (last != due) {
        set(schedule, hole, last);
        rise(schedule, last);
        sink(schedule, last);
    }
}

struct due *schedule_first(const struct schedule *schedule) {
    return schedule->count == 0 ? NULL : schedule->entries[1];
}
