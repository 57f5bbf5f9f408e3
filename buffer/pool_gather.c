/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/*
 * Whether threads may keep idle buffers for themselves, in their magazines.
 *
 * What a magazine reserves is a place that no other thread can fill, and what lies in it is a
 * buffer that no other thread can take. A pool with places to spare does not feel it. In one that
 * keeps just as many as are out at once, and whose buffers other threads release than take them,
 * buffers would be freed while there are places for them, and made while there are some that idle,
 * again and again. So a take that would have to make a buffer asks whether magazines are why:
 *
 * - as many exist as may idle, and some of them do: in other threads' magazines; or
 * - one was freed though some magazine, or its cell, had a place left.
 *
 * Then the pool gathers: it calls on all threads by another key, each puts what it has into the
 * depot at its next visit and reserves nothing from then on. All of the bounds are the depot's
 * then, so that no take misses as long as no more are out than may idle; at the price of the lock.
 * Up to then places of magazines were in the way, half of the bounds at most: that many takes have
 * missed for nothing.
 *
 * A gathered pool watches how many are out at most. If over many takes there was room for twice
 * what magazines would reserve, once for what may be freed early and once for what may be out of
 * reach, magazines get places again. Each time that it gathers it watches twice as long: whatever
 * threads do, there are few changes.
 *
 * What is reserved never grows while a thread may still fill the places: a magazine's capacity is
 * changed by its own thread alone, under the lock, and until that thread visits, its places count.
 * So the sum of what idles stays within the bounds throughout. `gathered` alone is read without the
 * lock, relaxed: who reads what it was before finds what it is once it has the lock, and nothing
 * but the lock tells who may touch what.
 */
#include "pool_layout.h"

enum { WATCHED_FIRST = 1024, WATCHED_MOST = 1 << 20 }; /* takes */

/* A quarter of what is left for magazines, or a few: all threads get some of a large pool. */
size_t rc__pool_share_beside(const struct rc__pool_core *core, size_t reserved)
{
    enum { FEW = 4 };
    size_t left = core->limit / 2 - reserved;
    size_t share = left / 4 > FEW ? left / 4 : FEW;
    if (share > left) share = left;
    return share < core->magazine_most ? share : core->magazine_most;
}

/* What all magazines would reserve together. */
static size_t would_reserve(const struct rc__pool_core *core)
{
    size_t reserved = 0;
    for (const struct rc__pool_magazine *magazine = core->magazines; magazine;
         magazine = magazine->next)
        reserved += rc__pool_share_beside(core, reserved);
    return reserved;
}

static bool has_places(const struct rc__pool_magazine *magazine)
{
    return rc__pool_get(&magazine->count) < magazine->capacity ||
           (magazine->cell && !rc__cell_content(magazine->cell));
}

void rc__pool_note_early_end(struct rc__pool_core *core)
{
    const struct rc__pool_magazine *magazine = core->gathered ? NULL : core->magazines;
    for (; magazine && !core->freed_early; magazine = magazine->next)
        core->freed_early = has_places(magazine);
}

/* Some thread has not seen the last trim yet. */
static bool is_trim_under_way(const struct rc__pool_core *core)
{
    const struct rc__pool_magazine *magazine = core->magazines;
    while (magazine && (magazine->key == core->key || magazine->key == RC__KEY_SETTLED))
        magazine = magazine->next;
    return magazine;
}

/* The other key is no trim, unless there is one to be told besides. */
static void gather(struct rc__pool_core *core)
{
    if (!is_trim_under_way(core)) core->trim_to = SIZE_MAX;
    rc__pool_change_key(core, false);
    __atomic_store_n(&core->gathered, true, __ATOMIC_RELAXED);
    core->freed_early = false;
    core->most_out = core->watched = 0;
    if (core->watch == 0)
        core->watch = WATCHED_FIRST;
    else if (core->watch < WATCHED_MOST)
        core->watch *= 2;
}

bool rc__pool_gathers_at_miss(struct rc__pool_core *core)
{
    if (core->gathered || core->reserved == 0) return false;
    bool unreachable = core->blocks >= core->limit && rc__pool_idle(core) > 0;
    if (!unreachable && !core->freed_early) return false;
    gather(core);
    return true;
}

void rc__pool_watch_take(struct rc__pool_core *core, bool missed)
{
    size_t out = core->blocks - core->depot_count + missed;
    if (core->most_out < out) core->most_out = out;
    if (++core->watched < core->watch) return;
    size_t reserved = would_reserve(core);
    bool has_room = core->most_out <= core->limit && core->limit - core->most_out >= 2 * reserved;
    if (has_room) __atomic_store_n(&core->gathered, false, __ATOMIC_RELAXED);
    core->most_out = core->watched = 0;
}
