/* SPDX-License-Identifier: MIT */
/*
 * A bounded queue of slices, from the thread that cuts to the threads that count. A slice in the
 * queue is a reference that the queue owns; so no slice outlives its use, and none is lost.
 *
 * Threads: everything here is safe from any thread, but for the last release.
 */
#ifndef WORD_COUNT_QUEUE_H
#define WORD_COUNT_QUEUE_H

#include <buffer/buffer.h>

struct queue; /* an object: rc_release() lets go of what is left in it */

/* Returns: one new reference to an empty queue for @p capacity slices; NULL: RC_NO_MEMORY. */
struct queue *queue_new(size_t capacity);

/* Append @p slice; wait while the queue is full. Borrows: slice, which is retained.
 * Returns: false if the queue is closed: the slice was not taken. */
bool queue_push(struct queue *self, rc_buffer *slice);

/* Take the oldest slice; wait while there is none. Returns: a reference that the caller owns from
 * now on; NULL once the queue is closed and empty. */
rc_buffer *queue_pop(struct queue *self);

/* No more is coming: who pops gets what is there, then NULL. */
void queue_close(struct queue *self);

/* As queue_close(), and what is there is let go: nobody pops anything any more. */
void queue_abandon(struct queue *self);

#endif
