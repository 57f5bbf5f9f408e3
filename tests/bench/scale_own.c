/* SPDX-License-Identifier: MIT */
/* Retain and release, each thread on an object of its own: for bench --scale. */
#include <rc/object.h>

#include "bench.h"

struct lone_count {
    _Alignas(128) int count;
};

static __thread struct lone_count counted;
static __thread void *object; /* made by the thread's first operation; ends with the process */

static __thread void *biased;

static const rc_type object_type = {.name = "a thread's own", .size = 112, .alignment = 64};
static const rc_type biased_type = {
    .name = "biased", .size = 112, .alignment = 64, .flags = RC_TYPE_BIASED};

/* Asked of an object: the library decides when it makes one. */
static const char *bias_absent(void)
{
    if (!biased) biased = need(rc_object_new(&biased_type, 0));
    return rc__header_of(biased)->owner != 0 ? NULL
                                             : "this library makes no biased objects (rcbuf)";
}

BENCH_LOOP static void run_int(size_t operations)
{
    struct lone_count *it = &counted;
    for (size_t i = 0; i < operations; i++) {
        it = opaque(it);
        it->count++;
        it = opaque(it);
        it->count--;
    }
}

BENCH_LOOP static void run_atomic(size_t operations)
{
    struct lone_count *it = &counted;
    for (size_t i = 0; i < operations; i++) {
        it = opaque(it);
        __atomic_fetch_add(&it->count, 1, __ATOMIC_RELAXED);
        BENCH_OTHERS;
        it = opaque(it);
        if (__atomic_sub_fetch(&it->count, 1, __ATOMIC_ACQ_REL) < 0) give_up("a count below zero");
        BENCH_OTHERS;
    }
}

BENCH_BODY retains_and_releases(size_t operations, void *it)
{
    for (size_t i = 0; i < operations; i++) {
        it = opaque(it);
        (void)rc_retain(it);
        BENCH_OTHERS;
        it = opaque(it);
        rc_release(it);
        BENCH_OTHERS;
    }
}

BENCH_LOOP static void run_rcbuf(size_t operations)
{
    if (!object) object = need(rc_object_new(&object_type, 0));
    retains_and_releases(operations, object);
}

BENCH_LOOP static void run_biased(size_t operations)
{
    if (!biased) biased = need(rc_object_new(&biased_type, 0));
    retains_and_releases(operations, biased);
}

static const struct contestant table[] = {
    {"scale-own", "int ++, --", KIND_BARE, .run = run_int},
    {"scale-own", "atomic pair", KIND_BARE, .run = run_atomic},
    {"scale-own", "rcbuf", KIND_OURS, .run = run_rcbuf},
    {"scale-own", "rcbuf, biased", KIND_OURS, .absent = bias_absent, .run = run_biased},
};
CONTESTANTS(contestants_own, table);
