/* SPDX-License-Identifier: MIT */
/*
 * Several threads at once, for a stretch of time: each counts what it has done, and whoever reads
 * the clock adds up. An operation's time is that of one thread: n threads that do not disturb each
 * other take as long as one.
 */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "scale.h"

enum { STRETCHES = 5, STRETCHES_QUICK = 2, THREADS_MAX = 64, ALIGNED = 128 };
/* Operations between two looks at whether to stop. */
enum { BETWEEN = 64 };

/* ---- stretches of time ----------------------------------------------------------------------- */

/* Alone on its cache lines, and on those that a processor fetches with them. */
struct worker {
    _Alignas(ALIGNED) size_t done; /* operations, ever */
    const struct contestant *contestant;
    pthread_t thread;
};

static struct worker workers[THREADS_MAX];
static struct {
    _Alignas(ALIGNED) bool stop;
} common;

static bool is_told_to_stop(void)
{
    return __atomic_load_n(&common.stop, __ATOMIC_ACQUIRE);
}

static void add_done(struct worker *worker)
{
    __atomic_store_n(&worker->done, worker->done + BETWEEN, __ATOMIC_RELAXED);
}

static size_t all_done(size_t count)
{
    size_t done = 0;
    for (size_t i = 0; i < count; i++) done += __atomic_load_n(&workers[i].done, __ATOMIC_RELAXED);
    return done;
}

static void start(size_t count, const struct contestant *contestant, void *(*work)(void *))
{
    __atomic_store_n(&common.stop, false, __ATOMIC_RELEASE);
    for (size_t i = 0; i < count; i++) {
        workers[i].done = 0;
        workers[i].contestant = contestant;
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) give_up("no thread");
    }
}

static void stop(size_t count)
{
    __atomic_store_n(&common.stop, true, __ATOMIC_RELEASE);
    for (size_t i = 0; i < count; i++) pthread_join(workers[i].thread, NULL);
}

/* Until each of them works. */
static void wait_for(size_t count)
{
    for (size_t i = 0; i < count; i++)
        while (__atomic_load_n(&workers[i].done, __ATOMIC_RELAXED) == 0) sched_yield();
}

/* ns that an operation took during a stretch of time; of the first @p counted workers. */
static double stretch(size_t counted, bool quick)
{
    const struct timespec length = {.tv_nsec = quick ? 4000000 : 25000000};
    size_t before = all_done(counted);
    double started = clock_now();
    nanosleep(&length, NULL); /* the processors are the workers' */
    size_t done = all_done(counted) - before;
    return (clock_now() - started) * (double)counted / (double)(done ? done : 1);
}

static void measure(size_t count, size_t counted, const struct contestant *contestant,
                    void *(*work)(void *), bool quick, struct scale_point *point)
{
    double samples[STRETCHES];
    size_t stretches = quick ? STRETCHES_QUICK : STRETCHES;
    if (count > THREADS_MAX) give_up("too many threads");
    start(count, contestant, work);
    wait_for(counted);
    for (size_t i = 0; i < stretches; i++) samples[i] = stretch(counted, quick);
    stop(count);
    scale_summarize(samples, stretches, point);
}

/* ---- on one object, or each on its own ------------------------------------------------------- */

static void *run(void *argument)
{
    struct worker *worker = argument;
    while (!is_told_to_stop()) {
        worker->contestant->run(BETWEEN);
        add_done(worker);
    }
    return NULL;
}

static void *make_and_unmake(void *argument)
{
    struct worker *worker = argument;
    void *(*make)(size_t) = worker->contestant->make;
    void (*unmake)(void *) = worker->contestant->unmake;
    while (!is_told_to_stop()) {
        for (size_t i = 0; i < BETWEEN; i++) unmake(opaque(make(SCALE_PAYLOAD)));
        add_done(worker);
    }
    return NULL;
}

void scale_threads_run(const struct contestant *contestant, bool quick, struct scale_point *point)
{
    measure((size_t)point->x, (size_t)point->x, contestant, run, quick, point);
}

void scale_threads_make(const struct contestant *contestant, bool quick, struct scale_point *point)
{
    measure((size_t)point->x, (size_t)point->x, contestant, make_and_unmake, quick, point);
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

static bool put(void *thing)
{
    while (ring.written - ring.read_seen == ring.size) {
        ring.read_seen = __atomic_load_n(&ring.read, __ATOMIC_ACQUIRE);
        if (ring.written - ring.read_seen != ring.size) break;
        if (is_told_to_stop()) return false;
        wait_a_little();
    }
    ring.slots[ring.written & (ring.size - 1)] = thing;
    __atomic_store_n(&ring.written, ring.written + 1, __ATOMIC_RELEASE);
    return true;
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

static void give_all(const struct contestant *contestant)
{
    while (!is_told_to_stop()) {
        void *thing = contestant->make(SCALE_PAYLOAD);
        if (put(thing)) continue;
        contestant->unmake(thing);
        return;
    }
}

/* Reads the first byte, as whoever gets something will. */
static void take_all(struct worker *worker)
{
    for (size_t taken = 1;; taken++) {
        void *thing = take();
        if (!thing) return;
        __asm__ volatile("" : : "r"(*(volatile unsigned char *)thing));
        worker->contestant->unmake(thing);
        if (taken % BETWEEN == 0) add_done(worker);
    }
}

/* The first worker takes, since what it has done is what arrived. */
static void *hand_over(void *argument)
{
    struct worker *worker = argument;
    if (worker == &workers[0])
        take_all(worker);
    else
        give_all(worker->contestant);
    return NULL;
}

void scale_hand_over(const struct contestant *contestant, bool quick, struct scale_point *point)
{
    ring.size = (size_t)point->x;
    ring.written = ring.read_seen = ring.read = ring.written_seen = 0;
    ring.slots = need(calloc(ring.size, sizeof *ring.slots));
    measure(2, 1, contestant, hand_over, quick, point);
    free(ring.slots);
}
