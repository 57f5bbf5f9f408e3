/* SPDX-License-Identifier: MIT */
/*
 * Half of the threads make and free, and hand what they made to others; half read the account.
 * Threads end and new ones take their records over; once all are quiet, the sums are exact. In every
 * other round a timeline runs, which readers mark and write.
 */
#include "storm.h"

#include "rc/memory.h"
#include "rc/object.h"
#include "rc/timeline.h"

enum { STEPS = 150, SLOTS = 16, BLOCK = 100 };

struct item {
    char bytes[40];
};

static const rc_type item_type = {.name = "item", .size = sizeof(struct item)};

static struct item *slots[SLOTS]; /* made by one thread, released by another */
static size_t made_objects, made_blocks;

static void make_and_free(void)
{
    for (int i = 0; i < STEPS; i++) {
        struct item *item = rc_new(struct item, &item_type);
        char *block = rc_memory_allocate(BLOCK);
        CHECK(item && block);
        char *larger = rc_memory_reallocate(block, 2 * BLOCK);
        CHECK(larger);
        rc_release(__atomic_exchange_n(&slots[storm_random() % SLOTS], item, __ATOMIC_ACQ_REL));
        rc_memory_free(larger);
    }
    __atomic_fetch_add(&made_objects, STEPS, __ATOMIC_RELAXED);
    __atomic_fetch_add(&made_blocks, STEPS, __ATOMIC_RELAXED);
}

/* Sums of moments: only what can never be otherwise is checked. */
static void read_account(void)
{
    struct rc_account first, second;
    for (int i = 0; i < STEPS / 3; i++) {
        rc_account_read(&first);
        struct rc_account_type type = rc_account_read_type(&item_type);
        rc_account_read(&second);
        CHECK(second.total_objects >= first.total_objects);
        CHECK(second.total_objects >= type.total_objects);
        CHECK(first.failures == 0 && second.immortal_objects == 0);
    }
}

static bool with_timeline;

static void write_timeline(void)
{
    if (!with_timeline) return;
    FILE *nowhere = fopen("/dev/null", "w");
    CHECK(nowhere && rc_timeline_mark("a reader is done") == RC_OK);
    CHECK(rc_timeline_write_csv(nowhere) == RC_OK);
    fclose(nowhere);
}

static void storm_account(unsigned thread)
{
    if (thread % 2) {
        make_and_free();
    } else {
        read_account();
        write_timeline();
    }
}

static void one_round(void)
{
    struct rc_account before, after;
    rc_account_read(&before);
    made_objects = made_blocks = 0;
    with_timeline = !with_timeline;
    if (with_timeline) CHECK(rc_timeline_start() == RC_OK);
    storm(storm_account);
    rc_timeline_stop();
    for (int i = 0; i < SLOTS; i++) rc_clear(&slots[i]);
    rc_account_read(&after);
    struct rc_account_difference change = rc_account_subtract(&after, &before);
    CHECK(change.live_objects == 0 && change.live_blocks == 0 && change.live_bytes == 0);
    CHECK((size_t)change.total_objects == made_objects);
    CHECK((size_t)change.total_blocks == made_blocks);
}

int main(int count, char **arguments)
{
    return storm_rounds(count, arguments, one_round);
}
