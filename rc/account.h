/* SPDX-License-Identifier: MIT */
/**
 * @file rc/account.h
 * What is alive: objects, blocks and bytes, their peak, by type; snapshots and their difference.
 *
 * Bytes are what the program asked for: the payload of objects, the size of blocks, the capacity of
 * buffers. A buffer's is 32 bytes of its own besides (rc_buffer and its capacity); and what one of
 * up to 4 KiB was made with, which is part of its object and stays until its end, also while a
 * block apart has the bytes, whose capacity then counts too: made with 100 bytes, and resized to
 * 1000, it has 1132. Headers and the allocator's own overhead are not in them; a mapped file is not
 * either.
 *
 * Each thread counts in a record of its own, so that allocation pays neither a locked instruction
 * nor a shared cache line; reading sums the records, also of threads that have ended. A read while
 * other threads allocate is a sum of moments, exact once they are quiet. The peak is exact while
 * one thread allocates; with n threads it is within (n + 1) * RC_ACCOUNT_PEAK_SLACK bytes of the
 * true one. Where threads keep what died (rc/memory.h) it may be below that by what they took whole out
 * of what they kept: at most 1.5 MiB each.
 *
 * Threads: everything here is safe from any thread.
 */
#ifndef RC_ACCOUNT_H
#define RC_ACCOUNT_H

#include <stdio.h>

#include "allocator.h"

RC_BEGIN_DECLS

struct rc_type;

/** Bytes by which one thread's net allocation may differ from what it has told the others. */
#define RC_ACCOUNT_PEAK_SLACK ((size_t)256 * 1024)

/** Version of the members below; a later version only appends. Programs that were compiled with an
 * older header, or a newer one, than the library that they run with work, and see what both know. */
#define RC_ACCOUNT_VERSION 1

/** A snapshot. Written by rc_account_read(); no member has to be set before. */
struct rc_account {
    size_t struct_size;      /**< bytes of this struct that were written */
    unsigned version;        /**< RC_ACCOUNT_VERSION of the library that wrote it */
    unsigned reserved;       /**< 0 */
    size_t live_objects;     /**< objects that exist now, immortal ones not counted */
    size_t live_blocks;      /**< blocks of rc_memory_allocate() and its family that exist now */
    size_t live_bytes;       /**< bytes of both */
    size_t peak_bytes;       /**< the most they have been since start or rc_account_reset_peak() */
    size_t total_objects;    /**< objects ever made */
    size_t total_blocks;     /**< blocks ever made */
    size_t failures;         /**< requests that an allocator refused, and sizes that overflowed */
    size_t immortal_objects; /**< objects made immortal; they are no leak, what they own may be */
    size_t immortal_bytes;   /**< their bytes, not in live_bytes; as many as there are now */
};

/** One type's part of it. These members and no others, in all versions. */
struct rc_account_type {
    const struct rc_type *type; /**< NULL: the types that found no place of their own */
    size_t live_objects;
    size_t total_objects;
};

/** How much changed between two snapshots; each member may be negative. A later version appends. */
struct rc_account_difference {
    ptrdiff_t live_objects, live_blocks, live_bytes, peak_bytes;
    ptrdiff_t total_objects, total_blocks, failures, immortal_objects, immortal_bytes;
};

/** For callers built against another version: writes at most @p struct_size bytes of *now; its
 * struct_size says how many. Nothing through NULL. */
RC_API void rc_account_read_sized(struct rc_account *now, size_t struct_size);

/**
 * Take a snapshot of this moment.
 *
 * Returns:  through @p now, which needs no initialisation.
 */
static inline void rc_account_read(struct rc_account *now)
{
    rc_account_read_sized(now, sizeof *now);
}

/** For callers built against another version: writes @p struct_size bytes, 0 for members that this
 * one does not know. Nothing through NULL. */
RC_API void rc_account_subtract_sized(struct rc_account_difference *difference, size_t struct_size,
                                      const struct rc_account *after,
                                      const struct rc_account *before);

/** after - before, member by member; a member that a smaller snapshot lacks counts as zero.
 * Borrows: both. */
static inline struct rc_account_difference rc_account_subtract(const struct rc_account *after,
                                                               const struct rc_account *before)
{
    struct rc_account_difference difference;
    rc_account_subtract_sized(&difference, sizeof difference, after, before);
    return difference;
}

/**
 * One type's objects. Borrows: type (only its address is used).
 * Returns:  zeroes for a type that never had an object. Linear in the number of threads.
 */
RC_API struct rc_account_type rc_account_read_type(const struct rc_type *type);

/**
 * Call @p each once for every type that has live objects now, in no particular order.
 *
 * Types without live objects are left out, since their struct may be gone.
 * Returns:  how many types there were. @p each may be NULL.
 */
RC_API size_t rc_account_each_type(void (*each)(const struct rc_account_type *entry, void *context),
                                   void *context);

/** The peak starts again at what is alive now. */
RC_API void rc_account_reset_peak(void);

/**
 * Write the state of this moment for people, as JSON (one object with a "types" array), or as
 * Prometheus text exposition (rcbuf_live_bytes and so on, types as labels; types of one name are
 * added up, as the format has no place for two). Types are those that have live objects. Bytes of a
 * name that are no UTF-8 are written as U+FFFD in both, and may so make two names one.
 *
 * All members of the snapshot, and beside them what is no part of it, to which versions may add:
 * what idles (rc_memory_statistics_read()), and what all homes and cycle domains together have
 * (rc_home_waiting(), rc_cycle_statistics_read()); collections also of domains that have ended. For
 * people these are left out where they are 0. Bytes are not counted by type.
 *
 * Borrows:  stream, which is flushed.
 * Errors:   RC_SYSTEM if writing failed, RC_INVALID if stream is NULL.
 */
RC_API enum rc_status rc_account_write_text(FILE *stream);
RC_API enum rc_status rc_account_write_json(FILE *stream);
RC_API enum rc_status rc_account_write_prometheus(FILE *stream);

/**
 * Nothing new is alive since the snapshot @p before: the assertion for tests.
 *
 * Borrows:  before.
 * Returns:  RC_OK if there are no more live objects, no more live blocks and no more live bytes
 * than then; else RC_INVALID, with the differences and the types that have live objects in the
 * message.
 */
RC_API enum rc_status rc_account_check_nothing_new(const struct rc_account *before);

/** The same, but stops the program, with file, line and message, where something new is alive. */
#define RC_ASSERT_NOTHING_NEW(before) rc_account_assert_nothing_new((before), __FILE__, __LINE__)
RC_API void rc_account_assert_nothing_new(const struct rc_account *before, const char *file,
                                          int line);

RC_END_DECLS

#endif
