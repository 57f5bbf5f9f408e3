/* SPDX-License-Identifier: MIT */
/*
 * The threads that count: each takes slices from one queue and counts them in a table of its own,
 * so that they share nothing but the queue; at the end the tables are merged.
 *
 * A crew of one is the calling thread: no thread is started, and slices are counted where they are
 * handed over. It is also what is left where no thread can be started.
 *
 * Threads: a crew is used by one thread.
 */
#ifndef WORD_COUNT_CREW_H
#define WORD_COUNT_CREW_H

#include "progress.h"
#include "table.h"

struct crew; /* an object: rc_release() ends and joins its threads */

/*
 * Start @p threads threads, or as many of them as the system gives; crew_size() tells.
 *
 * Borrows:  progress, as long as the crew lives; the crew adds what it has counted.
 * Returns:  one new reference; NULL: RC_NO_MEMORY.
 */
struct crew *crew_new(size_t threads, struct progress *progress);

/* Threads that count, the calling one included where it does. */
size_t crew_size(const struct crew *self);

/*
 * Have @p slice counted; wait while the crew has enough to do.
 *
 * Borrows:  slice, which is retained for as long as it is needed.
 * Errors:   what a thread failed with, RC_NO_MEMORY; the crew can only be released then.
 */
enum rc_status crew_hand(struct crew *self, rc_buffer *slice);

/*
 * Wait until all is counted, and merge.
 *
 * Returns:  one new reference to the table of all words; NULL and the status of the first thread
 *           that failed, or RC_NO_MEMORY. Either way, release the crew now.
 */
struct table *crew_finish(struct crew *self);

#endif
