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

#include "cancel.h"

/* How often the processor is given away before the thread sleeps: a thread of higher real-time
 * priority than those that it waits for gives it to nobody. */
enum { RC__AWAIT_YIELDS = 64 };

/* Let others go on, the @p round th time: from 0. Preserves errno; no cancellation point. */
static inline void rc__await_moment(unsigned round)
{
    const struct timespec moment = {.tv_nsec = 50000};
    int number = errno, cancel;
    if (round < RC__AWAIT_YIELDS) {
        sched_yield();
        return;
    }
    cancel = rc__cancel_hold();
    (void)nanosleep(&moment, NULL);
    rc__cancel_allow(cancel);
    errno = number;
}

static inline unsigned rc__await_next(unsigned round)
{
    return round < RC__AWAIT_YIELDS ? round + 1 : round;
}

/* Until @p count was seen at zero. */
static inline void rc__await_none(const size_t *count)
{
    for (unsigned round = 0; __atomic_load_n(count, __ATOMIC_SEQ_CST);
         round = rc__await_next(round))
        rc__await_moment(round);
}

#endif
