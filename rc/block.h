/* SPDX-License-Identifier: MIT */
/**
 * @file rc/block.h
 * Private (not installed): how the library itself asks an allocator for memory.
 *
 * Every request of the library goes through the first four. They check sizes, run a foreign
 * allocator inside a callback frame, count failures in the account and leave RC_NO_MEMORY with the
 * figures. They do not count bytes: the caller does, because it knows what is payload (rc/tally.h).
 */
#ifndef RC_BLOCK_H
#define RC_BLOCK_H

#include <errno.h>
#include <stdlib.h>

#include "allocator.h"
#include "pages.h"

/* What stands where an object would have the name of its type, before a block of rc/memory.c. */
#define RC__BLOCK_LIVE  "a block of rc_memory_allocate()"
#define RC__BLOCK_FREED "a freed block of rc_memory_allocate()"

/* The system's allocator, for a pointer comparison on the fast path. */
extern RC_HIDDEN const struct rc_allocator rc__allocator_system;
/* The default, read with an acquire load. */
extern RC_HIDDEN const struct rc_allocator *rc__allocator_default;
/* The default is another than the system's. */
static inline bool rc__default_is_foreign(void)
{
    return __atomic_load_n(&rc__allocator_default, __ATOMIC_RELAXED) != &rc__allocator_system;
}

/* @p size > 0; alignment a power of two >= 16. NULL: RC_NO_MEMORY is set, nothing has changed. */
RC_HIDDEN void *rc__block_allocate(const struct rc_allocator *allocator, size_t size,
                                   size_t alignment);
RC_HIDDEN void *rc__block_allocate_zeroed(const struct rc_allocator *allocator, size_t size,
                                          size_t alignment);
RC_HIDDEN void *rc__block_reallocate(const struct rc_allocator *allocator, void *block,
                                     size_t old_size, size_t new_size, size_t alignment);
RC_HIDDEN void rc__block_free(const struct rc_allocator *allocator, void *block, size_t size,
                              size_t alignment);

/* What malloc aligns to. glibc's manual promises two words, which can be more than max_align_t. */
#if defined(__GLIBC__)
#define RC__MALLOC_ALIGNMENT                                                                       \
    (_Alignof(max_align_t) > 2 * sizeof(size_t) ? _Alignof(max_align_t) : 2 * sizeof(size_t))
#else
#define RC__MALLOC_ALIGNMENT _Alignof(max_align_t)
#endif
#define RC__MALLOC_IS_ENOUGH (RC__MALLOC_ALIGNMENT >= RC_ALIGNMENT_DEFAULT)

/* free() that keeps errno, as glibc's does from 2.33 on. */
static inline void rc__block_release(void *block)
{
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
    free(block);
#else
    int saved_errno = errno;
    free(block);
    errno = saved_errno;
#endif
}

/* The same for a block of the system's allocator, of that size and aligned as malloc aligns. */
static inline void rc__block_release_sized(void *block, size_t size)
{
    if (rc__pages_fit(size, RC_ALIGNMENT_DEFAULT))
        rc__pages_free(block, size);
    else
        rc__block_release(block);
}

/* RC_OK, or RC_INVALID with a sentence: an alignment that is no power of two or above the maximum;
 * an allocator without allocate or deallocate. */
RC_HIDDEN enum rc_status rc__alignment_check(size_t alignment);
RC_HIDDEN enum rc_status rc__allocator_check(const struct rc_allocator *allocator);

/* An allocator's own calls, bare, with what it leaves out made up from the rest: no frame, no
 * error, no count. For the four above, and for decorators that hand a request on. */
RC_HIDDEN bool rc__allocator_is_complete(const struct rc_allocator *allocator);
RC_HIDDEN void *rc__allocator_zeroed(const struct rc_allocator *allocator, size_t size,
                                     size_t alignment);
RC_HIDDEN void *rc__allocator_resized(const struct rc_allocator *allocator, void *block,
                                      size_t old_size, size_t new_size, size_t alignment);

/* a + b and a * b into @p sum or @p product; false, with RC_OVERFLOW set and counted as a failure,
 * where they do not fit. Plain C in a room of their own, rc/size.c, so that they can be proved. */
RC_HIDDEN bool rc__size_add(size_t a, size_t b, size_t *sum);
RC_HIDDEN bool rc__size_multiply(size_t a, size_t b, size_t *product);
/* Returns: false. */
RC_HIDDEN RC_COLD bool rc__size_overflow(size_t a, char operation, size_t b);

#endif
