/* SPDX-License-Identifier: MIT */
/**
 * @file rc/pages.h
 * Private (not installed): large blocks of the system's allocator, each a mapping of its own.
 *
 * A block of at least RC__PAGES_LEAST bytes, aligned to no more than RC__PAGES_ALIGNMENT, is its
 * size rounded up to whole pages, and nothing else: no header, since whoever has a block knows its
 * size. Size and alignment alone decide which blocks are such ones, so a block that is resized over
 * the line is copied once. Resized on this side of the line it keeps its pages: the kernel moves
 * them, or the block grows into idle pages right behind it.
 *
 * What is freed is recycled. Each of up to RC__PAGES_SLOTS threads keeps its last block of up to
 * RC__PAGES_SLOT_BYTES, which it takes and gives back without a lock; everything else goes to one
 * cache of page ranges, where neighbours become one range again. It keeps RC__PAGES_IDLE_BYTES in
 * RC__PAGES_IDLE_RANGES ranges at the most, and gives what is oldest back to the system.
 *
 * No block is such a one where there is no mremap(), and where a sanitizer that watches memory or
 * threads, or valgrind, runs the program, unless RCBUF_FORCE lists "pages".
 *
 * Threads: safe from any thread. The lock is taken last, under any other: nothing is called and
 * nothing else is locked while it is held. A fork takes it.
 */
#ifndef RC_PAGES_H
#define RC_PAGES_H

#include "config.h"

#define RC__PAGES_LEAST       ((size_t)128 << 10)
#define RC__PAGES_ALIGNMENT   ((size_t)4096)
#define RC__PAGES_SLOTS       64
#define RC__PAGES_SLOT_BYTES  ((size_t)2 << 20)
#define RC__PAGES_IDLE_RANGES 32
#define RC__PAGES_IDLE_BYTES  ((size_t)128 << 20)

/* Whether there are such blocks in this process: found out once, the same for ever. */
enum rc__pages_state { RC__PAGES_UNKNOWN, RC__PAGES_OFF, RC__PAGES_ON };
extern RC_HIDDEN int rc__pages_state;
RC_HIDDEN RC_COLD bool rc__pages_find_out(void);

static inline bool rc__pages_are_on(void)
{
    int state = __atomic_load_n(&rc__pages_state, __ATOMIC_ACQUIRE);
    return RC_LIKELY(state != RC__PAGES_UNKNOWN) ? state == RC__PAGES_ON : rc__pages_find_out();
}

/* Whether a block of the system's allocator is one of this room's. */
static inline bool rc__pages_fit(size_t size, size_t alignment)
{
    return RC_UNLIKELY(size >= RC__PAGES_LEAST) && alignment <= RC__PAGES_ALIGNMENT &&
           rc__pages_are_on();
}

/* For sizes that fit. NULL: no memory, and nothing has changed; idle pages were given back before
 * that is said. Freeing preserves errno. */
RC_HIDDEN void *rc__pages_allocate(size_t size);
RC_HIDDEN void *rc__pages_allocate_zeroed(size_t size);
RC_HIDDEN void *rc__pages_reallocate(void *block, size_t old_size, size_t new_size);
RC_HIDDEN void rc__pages_free(void *block, size_t size);

/* As rc__pages_reallocate, for new_size > old_size, whose bytes are about to be written one after
 * the other: those that the kernel has still to give are asked of it all at once, where it can. */
RC_HIDDEN void *rc__pages_extend(void *block, size_t old_size, size_t new_size);

/* @p size rounded up to what its block has: more costs nothing. */
RC_HIDDEN size_t rc__pages_whole(size_t size);

/* Give the idle ranges, and what this thread keeps, back to the system. */
RC_HIDDEN void rc__pages_trim(void);

/* What idles for all, and in this thread's slot. */
struct rc__pages_idle {
    size_t bytes, ranges, mine;
};
RC_HIDDEN struct rc__pages_idle rc__pages_idle(void);

#endif
