/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/pool.h
 * Recycled buffers of one size: what the last release gives back, a later take hands out again.
 *
 * A pool is an object, and so is every buffer taken from it: rc_retain() and rc_release() count
 * both. No call gives a buffer back; its last release does, on whatever thread that happens, so
 * nothing comes back twice or while somebody holds it. Buffers may outlive the pool: the memory of
 * those that end later is then freed.
 *
 * Where idle buffers wait: up to 32 of them, or 256 KiB, in a magazine of each thread that uses the
 * pool, which only that thread touches; the others in a depot under a lock, with which a thread
 * exchanges half a magazine at a time. All of them together stay within the pool's bounds. A thread
 * that ends gives its magazines back. Larger buffers wait in the depot alone.
 *
 * How many to keep: as many as are ever out at once, on whatever threads they are taken and
 * released. Takes then miss once for each buffer that is kept, and until the pool knows better half
 * as often again, since a buffer lies in another thread's magazine or was freed for a place there;
 * after that they hit. For where magazines are in the way, as when one thread takes and another one
 * releases, the pool gives them up: all its idle buffers wait in the depot, and each take and each
 * release needs its lock, until thousands of takes have left room for magazines. Where twice as
 * many are kept they are not in the way as a rule. What lies in the magazine of a thread that uses
 * the pool no more can be taken again once the thread has ended.
 *
 * Under AddressSanitizer and valgrind idle memory is poisoned: touching a buffer after its last
 * release is reported.
 *
 * Threads: everything here is safe from any thread.
 * Account: a buffer is a live object from take to last release; idle ones are not live, and are
 * told by rc_pool_read() alone.
 */
#ifndef BUFFER_POOL_H
#define BUFFER_POOL_H

#include "buffer.h"

RC_BEGIN_DECLS

typedef struct rc_pool rc_pool;

/** What a pool is like. Fill it with designated initialisers; what is left out is zero. */
struct rc_pool_options {
    size_t struct_size;  /**< sizeof(struct rc_pool_options) */
    size_t size;         /**< of each buffer, in bytes */
    size_t alignment;    /**< of its bytes: a power of two up to RC_ALIGNMENT_MAX; 0: 16 */
    size_t keep_at_most; /**< buffers that idle, see above; 0: none: each is freed at its end */
    size_t keep_bytes;   /**< bytes of buffers that idle; 0: no bound beside keep_at_most */
    const struct rc_allocator *allocator; /**< where memory comes from; NULL: the default */
    unsigned flags; /**< RC_BUFFER_WIPE: bytes are zeroed when the last release gives them back */
};

/* ---- create: each returns one new reference, or NULL ----------------------------------------- */

/**
 * A pool of buffers of @p size bytes, of which at most @p keep_at_most idle. No buffer is made yet.
 *
 * Errors:   RC_INVALID for an alignment that is none, RC_NO_MEMORY.
 */
RC_API RC_MUST_USE rc_pool *rc_pool_new(size_t size, size_t alignment, size_t keep_at_most);

/**
 * The same, by options.
 *
 * Borrows:  options for the call; the allocator until the pool and all its buffers are gone.
 * Errors:   RC_INVALID for NULL, a struct_size that does not reach keep_at_most, an allocator that
 *           is none, other flags; RC_UNSUPPORTED for members of a later version that are not zero.
 */
RC_API RC_MUST_USE rc_pool *rc_pool_new_with(const struct rc_pool_options *options);

/* ---- take ------------------------------------------------------------------------------------ */

/**
 * A buffer of the pool's size, its bytes not initialised: an idle one, else a new one. It is the
 * caller's alone, and can be edited, frozen, sliced and viewed as any other; rc_buffer_resize(),
 * _reserve(), _append() and _shrink() answer RC_UNSUPPORTED. How many are out has no bound.
 *
 * Returns:  one new reference, or NULL. Its last release gives the buffer back.
 * Errors:   RC_INVALID if pool is NULL; RC_NO_MEMORY, which a take of an idle buffer never answers.
 */
RC_API RC_MUST_USE rc_buffer *rc_pool_take(rc_pool *pool);

/* ---- give memory back, ask ------------------------------------------------------------------- */

/**
 * Free idle buffers until at most @p keep are left. Buffers that are out stay what they are, and
 * come back to the pool as before: its bounds do not change.
 *
 * At once: what the depot and the calling thread's magazine hold. What other threads' magazines
 * hold (see above) only they can reach: each gives up what is too much the next time that it takes
 * or releases a buffer of this pool, or when it ends.
 * Errors:   RC_INVALID if pool is NULL.
 */
RC_API enum rc_status rc_pool_trim(rc_pool *pool, size_t keep);

/** A pool at one moment. Written by rc_pool_read(); no member has to be set before. */
struct rc_pool_statistics {
    size_t struct_size; /**< bytes of this struct that were written */
    size_t out;         /**< buffers that somebody holds */
    size_t idle;        /**< buffers that wait to be taken */
    size_t hits;        /**< takes so far that found one waiting */
    size_t misses;      /**< takes so far that made one */
    size_t bytes_idle;  /**< bytes of the idle ones */
    size_t most_idle;   /**< the bound on idle, of keep_at_most and keep_bytes the smaller */
};

/** For callers built against another version: writes at most @p struct_size bytes of *now; its
 * struct_size says how many. */
RC_API enum rc_status rc_pool_read_sized(const rc_pool *pool, struct rc_pool_statistics *now,
                                         size_t struct_size);

/**
 * Take a snapshot: a sum over all threads' magazines, exact while no other thread uses the pool.
 *
 * Returns:  through @p now, which needs no initialisation.
 * Errors:   RC_INVALID if pool or now is NULL.
 */
static inline enum rc_status rc_pool_read(const rc_pool *pool, struct rc_pool_statistics *now)
{
    return rc_pool_read_sized(pool, now, sizeof *now);
}

/* ---- inline bodies: ABI, as rc/object_inline.h ------------------------------------------------- */

/* How all pools begin. */
struct rc__pool_head {
    size_t hot; /* what the size of the cell reads that has one of its buffers */
};

/* What does not wait in this thread's cell. */
RC_API RC_MUST_USE rc_buffer *rc_pool_take_slow(rc_pool *pool);

RC_INLINE_PART rc_buffer *rc__pool_take(rc_pool *pool)
{
    const struct rc__pool_head *head = (const struct rc__pool_head *)(const void *)pool;
    struct rc__cell *cell = &rc_object_cells[RC__CELL_POOLED];
    void *idle = cell->object;
    if (RC_UNLIKELY(!pool || !idle)) return rc_pool_take_slow(pool);
    if (RC_UNLIKELY(cell->size != __atomic_load_n(&head->hot, __ATOMIC_RELAXED)))
        return rc_pool_take_slow(pool);
    return (rc_buffer *)rc__cell_revive(cell, idle);
}

RC_INLINE rc_buffer *rc_pool_take(rc_pool *pool)
{
    return rc__pool_take(pool);
}

RC_END_DECLS

#ifdef RCBUF_LEDGER
#define RC__CALLS_OF_POOL
#include "ledger_calls.h"
#endif

#endif
