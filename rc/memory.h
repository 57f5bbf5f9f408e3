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

/* ---- what is kept ready -----------------------------------------------------------------------
 * Small blocks of the system's allocator, and dead objects, wait in their thread for the next
 * request, and small blocks in a depot that all threads share. A thread keeps at most 32 blocks of
 * each size up to 4 KiB, in steps of 16 or 32 bytes. Of each of six kinds (objects of the program's
 * types, those of types with traverse or clear, buffers, slices, views, others) it keeps dead ones of the
 * type and size that it makes most: one of up to 64 KiB, a buffer of up to 1 MiB, and up to 27 more of
 * 32 KiB together. What a thread has is given to the depot when it ends, and the depot keeps 8 MiB. Blocks of 128 KiB and more are
 * mappings: up to 32 of them, of 128 MiB together, wait for the next request of any thread. What idles
 * in a pool is the pool's (buffer/pool.h): rc_pool_read() tells it, rc_pool_trim() gives it back, and
 * what is below leaves it out. Under AddressSanitizer, ThreadSanitizer and valgrind nothing is kept, so
 * that they see each end and each beginning, unless RCBUF_FORCE=magazines,pages is set. */

/** How much idles, and what it was good for. A sum of moments while other threads run. */
struct rc_memory_statistics {
    size_t struct_size;   /**< bytes of this struct that were written */
    size_t idle_bytes;    /**< that wait, but in pools: in threads, the depot, mappings; not live */
    size_t depot_bytes;   /**< those of them that are in the depot */
    size_t recycled;      /**< objects that were made from a dead one of their kind */
    size_t magazine_hits; /**< requests that were served without malloc, beside those */
};

/** For callers built against another version: writes at most @p struct_size bytes of *now, and
 * nothing through NULL. */
RC_API void rc_memory_statistics_read_sized(struct rc_memory_statistics *now, size_t struct_size);

/** Returns: through @p now, which needs no initialisation. Linear in the number of threads. */
static inline void rc_memory_statistics_read(struct rc_memory_statistics *now)
{
    rc_memory_statistics_read_sized(now, sizeof *now);
}

/**
 * Give what this thread and the depot keep back to malloc, and ask malloc to give its free pages
 * back to the system. Another thread that is alive gives its blocks of a size back when it has the
 * next one too many of them; one that has ended has given all. Pools keep theirs.
 *
 * Returns:  bytes that idled and were given back to malloc.
 */
RC_API size_t rc_memory_trim(void);

RC_END_DECLS

#endif
