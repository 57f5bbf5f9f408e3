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

/* Operations between two looks at what is wanted; few enough to stop soon, too many to disturb. */
enum { STRETCH = 1024 };

/* Apart from what is measured: each word is on cache lines of its own. */
static struct {
    _Alignas(128) const struct contestant *wanted; /* NULL: rest */
    _Alignas(128) const struct contestant *hammering;
} partner;

static void *hammer(void *unused)
{
    for (;;) {
        const struct contestant *wanted = __atomic_load_n(&partner.wanted, __ATOMIC_ACQUIRE);
        if (wanted)
            wanted->run(STRETCH);
        else
            sched_yield();
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

double measure_with_partner(const struct contestant *contestant, size_t operations)
{
    want(contestant);
    double started = clock_now();
    contestant->run(operations);
    double took = clock_now() - started;
    want(NULL);
    return took;
}
