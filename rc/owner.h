/* SPDX-License-Identifier: MIT */
/**
 * @file rc/owner.h
 * Private (not installed): the threads that own biased objects; their queues, beginning and end.
 *
 * A thread takes an index when it makes its first biased object, and gives it back when it ends.
 * Whoever takes that index next owns what its predecessor left. Each index has a slot of a static
 * table, with the queue of objects that others released: a list through the objects' prefixes whose
 * head reads CLOSED while the index has no thread.
 *
 * Invariants. An object whose word says QUEUED is in exactly one queue, or on its way into one by
 * the thread that set the flag; either holds one reference. While a queue reads CLOSED, unmerged
 * objects of its index are changed under the lock alone, under which the index is taken, too; so
 * taking it shows all that its former owners did.
 *
 * Locks. This one comes before those of weak references, under which nothing is released.
 */
#ifndef RC_OWNER_H
#define RC_OWNER_H

#include "header.h"

/* Indices of owners are below this; the first is nobody's. */
#define RC__OWNERS 1024u
_Static_assert((RC__OWNER_GIVES & (RC__OWNERS - 1)) == 0,
               "an index keeps its bits when it is marked");

/* The owner's index for an object that this thread makes now; 0: it makes ordinary ones. Drains. */
RC_HIDDEN uint16_t rc__owner_index(void);

/* Finalize what is in this thread's queue. */
RC_HIDDEN void rc__owner_drain(void);

/* QUEUED was set by the calling thread: put the object into the queue of @p owner. False: that has
 * ended, the object is merged and no longer QUEUED, and the reference is the caller's again. */
RC_HIDDEN bool rc__owner_enqueue(struct rc__header *header, unsigned owner);

/* Merge an object of somebody else's, and take @p flags of its word away, if its owner has ended:
 * else false. The caller holds a reference. */
RC_HIDDEN bool rc__owner_merge_left(struct rc__header *header, unsigned owner, int32_t flags);

/* This thread runs no more: drain, and give the index back. Called when it ends. */
RC_HIDDEN void rc__owner_leave(void);

/* ---- rc/bias.c: the counts ------------------------------------------------------------------- */

/* Make an object that is not merged an ordinary one, and take @p flags of its word away: by its
 * owner, or under the lock once that has ended. The caller holds a reference. */
RC_HIDDEN void rc__bias_merge(struct rc__header *header, int32_t flags);

/* The owner took the object out of a queue: release the queue's reference. */
RC_HIDDEN void rc__bias_release_queued(struct rc__header *header);

#endif
