/* SPDX-License-Identifier: MIT */
/*
 * Threads that sum frames. A few frames wait for them; who hands in more waits, too, so that the
 * pool needs no more buffers than there is work under way.
 *
 * Threads: all calls come from one thread.
 */
#ifndef POOL_CREW_H
#define POOL_CREW_H

#include "frame.h"

struct crew; /* an object: its last release waits for the frames that are under way */

/* Returns: one new reference to a crew of @p threads threads, or as many as could be started; NULL:
 * the error is set. */
struct crew *crew_new(size_t threads);

/* Have the frame summed, now or soon. Borrows: frame, which is retained until then. */
void crew_hand(struct crew *self, struct frame *frame);

/* Wait until all frames are summed. No more can be handed in. */
void crew_finish(struct crew *self);

#endif
