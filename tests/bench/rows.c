/* SPDX-License-Identifier: MIT */
/* The rows of the table, with the goals that rcbuf set itself. */
#include "bench.h"

#include <string.h>

#define MIB ((size_t)1 << 20)

#define ONE_THREAD  .threads = THREADS_ONE
#define STARTED     .threads = THREADS_STARTED
#define TWO_THREADS .threads = THREADS_TWO
#define PINNED(n)   .threads = THREADS_##n, .pinned = true
#define TIMES(n)    .goals = {{.limit = (n), .times = true}}
/* In ns, by the median. */
#define WITHIN(n) .goals = {{.limit = (n)}}
#define TIMES_OF(n, name)                                                                          \
    {                                                                                              \
        .limit = (n), .times = true, .to = (name)                                                  \
    }
#define TIMES_FOR(n, name)                                                                         \
    {                                                                                              \
        .limit = (n), .times = true, .of = (name)                                                  \
    }
#define TIMES_BETWEEN(n, name, other)                                                              \
    {                                                                                              \
        .limit = (n), .times = true, .of = (name), .to = (other)                                   \
    }
/* Told, and no goal. */
#define RATIO_BETWEEN(name, other)                                                                 \
    {                                                                                              \
        .of = (name), .to = (other)                                                                \
    }
#define LENS                                                                                       \
    .burst = 1, .goals = {{.limit = 1.05, .times = true, .of = "lens"},                            \
                          {.limit = 1.25, .times = true, .of = "lens, checked"}}
#define WEAK_LOCK                                                                                  \
    {.limit = 1.5, .times = true, .of = "rcbuf", .to = "atomic pair"},                             \
    {                                                                                              \
        .limit = 1, .times = true, .of = "rcbuf", .to = "Rust Weak"                                \
    }
#define NUMPYS_COPY .burst = 1, .goals = {TIMES_OF(1.05, "NumPy's copyto")}
#define AT_MOST(n)  .measure = MEASURE_BYTES, .goals = {{.limit = (n)}}

const struct row rows[] = {
    {"retain", "retain + release", ONE_THREAD, .goals = {TIMES_FOR(1.7, "rcbuf")}},
    {"retain-beside", "retain + release, where there are biased objects", ONE_THREAD},
    {"retain-started", "retain + release, among other instructions", STARTED, TIMES(1.05)},
    /* A loop of locked instructions alone goes faster than they do in any program (loops.h), so what a
     * biased owner saves is told by those that stand among others; and so is an int's, which no count is
     * faster than. */
    {"retain-bare", "retain + release, and nothing else", STARTED,
     .goals = {TIMES_BETWEEN(0.1, "rcbuf, biased owner", "atomic pair, among others")}},
    /* Immortal and biased objects have a row of their own: once there is one in a process, counting any
     * other asks for it. */
    {"retain-two", "retain + release, both on one object", TWO_THREADS,
     .goals = {TIMES_FOR(1.1, "rcbuf")}},
    {"retain-two-aside", "retain + release, both on one object, immortal or biased", TWO_THREADS,
     .goals = {TIMES_FOR(0.1, "rcbuf, immortal")}},
    /* A new object is zeroed, as calloc's memory is and malloc's is not: the ratio to calloc is told too,
     * without a goal. */
    {"object", "create + destroy an object of 64 B", ONE_THREAD,
     .goals = {TIMES_FOR(0.3, "rcbuf"), RATIO_BETWEEN("rcbuf", "calloc, free"),
               TIMES_FOR(0.65, "rcbuf, shared library")}},
    {"object-finalized", "create + destroy an object of 64 B", ONE_THREAD},
    {"object-20", "create + destroy an object of 64 B, 20 at a time", ONE_THREAD,
     .burst = 20 * 500},
    {"object-1000", "create + destroy an object of 64 B, 1000 at a time", ONE_THREAD,
     .burst = 1000 * 10},
    {"object-started", "create + destroy an object of 64 B", STARTED},
    {"buffer-64", "create + destroy a buffer of 64 B", ONE_THREAD,
     .goals = {TIMES_FOR(0.3, "rcbuf"), TIMES_FOR(0.65, "rcbuf, shared library")}},
    {"buffer-64-started", "create + destroy a buffer of 64 B", STARTED},
    {"buffer-4k", "create + destroy a buffer of 4 KiB", ONE_THREAD, TIMES(0.25)},
    {"buffer-1m", "create + destroy a buffer of 1 MiB", ONE_THREAD, TIMES(0.25)},
    {"memory", "allocate + free a block of 64 B", ONE_THREAD},
    {"slice", "slice 64 B of a buffer, release", ONE_THREAD, TIMES(0.25)},
    {"slice-started", "slice 64 B of a buffer, release", STARTED},
    {"adopt", "adopt foreign memory, release", ONE_THREAD, TIMES(0.35)},
    /* What bias saves it saves where there are several threads. */
    {"weak", "weak lock + release", ONE_THREAD, .goals = {WEAK_LOCK}},
    {"weak-started", "weak lock + release", STARTED,
     .goals = {WEAK_LOCK, TIMES_FOR(0.15, "rcbuf, biased owner")}},
    {"weak-new", "create a weak reference, lock, release both", ONE_THREAD},
    {"weak-new-started", "create a weak reference, lock, release both", STARTED},
    {"slot", "load from a slot + release, among other instructions", STARTED,
     .goals = {TIMES_FOR(3, "rcbuf"), RATIO_BETWEEN("rcbuf", "mutex")}},
    {"slot-store", "store a new object to a slot", STARTED},
    /* Bursts long enough for a mutex whose holder is pushed off its processor. */
    {"slot-two", "load from a slot + release, another stores", PINNED(TWO), .burst = 4000,
     .goals = {TIMES_OF(0.2, "mutex")}},
    {"slot-three", "load from a slot + release, another loads, a third stores", PINNED(THREE),
     .burst = 100000},
    {"append", "append 64 B, up to 64 MiB", ONE_THREAD, TIMES(1.2), .burst = 64 * MIB / 64},
    {"append-fresh", "append 64 B, up to 64 MiB, no memory idle before", ONE_THREAD, TIMES(0.85),
     .burst = 64 * MIB / 64},
    {"resize", "resize 1 to 128 MiB, doubling", ONE_THREAD, TIMES(1.05), .burst = 1},
    {"resize-fresh", "resize 1 to 128 MiB, doubling, no memory idle before", ONE_THREAD,
     TIMES(1.05), .burst = 1},
    /* The goal is for programs with threads, as pools are used by. */
    {"pool", "take 4 KiB from a pool, give it back", ONE_THREAD},
    {"pool-started", "take 4 KiB from a pool, give it back", STARTED, TIMES(0.1)},
    {"chain", "append a slice to a chain, cut one off, release", ONE_THREAD, WITHIN(60)},
    {"chain-started", "append a slice to a chain, cut one off, release", STARTED, WITHIN(60)},
    {"cycle", "collect a million objects in rings of ten", ONE_THREAD, .burst = 1,
     .goals = {TIMES_OF(1.5, "gc.collect")}},
    {"cycle-held", "collect among a million objects in rings of ten that are held", ONE_THREAD,
     .burst = 1, .goals = {TIMES_OF(1.5, "gc.collect")}},
    {"hand-over", "hand 4 KiB to a thread that releases it", TWO_THREADS, TIMES(1.0),
     .burst = 1024},
    {"lens-c", "loop over 1000 x 1000 doubles, C order", ONE_THREAD, LENS},
    {"lens-f", "loop over 1000 x 1000 doubles, Fortran order", ONE_THREAD, LENS},
    {"lens-2", "loop over 1000 x 1000 doubles, [::2, ::2]", ONE_THREAD, LENS},
    {"sum-c", "rc_view_sum, 1000 x 1000 doubles, C order", ONE_THREAD, .burst = 1,
     .goals = {TIMES_OF(0.55, NULL), TIMES_OF(1, "NumPy's sum")}},
    {"sum-f", "rc_view_sum, 1000 x 1000 doubles, Fortran order", ONE_THREAD, .burst = 1,
     .goals = {TIMES_OF(0.55, NULL), TIMES_OF(1, "NumPy's sum")}},
    {"sum-2", "rc_view_sum, 1000 x 1000 doubles, [::2, ::2]", ONE_THREAD, .burst = 1,
     .goals = {TIMES_OF(1, "NumPy's sum")}},
    {"copy-c", "rc_view_copy, 1000 x 1000 doubles, contiguous", ONE_THREAD, .burst = 1,
     .goals = {TIMES_OF(1.05, NULL)}},
    {"copy-t", "rc_view_copy, source transposed", ONE_THREAD, .burst = 1,
     .goals = {TIMES_OF(0.55, NULL), TIMES_OF(1.15, "memcpy of as much")}},
    {"copy-2", "rc_view_copy, source [::2, ::2]", ONE_THREAD, NUMPYS_COPY},
    {"copy-reversed", "rc_view_copy, source [::-1, ::-1]", ONE_THREAD, NUMPYS_COPY},
    {"copy-row", "rc_view_copy, source one row, broadcast", ONE_THREAD, NUMPYS_COPY},
    {"copy-column", "rc_view_copy, source one column, broadcast", ONE_THREAD, NUMPYS_COPY},
    {"view", "make + release a view of 2 dimensions", ONE_THREAD,
     .goals = {TIMES_OF(0.5, "memoryview slice")}},
    {"view-started", "make + release a view of 2 dimensions", STARTED},
    {"file", "map a .npy file of 1 GB, add it up", ONE_THREAD, .burst = 1,
     .goals = {TIMES_OF(1.1, NULL)}},
    {"weight-object", "an object of 64 B", ONE_THREAD, AT_MOST(32), .things = 300000,
     .payload = 64},
    {"weight-buffer", "a buffer of 64 B", ONE_THREAD, AT_MOST(64), .things = 300000, .payload = 64},
    {"weight-buffer-1k", "a buffer of 1,000 B", ONE_THREAD, AT_MOST(80), .things = 100000,
     .payload = 1000},
    {"weight-buffer-16k", "a buffer of 16 KiB", ONE_THREAD, AT_MOST(80), .things = 10000,
     .payload = 16384},
    {"weight-slice", "a slice", ONE_THREAD, .measure = MEASURE_BYTES, .things = 1000000},
};
const size_t row_count = sizeof rows / sizeof rows[0];

const struct row *row_find(const char *name)
{
    for (size_t i = 0; i < row_count; i++)
        if (strcmp(rows[i].name, name) == 0) return &rows[i];
    return NULL;
}
