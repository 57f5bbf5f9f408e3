/* SPDX-License-Identifier: MIT */
/**
 * @file rc/small.h
 * Private (not installed): blocks of the system's allocator, through this thread's magazines.
 */
#ifndef RC_SMALL_H
#define RC_SMALL_H

#include "block.h"
#include "tally.h"

/* One of malloc's, from this thread's magazine if it is small; rc__small_free() is told the same
 * size. tally: this thread's, or NULL. NULL: there is none, and no error is left yet. */
static inline void *rc__small_allocate(struct rc__tally *tally, size_t size)
{
    if (RC_UNLIKELY(size > RC__MAGAZINE_BLOCK_MAX)) return malloc(size);
    size_t class_ = rc__magazine_class(size);
    struct rc__magazine *magazine = tally ? &tally->magazines[class_] : NULL;
    void *block = RC_LIKELY(magazine) ? rc__magazine_pop(magazine) : NULL;
    return RC_LIKELY(block) ? block : rc__magazine_refill(magazine, class_, size);
}

static inline void rc__small_free(struct rc__tally *tally, void *block, size_t size)
{
    if (RC_UNLIKELY(size > RC__MAGAZINE_BLOCK_MAX)) {
        rc__block_release(block);
        return;
    }
    size_t class_ = rc__magazine_class(size);
    struct rc__magazine *magazine = tally ? &tally->magazines[class_] : NULL;
    if (RC_UNLIKELY(!magazine) || !rc__magazine_push(magazine, block))
        rc__magazine_spill(magazine, class_, block);
}

#endif
