/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/buffer.h
 * Bytes that an object owns: made, adopted or borrowed; grown, sliced, copied on write.
 *
 * A buffer is an object: rc_retain() and rc_release() count it, and the last release frees the
 * bytes. Reading goes through `data` and `size`. While a slice of a buffer lives, the buffer keeps
 * its address and its size: what would change them answers RC_BUSY and changes nothing.
 *
 * Threads: counting and slicing are safe from any thread at any time. Changing one buffer (edit,
 * resize, reserve, append, shrink, freeze, thaw) while another thread uses that same buffer is the
 * caller's race; so is writing to bytes that another thread reads through a slice.
 * Errors: sizes and offsets are in bytes. NULL where a buffer is needed, and a buffer whose last
 * reference is gone (in its own release function or weak callback), answer RC_INVALID; this is not
 * repeated below. What fails has changed nothing, and says why in rc_error_message().
 */
#ifndef BUFFER_BUFFER_H
#define BUFFER_BUFFER_H

#include "../rc/object.h"

RC_BEGIN_DECLS

/** Only the library makes buffers, and only it writes the members. */
typedef struct rc_buffer {
    const unsigned char *data; /**< never NULL; not to be read where size is 0 */
    size_t size;               /**< in bytes */
    uint32_t rc__exports;      /**< private: slices and views that live on the bytes */
    uint32_t rc__state;        /**< private: buffer/layout.h */
} rc_buffer;

/** For rc_buffer_new_with: zero all bytes, spare capacity too, before they are given back. */
#define RC_BUFFER_WIPE 1u
/** For rc_buffer_new_with: count as RC_TYPE_BIASED does (rc/bias.h). */
#define RC_BUFFER_BIASED 2u

/* ---- create: each returns one new reference, or NULL ----------------------------------------- */

/**
 * A buffer of @p size bytes, not initialised, aligned to RC_ALIGNMENT_DEFAULT.
 *
 * Errors:   RC_NO_MEMORY.
 */
RC_API RC_MUST_USE rc_buffer *rc_buffer_new(size_t size);

/** The same, all bytes zero. */
RC_API RC_MUST_USE rc_buffer *rc_buffer_new_zeroed(size_t size);

/**
 * The same, not initialised, and `data` a multiple of @p alignment, also after growing.
 *
 * Errors:   RC_INVALID unless alignment is 0 (for 16) or a power of two up to RC_ALIGNMENT_MAX.
 */
RC_API RC_MUST_USE rc_buffer *rc_buffer_new_aligned(size_t size, size_t alignment);

/**
 * The same from @p allocator, with flags RC_BUFFER_...; the bytes grow and end there too.
 *
 * Borrows:  allocator, as long as the buffer lives; NULL: the default of this moment.
 * Errors:   RC_INVALID for a flag that there is not, too.
 */
RC_API RC_MUST_USE rc_buffer *rc_buffer_new_with(const struct rc_allocator *allocator, size_t size,
                                                 size_t alignment, unsigned flags);

/** A buffer with a copy of @p bytes. Borrows: bytes; NULL is RC_INVALID unless size is 0. */
RC_API RC_MUST_USE rc_buffer *rc_buffer_copy(const void *bytes, size_t size);

/**
 * A buffer over memory that somebody else allocated; no bytes are copied. Its end calls
 * release(bytes, size, context), exactly once, also for size 0. The release function may call any
 * function of the library, but must not raise.
 *
 * Takes:    bytes, on success only: where adoption fails, release does not run and the caller still
 *           owns them. They are writable. NULL bytes are RC_INVALID unless size is 0.
 * Borrows:  context, until release has run.
 * Errors:   RC_INVALID if release is NULL, RC_OVERFLOW for more bytes than memory has there,
 *           RC_NO_MEMORY.
 */
RC_API RC_MUST_USE rc_buffer *
rc_buffer_adopt(void *bytes, size_t size, void (*release)(void *bytes, size_t size, void *context),
                void *context);

/**
 * A read-only buffer over memory that outlives it, such as a string literal; nothing is freed.
 *
 * Borrows:  bytes, until the buffer and its slices are gone; NULL is RC_INVALID unless size is 0.
 * Errors:   RC_OVERFLOW for more bytes than memory has there, RC_NO_MEMORY.
 */
RC_API RC_MUST_USE rc_buffer *rc_buffer_borrow(const void *bytes, size_t size);

/* ---- write and grow -------------------------------------------------------------------------- */

/**
 * Write access to the `size` bytes at `data`. Writing shows through all slices and views, and does
 * not ask whether others hold the buffer: rc_buffer_make_unique() is for that.
 *
 * Returns:  borrowed, valid until the buffer is resized or released; NULL: refused.
 * Errors:   RC_READ_ONLY if the buffer is frozen, borrowed, or mapped read-only. A slice is refused
 *           if it is frozen itself, and if its root is refused at this moment.
 */
RC_API RC_MUST_USE void *rc_buffer_edit(rc_buffer *buffer);

/**
 * Change the size. Content is kept up to the smaller size, and the place where it can be; new bytes
 * are not initialised. A smaller size keeps the capacity (rc_buffer_shrink() gives it back). A
 * size beyond the capacity by less than an eighth takes an eighth more, as bytearray does; a larger
 * one is taken exactly.
 *
 * Errors:   to the size that it has it is always RC_OK. RC_UNSUPPORTED for a buffer that is a
 *           slice, borrowed, adopted, mapped or pooled (copy it first), RC_READ_ONLY if frozen,
 *           RC_BUSY while a slice lives, RC_NO_MEMORY.
 */
RC_API enum rc_status rc_buffer_resize(rc_buffer *buffer, size_t size);

/** Have room for @p capacity bytes, so that growing up to there neither moves nor fails. Errors: as
 * rc_buffer_resize, also where the room is there already. */
RC_API enum rc_status rc_buffer_reserve(rc_buffer *buffer, size_t capacity);

/**
 * Add @p size bytes at the end. Where the capacity has to grow it at least doubles, from 1 MiB on
 * grows by half at least, from 64 MiB on by an eighth: what appends copy in all stays a small
 * multiple of the bytes appended. Where there is no memory for that, exactly what is needed will do.
 * Large blocks of the system's allocator are not copied where Linux can move them; they grow by
 * 256 KiB or what is needed.
 *
 * Borrows:  bytes, which may be bytes of this buffer; NULL is RC_INVALID unless size is 0.
 * Errors:   RC_OVERFLOW, RC_RANGE for bytes that start inside the buffer and pass its end, and as
 *           rc_buffer_resize; RC_OK where size is 0.
 */
RC_API enum rc_status rc_buffer_append(rc_buffer *buffer, const void *bytes, size_t size);

/** Give unused capacity back, large ones to the system at once; the bytes may move. What a buffer of up to
 * 4 KiB was made with lies in its object's block and stays until its end, also unused. Errors: as
 * rc_buffer_reserve. */
RC_API enum rc_status rc_buffer_shrink(rc_buffer *buffer);

/* ---- share ----------------------------------------------------------------------------------- */

/**
 * A second buffer over part of @p buffer; no bytes are copied. A slice of a slice hangs on the same
 * root, the buffer that has the bytes; an empty slice holds nothing.
 *
 * Returns:  one new reference. The root lives until its last slice is released.
 * Errors:   RC_RANGE if offset + size passes the end, RC_NO_MEMORY; RC_OVERFLOW beyond 2^31 slices.
 * Threads:  safe while other threads slice or release the same bytes.
 * Source:   memoryview slicing; Objects/memoryobject.c in CPython.
 */
RC_API RC_MUST_USE rc_buffer *rc_buffer_slice(rc_buffer *buffer, size_t offset, size_t size);

/** How many slices and views live on the bytes of @p buffer: 0 for a slice, since its root counts
 * them. */
RC_API size_t rc_buffer_exports(const rc_buffer *buffer);

/**
 * Copy on write: afterwards *buffer is the only reference to bytes that can be written.
 *
 * A buffer that owns its bytes (made by the library, taken from a pool, or adopted), is unique, has
 * no slices or views, never had a weak reference and is writable stays. Any other is replaced by a
 * copy of exactly its bytes, from the default allocator, with the alignment and the wiping of the
 * buffer that the bytes came from.
 *
 * Takes:    the old reference, and gives the new one, on success only.
 * Errors:   RC_NO_MEMORY; *buffer is as before.
 * Threads:  a buffer that is biased to another thread that lives is replaced by a copy, since its
 *           references cannot be known here; rc_share() by that thread spares that (rc/bias.h).
 */
RC_API enum rc_status rc_buffer_make_unique(rc_buffer **buffer);

/** Read-only from now on, slices included; freezing a slice freezes that slice alone, and the
 * slices made of it later. */
RC_API enum rc_status rc_buffer_freeze(rc_buffer *buffer);

/**
 * Undo rc_buffer_freeze(). RC_OK if the buffer is not frozen.
 *
 * Errors:   RC_UNSUPPORTED for a slice, RC_READ_ONLY if it was read-only when made, RC_BUSY unless
 *           the caller has the only reference and no slice lives: so too if it is immortal.
 * Threads:  of a buffer that is biased to another thread the references are known here once that
 *           thread has ended or called rc_share() on it; before, it is RC_BUSY.
 */
RC_API enum rc_status rc_buffer_thaw(rc_buffer *buffer);

/* ---- inline bodies: ABI, as rc/object_inline.h ------------------------------------------------- */

/* What is not taken out of a cell. */
RC_API RC_MUST_USE rc_buffer *rc_buffer_new_slow(size_t size);

RC_INLINE_PART rc_buffer *rc__buffer_new(size_t size)
{
    struct rc__cell *cell = &rc_object_cells[RC__CELL_BUFFER];
    void *dead = rc__cell_look(cell, size);
    if (RC_UNLIKELY(!dead || size == RC__OFFER_NONE)) return rc_buffer_new_slow(size);
    return (rc_buffer *)rc__cell_wake(cell, dead);
}

RC_INLINE rc_buffer *rc_buffer_new(size_t size)
{
    return rc__buffer_new(size);
}

/* What one is made of that rc_buffer_adopt() made. */
typedef void rc__release_function(void *bytes, size_t size, void *context);
struct rc__adopted {
    rc_buffer head;
    rc__release_function *release;
    void *context;
};
#define RC__STATE_ADOPTED 2u /* the kind of it: buffer/layout.h */

/* Field by field: a whole one would be read in pieces other than those it was written in. */
RC_INLINE_PART rc_buffer *rc__adopted_fill(struct rc__adopted *adopted, void *bytes, size_t size,
                                           rc__release_function *release, void *context)
{
    adopted->head.data = (const unsigned char *)bytes;
    adopted->head.size = size;
    adopted->head.rc__exports = 0;
    adopted->head.rc__state = RC__STATE_ADOPTED;
    adopted->release = release;
    adopted->context = context;
    return &adopted->head;
}

/* What is not taken out of a cell, or not right. */
RC_API RC_MUST_USE rc_buffer *rc_buffer_adopt_slow(void *bytes, size_t size,
                                                   rc__release_function *release, void *context);

RC_INLINE_PART rc_buffer *rc__buffer_adopt(void *bytes, size_t size, rc__release_function *release,
                                           void *context)
{
    struct rc__cell *cell = &rc_object_cells[RC__CELL_SLICE];
    void *dead = rc__cell_look(cell, RC__OFFER_ADOPTED);
    /* Below the middle of memory nothing passes its end. */
    bool is_low = !(((uintptr_t)bytes | size) & ~(SIZE_MAX >> 1));
    if (RC_UNLIKELY(!dead || !bytes || !release || !is_low))
        return rc_buffer_adopt_slow(bytes, size, release, context);
    struct rc__adopted *adopted = (struct rc__adopted *)rc__cell_revive(cell, dead);
    return rc__adopted_fill(adopted, bytes, size, release, context);
}

RC_INLINE rc_buffer *rc_buffer_adopt(void *bytes, size_t size,
                                     void (*release)(void *bytes, size_t size, void *context),
                                     void *context)
{
    return rc__buffer_adopt(bytes, size, release, context);
}

RC_END_DECLS

#ifdef RCBUF_LEDGER
#define RC__CALLS_OF_BUFFER
#include "ledger_calls.h"
#endif

#endif
