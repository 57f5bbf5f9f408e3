/* SPDX-License-Identifier: MIT */
/**
 * @file rc/await.h
 * Private (not installed): waiting until other threads are out of something that takes a moment.
 */
#ifndef RC_AWAIT_H
#define RC_AWAIT_H

#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <time.h>

/* How often the processor is given away before the thread sleeps: a thread of higher real-time
 * priority than those that it waits for gives it to nobody. */
enum { RC__AWAIT_YIELDS = 64 };

/* Until @p count was seen at zero. Preserves errno. */
static inline void rc__await_none(const size_t *count)
{
    const struct timespec moment = {.tv_nsec = 50000};
    int number = errno;
    for (unsigned round = 0; __atomic_load_n(count, __ATOMIC_SEQ_CST);) {
        sched_yield();
        if (round < RC__AWAIT_YIELDS)
            round++;
        else
            (void)nanosleep(&moment, NULL);
    }
    errno = number;
}

#endif
