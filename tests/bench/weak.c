/* SPDX-License-Identifier: MIT */
/* Weak references: lock, and release what came out. The bare limit locks four times. */
#include "bench.h"

#include <rc/weak.h>

struct two_counts {
    _Alignas(128) int strong;
    int guard;
};

static struct two_counts counts;

static const rc_type target_type = {.name = "target", .size = 64};
static rc_weak *weak;

static void make_weak(void)
{
    static void *target;
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

BENCH_BODY locks_and_releases(size_t operations)
{
    rc_weak *it = weak;
    for (size_t i = 0; i < operations; i++) {
        it = opaque(it);
        void *object = need(rc_weak_lock(it));
        rc_release(object);
    }
}

BENCH_PLACES(run_two_pairs, two_pairs(operations))
BENCH_PLACES(run_rcbuf, locks_and_releases(operations))

#define TWO_PAIRS(row)                                                                             \
    {                                                                                              \
        (row), "two atomic pairs", KIND_BARE, .run = run_two_pairs                                 \
    }
#define RCBUF(row)                                                                                 \
    {                                                                                              \
        (row), "rcbuf", KIND_OURS, .set_up = make_weak, .run = run_rcbuf                           \
    }

static const struct contestant table[] = {
    TWO_PAIRS("weak"),
    RCBUF("weak"),
    TWO_PAIRS("weak-started"),
    RCBUF("weak-started"),
};
CONTESTANTS(contestants_weak, table);
