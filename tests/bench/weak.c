/* SPDX-License-Identifier: MIT */
/* Weak references: lock, and release what came out; and the same with one that is made for it. The
 * bare limit has four locked operations: a lock around an addition, and a release. */
#include "bench.h"

#include <rc/weak.h>

struct two_counts {
    _Alignas(128) int strong;
    int guard;
};

static struct two_counts counts;

static const rc_type target_type = {.name = "target", .size = 64};
static void *target;
static rc_weak *weak;

static void make_weak(void)
{
    target = need(rc_object_new(&target_type, 0));
    weak = need(rc_weak_new(target));
}

BENCH_BODY two_pairs(size_t operations)
{
    struct two_counts *it = &counts;
    for (size_t i = 0; i < operations; i++) {
        it = opaque(it);
        __atomic_fetch_add(&it->guard, 1, __ATOMIC_ACQUIRE);
        __atomic_fetch_add(&it->strong, 1, __ATOMIC_RELAXED);
        __atomic_fetch_sub(&it->guard, 1, __ATOMIC_RELEASE);
        it = opaque(it);
        if (__atomic_sub_fetch(&it->strong, 1, __ATOMIC_ACQ_REL) < 0) give_up("a count below zero");
    }
}

/* What remains without a guard: a strong count alone. */
BENCH_BODY pairs(size_t operations)
{
    struct two_counts *it = &counts;
    for (size_t i = 0; i < operations; i++) {
        it = opaque(it);
        __atomic_fetch_add(&it->strong, 1, __ATOMIC_RELAXED);
        it = opaque(it);
        if (__atomic_sub_fetch(&it->strong, 1, __ATOMIC_ACQ_REL) < 0) give_up("a count below zero");
    }
}

BENCH_BODY locks_and_releases(size_t operations)
{
    rc_weak *it = weak;
    for (size_t i = 0; i < operations; i++) {
        it = opaque(it);
        void *object = need(rc_weak_lock(it));
        rc_release(object);
    }
}

BENCH_BODY news_and_locks(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        rc_weak *it = need(rc_weak_new(opaque(target)));
        void *object = need(rc_weak_lock(it));
        rc_release(object);
        rc_release(it);
    }
}

BENCH_PLACES(run_pair, pairs(operations))
BENCH_PLACES(run_two_pairs, two_pairs(operations))
BENCH_PLACES(run_lock, locks_and_releases(operations))
BENCH_PLACES(run_new, news_and_locks(operations))

#define TWO_PAIRS(row)                                                                             \
    {                                                                                              \
        (row), "two atomic pairs", KIND_BARE, .run = run_two_pairs                                 \
    }
#define PAIR(row)                                                                                  \
    {                                                                                              \
        (row), "atomic pair", KIND_BARE, .run = run_pair                                           \
    }
#define RCBUF(row, loop)                                                                           \
    {                                                                                              \
        (row), "rcbuf", KIND_OURS, .set_up = make_weak, .run = (loop)                              \
    }

static const struct contestant table[] = {
    TWO_PAIRS("weak"),
    PAIR("weak"),
    RCBUF("weak", run_lock),
    TWO_PAIRS("weak-started"),
    PAIR("weak-started"),
    RCBUF("weak-started", run_lock),
    TWO_PAIRS("weak-new"),
    RCBUF("weak-new", run_new),
    TWO_PAIRS("weak-new-started"),
    RCBUF("weak-new-started", run_new),
};
CONTESTANTS(contestants_weak, table);
