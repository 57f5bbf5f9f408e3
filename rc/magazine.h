/* SPDX-License-Identifier: MIT */
/**
 * @file rc/magazine.h
 * Private (not installed): small blocks of the system's allocator pass through a magazine of their
 * thread, and through a depot that all threads share.
 *
 * A block is malloc's, of the size of its class; whoever frees it knows how many bytes it asked
 * for, so that the block itself carries nothing and is not touched. A magazine is an array of
 * pointers. One that is empty, or full, exchanges most of what it holds with the depot, under the
 * lock of its class; what the depot has no room for goes back to malloc, and so does all that idles
 * when memory runs out, on rc_memory_trim(), and, of a thread's own, when the thread ends.
 *
 * Where a tool watches memory (rc/environment.h) magazines stay empty: each request is malloc's.
 *
 * Bounds. A magazine holds at most RC__MAGAZINE_ROUNDS blocks, which is 132 KiB of the largest; the
 * depot 256 blocks of a class and RC__DEPOT_BYTES_MAX altogether. Fewer rounds for large blocks would
 * bound a thread more tightly, but what one thread makes and another releases would visit the depot,
 * its lock and its lines more often.
 */
#ifndef RC_MAGAZINE_H
#define RC_MAGAZINE_H

#include <stdlib.h>

#include "config.h"

/* The largest block: a page for the program, with what stands before it. */
#define RC__MAGAZINE_BLOCK_MAX ((size_t)4096 + 128)

/* Steps of 16 bytes up to FINE, of 32 from there on. Class 0 is not used. */
#define RC__MAGAZINE_FINE    ((size_t)512)
#define RC__MAGAZINE_CLASSES (RC__MAGAZINE_FINE / 32 + RC__MAGAZINE_BLOCK_MAX / 32 + 1)

#define RC__MAGAZINE_ROUNDS 32u
#define RC__DEPOT_BYTES_MAX ((size_t)8 << 20)

struct rc__magazine {
    uint32_t count;
    uint32_t room; /* 0: not used yet, or never */
    uint32_t seen; /* the last recall that it obeyed */
    size_t hits;   /* requests that it served */
    void *rounds[RC__MAGAZINE_ROUNDS];
};

/* The class of a block of @p size bytes, 0 < size <= RC__MAGAZINE_BLOCK_MAX. */
static inline size_t rc__magazine_class(size_t size)
{
    return size <= RC__MAGAZINE_FINE ? (size + 15) >> 4
                                     : (RC__MAGAZINE_FINE >> 5) + ((size + 31) >> 5);
}

/* Bytes of a block of the class. */
static inline size_t rc__magazine_size(size_t class_)
{
    return class_ <= RC__MAGAZINE_FINE >> 4 ? class_ << 4
                                            : (class_ - (RC__MAGAZINE_FINE >> 5)) << 5;
}

/* A block for this thread, whose magazine of the class is empty; a place for one, where it is full.
 * Keeps errno. magazine: NULL where the thread has none. */
RC_HIDDEN RC_COLD void *rc__magazine_refill(struct rc__magazine *magazine, size_t class_,
                                            size_t size);
RC_HIDDEN RC_COLD void rc__magazine_spill(struct rc__magazine *magazine, size_t class_,
                                          void *block);

/* Empties all of a thread's magazines, into the depot or to malloc; nobody else uses them now. */
RC_HIDDEN void rc__magazines_empty(struct rc__magazine *magazines, bool to_depot);

/* Bytes that idle in a thread's magazines, and requests that they served: from any thread. */
RC_HIDDEN size_t rc__magazines_bytes(const struct rc__magazine *magazines);
RC_HIDDEN size_t rc__magazines_hits(const struct rc__magazine *magazines);

/* The same for the whole life of the process. */
RC_HIDDEN bool rc__magazines_are_on(void);

/* The lines at @p places, which other threads may have written last, are on their way here, the last one
 * first: all of them take hardly longer than one that is waited for. Whoever gets blocks out of a depot
 * writes there next. Nothing is read or written. */
RC_HIDDEN void rc__fetch_to_write(void *const *places, size_t count);

/* All that the depot holds goes back to malloc. Returns: bytes. */
RC_HIDDEN size_t rc__depot_empty(void);

/* Bytes that idle in the depot. */
RC_HIDDEN size_t rc__depot_bytes(void);

/* From now on each magazine gives all it has back to malloc at its next visit to the depot. */
RC_HIDDEN void rc__magazines_recall(void);

/* Bytes that malloc is asked for instead of @p size, so that the block fits a magazine. */
static inline size_t rc__small_size(size_t size)
{
    if (size > RC__MAGAZINE_BLOCK_MAX || !rc__magazines_are_on()) return size;
    return rc__magazine_size(rc__magazine_class(size));
}

/* NULL: the magazine is empty. */
static inline void *rc__magazine_pop(struct rc__magazine *magazine)
{
    uint32_t count = magazine->count;
    if (RC_UNLIKELY(count == 0)) return NULL;
    __atomic_store_n(&magazine->count, count - 1, __ATOMIC_RELAXED);
    __atomic_store_n(&magazine->hits, magazine->hits + 1, __ATOMIC_RELAXED);
    return magazine->rounds[count - 1];
}

/* False: it is full. A fork between the two stores finds the block in neither place. */
static inline bool rc__magazine_push(struct rc__magazine *magazine, void *block)
{
    uint32_t count = magazine->count;
    if (RC_UNLIKELY(count >= magazine->room)) return false;
    magazine->rounds[count] = block;
    __atomic_store_n(&magazine->count, count + 1, __ATOMIC_RELEASE);
    return true;
}

#endif
