/* SPDX-License-Identifier: MIT */
/**
 * @file tests/rc/weak_pin_support.h
 * What the suites of rc/weak_pin.h share: things that count their ends, and a second thread.
 */
#ifndef TESTS_RC_WEAK_PIN_SUPPORT_H
#define TESTS_RC_WEAK_PIN_SUPPORT_H

#include <pthread.h>
#include <semaphore.h>

#include "rc/memory.h"
#include "rc/weak.h"
#include "rc/weak_pin.h"
#include "tests/harness.h"

static size_t finalized;

static inline void thing_finalize(void *self)
{
    (void)self;
    __atomic_fetch_add(&finalized, 1, __ATOMIC_RELAXED);
}

static const rc_type thing_type = {.name = "thing", .size = 40, .finalize = thing_finalize};

/* As an assertion, on any thread. */
static inline void need(bool condition)
{
    if (!condition) abort();
}

static inline void *new_of(const rc_type *type)
{
    void *thing = rc_object_new(type, 0);
    need(thing != NULL);
    return thing;
}

static inline rc_weak *weak_of(const void *thing)
{
    rc_weak *weak = rc_weak_new(thing);
    need(weak != NULL);
    return weak;
}

static inline void lock_once(rc_weak *weak)
{
    void *locked = rc_weak_lock(weak);
    need(locked != NULL);
    rc_release(locked);
}

/* The first lock tells the object, the second one pins it. */
static inline rc_weak *weak_locked_once(const void *thing)
{
    rc_weak *weak = weak_of(thing);
    lock_once(weak);
    return weak;
}

static inline bool is_pinnable(const void *thing)
{
    return rc__header_flags(rc__header_of(thing)) & RC__FLAG_PINNED;
}

/* What the pin of this thread that suits the object says. */
static inline uintptr_t my_pin(const void *thing)
{
    return __atomic_load_n(&rc__pin_of(rc__tally_mine, thing)->object, __ATOMIC_ACQUIRE);
}

static inline uintptr_t left(const void *thing)
{
    return (uintptr_t)thing + RC__PIN_LEFT;
}

/* What was left to all threads, and not freed yet. */
static inline size_t pins_left(void)
{
    size_t count = 0;
    for (struct rc__tally *tally = rc__tally_first(); tally; tally = tally->next)
        for (size_t i = 0; i < RC__PINS; i++) count += tally->pins[i].object & RC__PIN_LEFT;
    return count;
}

/* ---- another thread, which is told what to do ------------------------------------------------ */

struct worker {
    pthread_t thread;
    sem_t start, done;
    void (*body)(void *argument); /* NULL: end */
    void *argument;
};

static struct worker worker;

static inline void *work(void *unused)
{
    for (;;) {
        while (sem_wait(&worker.start) != 0) {
        }
        if (!worker.body) return unused;
        worker.body(worker.argument);
        sem_post(&worker.done);
    }
}

/* From here on the process has two threads, and pins stay set. */
static inline void begin(void)
{
    rc__pins_stay = true;
    need(sem_init(&worker.start, 0, 0) == 0 && sem_init(&worker.done, 0, 0) == 0);
    need(pthread_create(&worker.thread, NULL, work, NULL) == 0);
}

static inline void tell(void (*body)(void *argument), void *argument)
{
    worker.body = body;
    worker.argument = argument;
    sem_post(&worker.start);
    while (body && sem_wait(&worker.done) != 0) {
    }
}

static inline void end(void)
{
    tell(NULL, NULL);
    need(pthread_join(worker.thread, NULL) == 0);
}

#endif
