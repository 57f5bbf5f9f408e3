/* SPDX-License-Identifier: MIT */
/*
 * Several threads at once, for a stretch of time. An operation's time is that of this thread, which
 * made what they share; the others hammer along. n threads that do not disturb each other take as
 * long as one.
 */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "scale.h"

enum { STRETCHES = 5, STRETCHES_QUICK = 2, HELPERS_MAX = 63, ALIGNED = 128 };
/* Operations between two looks at the clock, or at whether to stop. */
enum { BETWEEN = 1024 };

/* ---- stretches of time ----------------------------------------------------------------------- */

/* BETWEEN operations. */
typedef void step_function(const struct contestant *contestant);

static struct {
    _Alignas(ALIGNED) bool stop;
    size_t working; /* helpers that have begun */
    _Alignas(ALIGNED) const struct contestant *contestant;
    step_function *step;
} common;

static bool is_told_to_stop(void)
{
    return __atomic_load_n(&common.stop, __ATOMIC_ACQUIRE);
}

static void *help(void *unused)
{
    common.step(common.contestant);
    __atomic_fetch_add(&common.working, 1, __ATOMIC_RELEASE);
    while (!is_told_to_stop()) common.step(common.contestant);
    return unused;
}

/* They work when this returns. */
static void start(pthread_t *helpers, size_t count, void *(*work)(void *))
{
    __atomic_store_n(&common.stop, false, __ATOMIC_RELEASE);
    __atomic_store_n(&common.working, 0, __ATOMIC_RELEASE);
    for (size_t i = 0; i < count; i++)
        if (pthread_create(&helpers[i], NULL, work, NULL) != 0) give_up("no thread");
    while (__atomic_load_n(&common.working, __ATOMIC_ACQUIRE) < count) sched_yield();
}

static void stop(const pthread_t *helpers, size_t count)
{
    __atomic_store_n(&common.stop, true, __ATOMIC_RELEASE);
    for (size_t i = 0; i < count; i++) pthread_join(helpers[i], NULL);
}

/* ns of an operation of this thread. */
static double stretch(const struct contestant *contestant, step_function *step, bool quick)
{
    size_t done = 0;
    double started = clock_now(), end = started + (quick ? 4e6 : 25e6), now;
    do {
        step(contestant);
        done += BETWEEN;
        now = clock_now();
    } while (now < end);
    return (now - started) / (double)done;
}

/* One stretch more than is asked for comes first: it warms up. */
static void measure(const struct contestant *contestant, step_function *step, size_t helper_count,
                    void *(*work)(void *), bool quick, struct scale_point *point)
{
    double samples[STRETCHES];
    pthread_t helpers[HELPERS_MAX];
    size_t stretches = quick ? STRETCHES_QUICK : STRETCHES;
    if (helper_count > HELPERS_MAX) give_up("too many threads");
    common.contestant = contestant;
    common.step = step;
    start(helpers, helper_count, work);
    stretch(contestant, step, quick);
    for (size_t i = 0; i < stretches; i++) samples[i] = stretch(contestant, step, quick);
    stop(helpers, helper_count);
    scale_summarize(samples, stretches, point);
}

/* ---- on one object, or each on its own ------------------------------------------------------- */

static void run(const struct contestant *contestant)
{
    contestant->run(BETWEEN);
}

static void make_and_unmake(const struct contestant *contestant)
{
    for (size_t i = 0; i < BETWEEN; i++)
        contestant->unmake(opaque(contestant->make(SCALE_PAYLOAD)));
}

void scale_threads_run(const struct contestant *contestant, bool quick, struct scale_point *point)
{
    measure(contestant, run, (size_t)point->x - 1, help, quick, point);
}

void scale_threads_make(const struct contestant *contestant, bool quick, struct scale_point *point)
{
    measure(contestant, make_and_unmake, (size_t)point->x - 1, help, quick, point);
}

/* ---- hand-over ------------------------------------------------------------------------------- */

/* A ring with one writer and one reader. Each keeps what it last saw of the other's end, so that
 * a line moves between them only where that does not suffice. */
static struct {
    _Alignas(ALIGNED) size_t written; /* things ever put in */
    size_t read_seen;
    _Alignas(ALIGNED) size_t read; /* things ever taken out */
    size_t written_seen;
    _Alignas(ALIGNED) void **slots;
    size_t size;
} ring;

static void wait_a_little(void)
{
    static __thread unsigned turn;
    if (++turn % 1024 == 0) sched_yield();
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

static void put(void *thing)
{
    while (ring.written - ring.read_seen == ring.size) {
        ring.read_seen = __atomic_load_n(&ring.read, __ATOMIC_ACQUIRE);
        if (ring.written - ring.read_seen == ring.size) wait_a_little();
    }
    ring.slots[ring.written & (ring.size - 1)] = thing;
    __atomic_store_n(&ring.written, ring.written + 1, __ATOMIC_RELEASE);
}

/* NULL: told to stop, and nothing is left. */
static void *take(void)
{
    while (ring.read == ring.written_seen) {
        bool last = is_told_to_stop();
        ring.written_seen = __atomic_load_n(&ring.written, __ATOMIC_ACQUIRE);
        if (ring.read != ring.written_seen) break;
        if (last) return NULL;
        wait_a_little();
    }
    void *thing = ring.slots[ring.read & (ring.size - 1)];
    __atomic_store_n(&ring.read, ring.read + 1, __ATOMIC_RELEASE);
    return thing;
}

/* This thread. What it gives has arrived but for one ring's worth, in every stretch the same. */
static void give(const struct contestant *contestant)
{
    for (size_t i = 0; i < BETWEEN; i++) put(contestant->make(SCALE_PAYLOAD));
}

/* The helper. Reads the first byte, as whoever gets something will. */
static void *take_all(void *unused)
{
    const struct contestant *contestant = common.contestant;
    __atomic_fetch_add(&common.working, 1, __ATOMIC_RELEASE);
    for (void *thing; (thing = take());) {
        __asm__ volatile("" : : "r"(*(volatile unsigned char *)thing));
        contestant->unmake(thing);
    }
    return unused;
}

void scale_hand_over(const struct contestant *contestant, bool quick, struct scale_point *point)
{
    ring.size = (size_t)point->x;
    ring.written = ring.read_seen = ring.read = ring.written_seen = 0;
    ring.slots = need(calloc(ring.size, sizeof *ring.slots));
    measure(contestant, give, 1, take_all, quick, point);
    free(ring.slots);
}
