/* SPDX-License-Identifier: MIT */
/**
 * @file rc/cancel.h
 * Private (not installed): holding pthread_cancel() off where it would leave the library half way.
 *
 * close(), write() and much else that cleanups call are cancellation points. A request that comes
 * meanwhile stays pending, and is acted on at the thread's next cancellation point after the end.
 */
#ifndef RC_CANCEL_H
#define RC_CANCEL_H

#include <pthread.h>

/* Returns: what rc__cancel_allow() takes. Leaves errno alone. */
static inline int rc__cancel_hold(void)
{
    int before = 0;
#ifdef PTHREAD_CANCEL_DISABLE
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
#endif
    return before;
}

static inline void rc__cancel_allow(int before)
{
#ifdef PTHREAD_CANCEL_DISABLE
    pthread_setcancelstate(before, &before);
#else
    (void)before;
#endif
}

#endif
