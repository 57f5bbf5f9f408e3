/* SPDX-License-Identifier: MIT */
/* What rows with threads need: a thread that was started, and one that hammers along. */
#include "bench.h"

#include <pthread.h>
#include <sched.h>

#include <rc/config.h>

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 32)
const bool tells_threads = true;
#else
const bool tells_threads = false;
#endif

bool is_single_threaded(void)
{
    return RC_SINGLE_THREADED;
}

static void *return_at_once(void *argument)
{
    return argument;
}

void start_a_thread(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, return_at_once, NULL) != 0) give_up("no thread");
    pthread_join(thread, NULL);
    if (is_single_threaded()) give_up("a thread was started, and the C library denies it");
}

/* ---- the partner ----------------------------------------------------------------------------- */

/* Operations between two looks at what is wanted; enough of them not to disturb. */
enum { STRETCH = 64 };

/* Apart from what is measured: each word is on cache lines of its own. */
static struct {
    _Alignas(128) const struct contestant *wanted; /* NULL: rest */
    _Alignas(128) const struct contestant *hammering;
    size_t done; /* operations, ever */
} partner;

static void *hammer(void *unused)
{
    for (;;) {
        const struct contestant *wanted = __atomic_load_n(&partner.wanted, __ATOMIC_ACQUIRE);
        if (wanted) {
            wanted->run(STRETCH);
            __atomic_store_n(&partner.done, partner.done + STRETCH, __ATOMIC_RELAXED);
        } else {
            sched_yield();
        }
        __atomic_store_n(&partner.hammering, wanted, __ATOMIC_RELEASE);
    }
    return unused;
}

/* It works from its first stretch on until it is told to rest; the process's end ends it. */
static void want(const struct contestant *contestant)
{
    static bool started;
    if (!started) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, hammer, NULL) != 0) give_up("no thread");
        pthread_detach(thread);
        started = true;
    }
    __atomic_store_n(&partner.wanted, contestant, __ATOMIC_RELEASE);
    while (__atomic_load_n(&partner.hammering, __ATOMIC_ACQUIRE) != contestant) sched_yield();
}

/* ns; *done: operations of the partner meanwhile. */
static double burst_of_two(const struct contestant *contestant, size_t operations, size_t *done)
{
    want(contestant);
    size_t before = __atomic_load_n(&partner.done, __ATOMIC_RELAXED);
    double started = clock_now();
    contestant->run(operations);
    double took = clock_now() - started;
    *done = __atomic_load_n(&partner.done, __ATOMIC_RELAXED) - before;
    want(NULL);
    return took;
}

static size_t alone;

double measure_with_partner(const struct contestant *contestant, size_t operations, double patience)
{
    double took, end = clock_now() + patience;
    size_t done;
    do {
        took = burst_of_two(contestant, operations, &done);
    } while (done < operations / 2 && clock_now() < end);
    alone += done < operations / 2;
    return took;
}

void burst_was_alone(void)
{
    alone++;
}

size_t bursts_alone(void)
{
    return alone;
}
