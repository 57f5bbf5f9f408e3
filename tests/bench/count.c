/* SPDX-License-Identifier: MIT */
/* Retain and release. Each count has a cache line of its own, and starts at the same place in it.
 */
#include "bench.h"

#include <rc/object.h>

struct lone_count {
    _Alignas(128) int count;
};

static struct lone_count counted, counted_atomically;

static const rc_type counted_type = {.name = "counted", .size = 112, .alignment = 64};
static void *object;

static void make_object(void)
{
    object = need(rc_object_new(&counted_type, 0));
}

/* It looks at what came out, as every count must. */
BENCH_BODY int_pairs(size_t operations)
{
    struct lone_count *it = opaque(&counted);
    for (size_t i = 0; i < operations; i++) {
        seen(it);
        it->count++;
        seen(it);
        if (--it->count < 0) give_up("a count below zero");
    }
}

/* among: other instructions stand between, BENCH_OTHERS. */
BENCH_BODY atomic_pairs(size_t operations, bool among)
{
    struct lone_count *it = opaque(&counted_atomically);
    for (size_t i = 0; i < operations; i++) {
        seen(it);
        __atomic_fetch_add(&it->count, 1, __ATOMIC_RELAXED);
        if (among) BENCH_OTHERS;
        seen(it);
        if (__atomic_sub_fetch(&it->count, 1, __ATOMIC_ACQ_REL) < 0) give_up("a count below zero");
        if (among) BENCH_OTHERS;
    }
}

BENCH_BODY retains_and_releases(size_t operations, bool among)
{
    void *it = opaque(object);
    for (size_t i = 0; i < operations; i++) {
        seen(it);
        (void)rc_retain(it);
        if (among) BENCH_OTHERS;
        seen(it);
        rc_release(it);
        if (among) BENCH_OTHERS;
    }
}

BENCH_PLACES(run_int, int_pairs(operations))
BENCH_PLACES(run_atomic, atomic_pairs(operations, false))
BENCH_PLACES(run_atomic_among, atomic_pairs(operations, true))
BENCH_PLACES(run_rcbuf, retains_and_releases(operations, false))
BENCH_PLACES(run_rcbuf_among, retains_and_releases(operations, true))

#define INT_PAIR(row)                                                                              \
    {                                                                                              \
        (row), "int ++, --", KIND_BARE, .run = run_int                                             \
    }
#define ATOMIC_PAIR(row, loop)                                                                     \
    {                                                                                              \
        (row), "atomic pair", KIND_BARE, .run = (loop)                                             \
    }
#define RCBUF(row, loop)                                                                           \
    {                                                                                              \
        (row), "rcbuf", KIND_OURS, .set_up = make_object, .run = (loop)                            \
    }

static const struct contestant table[] = {
    INT_PAIR("retain"),
    ATOMIC_PAIR("retain", run_atomic),
    RCBUF("retain", run_rcbuf),
    INT_PAIR("retain-beside"),
    RCBUF("retain-beside", run_rcbuf),
    ATOMIC_PAIR("retain-started", run_atomic_among),
    RCBUF("retain-started", run_rcbuf_among),
    ATOMIC_PAIR("retain-bare", run_atomic),
    {"retain-bare", "atomic pair, among others", KIND_BARE, .run = run_atomic_among},
    INT_PAIR("retain-bare"),
    RCBUF("retain-bare", run_rcbuf),
    ATOMIC_PAIR("retain-two", run_atomic_among),
    ATOMIC_PAIR("retain-two-aside", run_atomic_among),
    RCBUF("retain-two", run_rcbuf_among),
};
CONTESTANTS(contestants_count, table);
