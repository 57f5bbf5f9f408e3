/* SPDX-License-Identifier: MIT */
/* Eight threads storm one object: retain, release, lock weakly, ask. It ends once, seeing all. */
#include "storm.h"

#include "rc/object.h"
#include "rc/weak.h"

enum { STEPS = 300 };

struct target {
    unsigned written[STORM_THREADS]; /* by one thread each, while it owns a reference */
};

static struct target *target, *immortal;
static rc_weak *weak;
static unsigned finalized, sum;

static void target_finalize(void *self)
{
    const struct target *it = self;
    for (int i = 0; i < STORM_THREADS; i++) sum += it->written[i];
    finalized++;
}

static const rc_type target_type = {
    .name = "target", .size = sizeof(struct target), .finalize = target_finalize};

static void lock_and_release(void)
{
    struct target *locked = rc_weak_lock(weak);
    CHECK(!locked || (locked == target && rc_count(locked) >= 1));
    rc_release(locked);
}

static void retain_some(void)
{
    struct target *mine[4];
    for (int i = 0; i < 4; i++) mine[i] = rc_retain(target);
    CHECK(!rc_is_unique(target) && rc_count(target) >= 5);
    for (int i = 0; i < 4; i++) rc_release(mine[i]);
}

static void one_step(void)
{
    switch (storm_random() % 5) {
    case 0:
        rc_release(rc_retain(target));
        break;
    case 1:
        retain_some();
        break;
    case 2:
        lock_and_release();
        break;
    case 3:
        CHECK(!rc_weak_is_dead(weak));
        break;
    default:
        rc_release(rc_retain(immortal));
        break;
    }
}

static void storm_one(unsigned thread)
{
    uint64_t steps = storm_random() % STEPS;
    for (uint64_t i = 0; i < steps; i++) one_step();
    target->written[thread] = thread + 1;
    if (rc_is_unique(target)) /* then all others are done: what they wrote is written again */
        for (int i = 0; i < STORM_THREADS; i++) target->written[i] = (unsigned)i + 1;
    rc_release(target);
    for (int i = 0; i < 10; i++) lock_and_release();
}

static void one_round(void)
{
    finalized = sum = 0;
    target = rc_new(struct target, &target_type);
    weak = rc_weak_new(target);
    CHECK(target && weak);
    for (int i = 1; i < STORM_THREADS; i++) (void)rc_retain(target);
    storm(storm_one);
    CHECK(finalized == 1 && sum == STORM_THREADS * (STORM_THREADS + 1) / 2);
    CHECK(rc_weak_is_dead(weak) && rc_weak_lock(weak) == NULL);
    rc_release(weak);
}

int main(int count, char **arguments)
{
    immortal = rc_new(struct target, &target_type);
    CHECK(immortal);
    rc_make_immortal(immortal);
    return storm_rounds(count, arguments, one_round);
}
