/* SPDX-License-Identifier: MIT */
/**
 * @file rc/object_end.h
 * Private (not installed): the end of an object, among the rooms of rc/object.h and rc/bias.h.
 */
#ifndef RC_OBJECT_END_H
#define RC_OBJECT_END_H

#include "callback.h"
#include "header.h"
#include "object_prefixed.h"
#include "small.h"

/* A release that was not the last and found no ordinary count: stuck, or a bug of the caller. */
RC_HIDDEN RC_COLD void rc__object_release_rare(struct rc__header *header, int32_t word);

/* The last word about an object that is none any more. */
RC_HIDDEN RC_NORETURN RC_COLD void rc__object_stop_dead(const void *object, const char *call);

/* The count sticks from here on. */
RC_HIDDEN RC_COLD void rc__object_saturate(struct rc__header *header);

/* Return the block of an object without a prefix, which has been counted out. */
static inline void rc__object_free_block(struct rc__header *header, size_t size)
{
    if (RC__MALLOC_IS_ENOUGH)
        rc__small_free(rc__tally_mine, header, size);
    else
        rc__block_free(&rc__allocator_system, header, size, RC_ALIGNMENT_DEFAULT);
}

/* For an end_plain() that calls the program between the two. False: others wait in front of it, so
 * rc__object_end() has to end it; nothing has changed. */
static inline bool rc__end_begin(void *object)
{
    if (RC_UNLIKELY(rc__calling.room <= 1)) return false; /* the innermost ends those that wait */
    const struct rc__header ending = {.flags = RC__FLAG_FINALIZING};
    memcpy(rc__header_of(object), &ending,
           offsetof(struct rc__header, type)); /* no reference but ours */
    return true;
}

/* Inside the frame of the call; rc__end_leave() after it. Not before, since what is written to one line of
 * the cache should be written at once. */
static inline void rc__end_enter(void)
{
    rc__calling.room--;
}

/* True: only the memory is left to be given back. False: it was revived, or is known to weak references,
 * and rc__end_rest() does the rest. */
static inline bool rc__end_is_plain(const void *object)
{
    return RC_LIKELY(rc__header_reads(rc__header_of(object), RC__FLAG_FINALIZING));
}

RC_HIDDEN RC_COLD void rc__end_rest(struct rc__header *header);

/* The dead objects that this thread put off end now, whatever the depth: for calls that promise that
 * finalizers have run when they return. */
RC_HIDDEN void rc__end_deferred(void);

static inline void rc__end_leave(void)
{
    rc__calling.room++;
}

/* For a stack that is switched to: its finalizers that run inside each other, and the dead objects
 * that they still have to end, become the thread's; the thread's own are what is left there. */
RC_HIDDEN void rc__end_exchange(void **waiting, unsigned *depth);

#endif
