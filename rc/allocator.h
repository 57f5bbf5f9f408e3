/* SPDX-License-Identifier: MIT */
/**
 * @file rc/allocator.h
 * Where memory comes from: the allocator interface, the system's allocator, and three decorators.
 *
 * An allocator travels with what it made: the block, object or buffer goes back to it and is
 * resized by it, also after the default has changed. So an allocator must outlive everything made
 * with it; the library only borrows the struct and never copies it.
 *
 * Threads: blocks are released from any thread, so an allocator's functions must be safe from any
 * thread that uses its blocks. All allocators below are. An allocator must not raise (rc/try.h),
 * and must not end the thread; that stops the program with one line.
 *
 * Decorators are initialised in place and not copied. One over an allocator that lacks allocate or
 * deallocate lacks them too, and is refused where it is used.
 */
#ifndef RC_ALLOCATOR_H
#define RC_ALLOCATOR_H

#include "status.h"

RC_BEGIN_DECLS

/** The alignment that everything has at least, in bytes; alignment 0 means this one. */
#define RC_ALIGNMENT_DEFAULT 16
/** The largest alignment that can be asked for, in bytes. */
#define RC_ALIGNMENT_MAX ((size_t)1 << 21)

/**
 * The interface. Fill it with designated initialisers; what is left out is zero.
 *
 * Sizes and alignments are in bytes. The library always passes a size > 0, an alignment that is a
 * power of two >= 16, and back to reallocate and deallocate exactly the sizes and alignment that
 * the block was made with.
 */
struct rc_allocator {
    size_t struct_size; /**< sizeof(struct rc_allocator); 0 means: up to and including context */
    const char *name;   /**< for messages and reports; borrowed */
    void *(*allocate)(void *context, size_t size, size_t alignment); /**< NULL: no memory */
    /** Keeps the content up to the smaller size. NULL: no memory, the old block is as it was. May
     * be left out: then the library allocates, copies and deallocates. */
    void *(*reallocate)(void *context, void *block, size_t old_size, size_t new_size,
                        size_t alignment);
    void (*deallocate)(void *context, void *block, size_t size, size_t alignment);
    void *context;
    /** Optional, and read only if struct_size covers it: as allocate, all bytes zero. */
    void *(*allocate_zeroed)(void *context, size_t size, size_t alignment);
};

/** The C library's malloc family; on Linux blocks from 128 KiB on are mappings of their own, and
 * what is freed may be kept for the next (rc_memory_trim()). Returns: borrowed, static. */
RC_API const struct rc_allocator *rc_allocator_system(void);

/** What things are made with when nothing else is said. Returns: borrowed, never NULL. */
RC_API const struct rc_allocator *rc_allocator_default(void);

/**
 * Make @p allocator the default for what is made from now on, by any thread; NULL restores the
 * system's.
 *
 * Borrows:  allocator, until everything made with it is gone.
 * Errors:   RC_INVALID if allocate or deallocate is missing; nothing has changed.
 * Threads:  safe, but a thread that is creating something at that moment may still use the old one.
 */
RC_API enum rc_status rc_allocator_set_default(const struct rc_allocator *allocator);

/**
 * A quota: refuses what would take more than limit bytes together. Initialise in place; read the
 * members with rc_limiting_allocator_used().
 */
struct rc_limiting_allocator {
    struct rc_allocator allocator; /**< pass the address of this */
    const struct rc_allocator *inner;
    size_t limit; /**< bytes */
    size_t used;  /**< bytes; private, changes under the readers' feet */
};

/** Borrows: inner (NULL: the system's). limit is in bytes. */
RC_API void rc_limiting_allocator_init(struct rc_limiting_allocator *self,
                                       const struct rc_allocator *inner, size_t limit);
/** Bytes that are out now. */
RC_API size_t rc_limiting_allocator_used(const struct rc_limiting_allocator *self);

/** Fails requests on purpose, so that programs can test their own out-of-memory paths. */
struct rc_failing_allocator {
    struct rc_allocator allocator;
    const struct rc_allocator *inner;
    size_t fail_at;  /**< the request that fails, counted from 1; 0: none */
    bool for_ever;   /**< and every later one too */
    size_t requests; /**< private: allocate, allocate_zeroed and growing reallocate calls so far */
    size_t failed;   /**< private: how many of them failed */
};

/** Borrows: inner (NULL: the system's). Request @p fail_at fails, counted from 1; 0: none. */
RC_API void rc_failing_allocator_init(struct rc_failing_allocator *self,
                                      const struct rc_allocator *inner, size_t fail_at,
                                      bool for_ever);
/** Requests so far. */
RC_API size_t rc_failing_allocator_requests(const struct rc_failing_allocator *self);
/** Requests that were failed so far. */
RC_API size_t rc_failing_allocator_failed(const struct rc_failing_allocator *self);

/**
 * Fills fresh bytes with 0xCD and freed bytes with 0xEC, keeps guard bytes on both sides of each
 * block and checks them when the block is resized or freed. Damage, a double free and a size that
 * does not match stop the program with one line that names block, size and the first damaged byte;
 * so does retaining or releasing an object that is gone, or making a weak reference to it, until
 * its memory is given out again.
 *
 * The block is the one that the library asked for: an object's has 48 bytes or more before the
 * pointer that the program has, one of rc_memory_allocate() 32, a large buffer's bytes none. Where
 * damage is found, and the object or block was made with this allocator itself, the line says
 * besides what it is to the program: its pointer, size and offset.
 */
struct rc_guarding_allocator {
    struct rc_allocator allocator;
    const struct rc_allocator *inner;
    size_t live_blocks; /**< private */
};

/** Borrows: inner (NULL: the system's). */
RC_API void rc_guarding_allocator_init(struct rc_guarding_allocator *self,
                                       const struct rc_allocator *inner);
/** Blocks that are out now. */
RC_API size_t rc_guarding_allocator_live_blocks(const struct rc_guarding_allocator *self);

RC_END_DECLS

#endif
