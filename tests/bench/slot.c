/* SPDX-License-Identifier: MIT */
/* A place that threads load a reference from and store one to: a slot, and a pointer under a mutex.
 * Whoever stores makes a new object each time, as a program does that has something new to tell. */
#include "bench.h"

#include <pthread.h>

#include <rc/slot.h>

static const rc_type stored_type = {.name = "stored", .size = 112};

static struct {
    _Alignas(128) rc_slot slot;
} lone;

static struct {
    _Alignas(128) pthread_mutex_t lock;
    void *object;
} guarded = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct {
    _Alignas(128) int count;
} counted;

static void fill_slot(void)
{
    void *object = need(rc_object_new(&stored_type, 0));
    rc_slot_store(&lone.slot, object);
    rc_release(object);
}

static void fill_guarded(void)
{
    guarded.object = need(rc_object_new(&stored_type, 0));
}

/* ---- load, release --------------------------------------------------------------------------- */

BENCH_BODY atomic_pairs(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        seen(&counted);
        __atomic_fetch_add(&counted.count, 1, __ATOMIC_RELAXED);
        BENCH_OTHERS;
        seen(&counted);
        if (__atomic_sub_fetch(&counted.count, 1, __ATOMIC_ACQ_REL) < 0)
            give_up("a count below zero");
        BENCH_OTHERS;
    }
}

BENCH_BODY loads_and_releases(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        void *object = need(rc_slot_load(&lone.slot));
        BENCH_OTHERS;
        rc_release(object);
        BENCH_OTHERS;
    }
}

BENCH_BODY guarded_retains_and_releases(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        pthread_mutex_lock(&guarded.lock);
        void *object = need(rc_retain(guarded.object));
        pthread_mutex_unlock(&guarded.lock);
        BENCH_OTHERS;
        rc_release(object);
        BENCH_OTHERS;
    }
}

/* ---- store ----------------------------------------------------------------------------------- */

BENCH_BODY stores(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        void *object = need(rc_object_new(&stored_type, 0));
        rc_slot_store(&lone.slot, object);
        rc_release(object);
    }
}

BENCH_BODY guarded_stores(size_t operations)
{
    for (size_t i = 0; i < operations; i++) {
        void *object = need(rc_object_new(&stored_type, 0));
        pthread_mutex_lock(&guarded.lock);
        void *old = guarded.object;
        guarded.object = object;
        pthread_mutex_unlock(&guarded.lock);
        rc_release(old);
    }
}

BENCH_PLACES(run_atomic, atomic_pairs(operations))
BENCH_PLACES(run_load, loads_and_releases(operations))
BENCH_PLACES(run_guarded_load, guarded_retains_and_releases(operations))
BENCH_PLACES(run_store, stores(operations))
BENCH_PLACES(run_guarded_store, guarded_stores(operations))

#define MUTEX(row, loop, its_beside)                                                               \
    {                                                                                              \
        (row), "mutex", KIND_BARE, .set_up = fill_guarded, .run = (loop), .beside = (its_beside)   \
    }
#define RCBUF(row, loop, its_beside)                                                               \
    {                                                                                              \
        (row), "rcbuf", KIND_OURS, .set_up = fill_slot, .run = (loop), .beside = (its_beside)      \
    }

static const struct contestant table[] = {
    {"slot", "atomic pair", KIND_BARE, .run = run_atomic},
    MUTEX("slot", run_guarded_load, NULL),
    RCBUF("slot", run_load, NULL),
    MUTEX("slot-store", run_guarded_store, NULL),
    RCBUF("slot-store", run_store, NULL),
    MUTEX("slot-two", run_guarded_load, run_guarded_store),
    RCBUF("slot-two", run_load, run_store),
    MUTEX("slot-three", run_guarded_load, run_guarded_store),
    RCBUF("slot-three", run_load, run_store),
};
CONTESTANTS(contestants_slot, table);
