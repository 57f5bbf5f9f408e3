/* SPDX-License-Identifier: MIT */
/**
 * @file rc/small.h
 * Private (not installed): blocks of the system's allocator, through this thread's magazines.
 */
#ifndef RC_SMALL_H
#define RC_SMALL_H

#include "block.h"
#include "tally.h"

/* Where the magazine is empty, or full; nobody has none. */
RC_HIDDEN RC_COLD void *rc__small_refill(struct rc__tally *tally, size_t size);
RC_HIDDEN RC_COLD void rc__small_spill(struct rc__tally *tally, void *block, size_t size);

/* One of malloc's, from this thread's magazine if it is small; rc__small_free() is told the same
 * size. tally: this thread's. NULL: there is none, and no error is left yet. */
static inline void *rc__small_allocate(struct rc__tally *tally, size_t size)
{
    if (RC_UNLIKELY(size > RC__MAGAZINE_BLOCK_MAX)) return malloc(size);
    size_t class_ = rc__magazine_class(size);
    void *block = rc__magazine_pop(&tally->magazines[class_]);
    return RC_LIKELY(block) ? block : rc__small_refill(tally, size);
}

static inline void rc__small_free(struct rc__tally *tally, void *block, size_t size)
{
    if (RC_UNLIKELY(size > RC__MAGAZINE_BLOCK_MAX)) {
        rc__block_release_sized(block, size);
        return;
    }
    if (!rc__magazine_push(&tally->magazines[rc__magazine_class(size)], block))
        rc__small_spill(tally, block, size);
}

#endif
