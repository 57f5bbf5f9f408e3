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

BENCH_BODY int_pairs(size_t operations)
{
    struct lone_count *it = &counted;
    for (size_t i = 0; i < operations; i++) {
        it = opaque(it);
        it->count++;
        it = opaque(it);
        it->count--;
    }
}

BENCH_BODY atomic_pairs(size_t operations)
{
    struct lone_count *it = &counted_atomically;
    for (size_t i = 0; i < operations; i++) {
        it = opaque(it);
        __atomic_fetch_add(&it->count, 1, __ATOMIC_RELAXED);
        it = opaque(it);
        if (__atomic_sub_fetch(&it->count, 1, __ATOMIC_ACQ_REL) < 0) give_up("a count below zero");
    }
}

BENCH_BODY retains_and_releases(size_t operations)
{
    void *it = object;
    for (size_t i = 0; i < operations; i++) {
        it = opaque(it);
        (void)rc_retain(it);
        it = opaque(it);
        rc_release(it);
    }
}

BENCH_PLACES(run_int, int_pairs)
BENCH_PLACES(run_atomic, atomic_pairs)
BENCH_PLACES(run_rcbuf, retains_and_releases)

#define INT_PAIR(row)                                                                              \
    {                                                                                              \
        (row), "int ++, --", KIND_BARE, .run = run_int                                             \
    }
#define ATOMIC_PAIR(row)                                                                           \
    {                                                                                              \
        (row), "atomic pair", KIND_BARE, .run = run_atomic                                         \
    }
#define RCBUF(row)                                                                                 \
    {                                                                                              \
        (row), "rcbuf", KIND_OURS, .set_up = make_object, .run = run_rcbuf                         \
    }

static const struct contestant table[] = {
    INT_PAIR("retain"),      ATOMIC_PAIR("retain"),
    RCBUF("retain"),         ATOMIC_PAIR("retain-started"),
    RCBUF("retain-started"), ATOMIC_PAIR("retain-two"),
    RCBUF("retain-two"),
};
CONTESTANTS(contestants_count, table);
