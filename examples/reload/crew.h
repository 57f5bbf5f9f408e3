/* SPDX-License-Identifier: MIT */
/*
 * Threads that look prices up, without a pause and without a lock, in whatever list a slot holds.
 *
 * Threads: all calls come from one thread.
 */
#ifndef RELOAD_CREW_H
#define RELOAD_CREW_H

#include <rc/slot.h>

struct crew; /* an object: its last release waits for its threads */

/* Borrows: prices, a slot that is never empty while the crew works. Returns: one new reference;
 * NULL: the error is set. */
struct crew *crew_new(size_t threads, const rc_slot *prices);

/* Wait until each thread has looked a price up in that version of the list, or a later one. */
void crew_wait(struct crew *self, size_t version);

/* Have the threads end. Returns: how many prices they looked up. */
size_t crew_finish(struct crew *self);

#endif
