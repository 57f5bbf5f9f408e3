/* SPDX-License-Identifier: MIT */
/**
 * @file rc/memory.h
 * Blocks without an owner: the PyMem_Malloc/Calloc/Realloc/Free family, accounted.
 *
 * A block is given back once, with rc_memory_free(). It remembers its size and its allocator.
 * Freeing it with another function, or freeing something else with this one, or twice, is a bug in
 * the program: where it can be seen, and for certain under AddressSanitizer or with the guarding
 * allocator, it stops the program with one line that names the address.
 *
 * Threads: safe from any thread; a block may be freed by another thread than the one that made it.
 * Source:  PyMem_Malloc and its family; the Python/C API reference, "Memory Management".
 */
#ifndef RC_MEMORY_H
#define RC_MEMORY_H

#include "account.h"

RC_BEGIN_DECLS

/**
 * A block of @p size bytes, not initialised, aligned to RC_ALIGNMENT_DEFAULT.
 *
 * Returns:  the caller's to free, or NULL; size 0 gives a unique pointer that must not be read.
 * Errors:   RC_NO_MEMORY, RC_OVERFLOW; nothing has changed.
 */
RC_API RC_MUST_USE void *rc_memory_allocate(size_t size);

/** count * size bytes, all zero. Errors: RC_OVERFLOW if the product does not fit, RC_NO_MEMORY. */
RC_API RC_MUST_USE void *rc_memory_allocate_zeroed(size_t count, size_t size);

/**
 * Change the size of @p block; content is kept up to the smaller size, and its place if it can be.
 *
 * Takes:    block, on success only: use the result from then on. NULL allocates.
 * Returns:  the caller's to free. NULL: the old block is as it was and still the caller's.
 * Errors:   RC_NO_MEMORY, RC_OVERFLOW.
 */
RC_API RC_MUST_USE void *rc_memory_reallocate(void *block, size_t size);

/** The same for count * size bytes; what the block did not have before is not initialised. */
RC_API RC_MUST_USE void *rc_memory_reallocate_array(void *block, size_t count, size_t size);

/** Give a block back to the allocator that it came from. Takes: block. NULL is a no-op. */
RC_API void rc_memory_free(void *block);

/** Bytes that were asked for. Borrows: block, not NULL. */
RC_API size_t rc_memory_size(const void *block);

RC_END_DECLS

#endif
