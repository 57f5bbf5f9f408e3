/* SPDX-License-Identifier: MIT */
/**
 * @file rc/object_end.h
 * Private (not installed): the end of an object, among the rooms of rc/object.h and rc/bias.h.
 */
#ifndef RC_OBJECT_END_H
#define RC_OBJECT_END_H

#include "header.h"
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

/* Finalizers that run inside each other on this thread; beyond the limit dead objects wait their turn.
 */
extern RC_HIDDEN RC_HOT_THREAD_LOCAL unsigned rc__end_nesting;
enum { RC__END_NESTING_MAX = 32 };

/* For an end_plain() that calls the program between the two. False: others wait in front of it, so
 * rc__object_end() has to end it; nothing has changed. */
static inline bool rc__end_begin(struct rc__header *header)
{
    if (RC_UNLIKELY(rc__end_nesting >= RC__END_NESTING_MAX - 1)) return false;
    rc__end_nesting++;
    const struct rc__header ending = {.flags = RC__FLAG_FINALIZING};
    memcpy(header, &ending, offsetof(struct rc__header, type)); /* no reference but ours */
    return true;
}

/* What is left of an object's end after its finalizer, be it revived or known to weak references. */
RC_HIDDEN RC_COLD void rc__end_rest(struct rc__header *header);

/* True: only the memory is left to be given back. False: all is done. */
static inline bool rc__end_finish(struct rc__header *header)
{
    unsigned happened = (unsigned)__atomic_load_n(&header->shared, __ATOMIC_ACQUIRE);
    happened |= rc__header_flags(header) ^ RC__FLAG_FINALIZING;
    if (RC_UNLIKELY(happened)) rc__end_rest(header);
    rc__end_nesting--;
    return !happened;
}

/* For a stack that is switched to: its finalizers that run inside each other, and the dead objects
 * that they still have to end, become the thread's; the thread's own are what is left there. */
RC_HIDDEN void rc__end_exchange(void **waiting, unsigned *depth);

#endif
