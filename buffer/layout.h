/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/layout.h
 * Private (not installed): the kinds of buffers, what each adds to struct rc_buffer, and the bits
 * of rc__state.
 *
 *     inline:  [ header 16 | rc_buffer 24 | capacity 8 | bytes ... ]         one block
 *     apart:   [ header 16 | rc_buffer 24 | capacity 8 ]  -> [ bytes ... ]   two blocks
 *     slice:   [ header 16 | rc_buffer 24 | root 8 ]      -> the root
 *
 * Invariants. The root of a slice is never a slice. An owner's bytes [size, capacity) are spare:
 * poisoned (buffer/poison.h). The room that an object has inline never changes, since it is part of
 * the object's block; while the bytes are apart all of it is poisoned. Blocks come from the
 * object's own allocator.
 */
#ifndef BUFFER_LAYOUT_H
#define BUFFER_LAYOUT_H

#include "../rc/callback.h"
#include "../rc/plain.h"
#include "buffer.h"

enum rc__buffer_kind {
    RC__BUFFER_OWNER, /* 0, so that one mask finds what is anything but a writable owner */
    RC__BUFFER_SLICE,
    RC__BUFFER_ADOPTED = RC__STATE_ADOPTED,
    RC__BUFFER_BORROWED,
    RC__BUFFER_MAPPED,
    RC__BUFFER_POOLED
};

/* rc__state: kind in bits 0 to 2, these bits, log2 of the alignment in bits 8 to 12, the bytes of
 * room inline in bits 16 to 31. */
#define RC__STATE_KIND       0x0007u
#define RC__STATE_READ_ONLY  0x0008u /* when made; thaw does not help */
#define RC__STATE_FROZEN     0x0010u
#define RC__STATE_WIPE       0x0020u
#define RC__STATE_APART      0x0040u /* an owner's bytes are a block of their own */
#define RC__STATE_RESIZED    0x0080u /* an owner's size or capacity was changed since it was made */
#define RC__STATE_NULL       0x0080u /* an adopted buffer's bytes are NULL, and there are none */
#define RC__STATE_ALIGNMENT  0x1f00u
#define RC__STATE_UNWRITABLE (RC__STATE_READ_ONLY | RC__STATE_FROZEN)

/* Up to this many bytes have their room inline. */
#define RC__BUFFER_INLINE_MAX 4096u

struct rc__owner {
    rc_buffer head;
    size_t capacity; /* bytes at head.data, >= head.size */
    _Alignas(16) unsigned char inline_bytes[];
};

struct rc__slice {
    rc_buffer head;
    rc_buffer *root; /* NULL: an empty slice, which holds nothing */
};

#if UINTPTR_MAX == UINT64_MAX
_Static_assert(sizeof(rc_buffer) == 24, "two words, exports and state");
_Static_assert(sizeof(struct rc__owner) == 32, "an owner adds one word");
#endif
_Static_assert(sizeof(struct rc__owner) % 16 == 0, "inline bytes are aligned");

extern RC_HIDDEN const struct rc__sized_type rc__owner_type;
/* What data points to where there are no bytes and nobody to give them: never read or written. */
extern RC_HIDDEN unsigned char rc__buffer_nothing[RC_ALIGNMENT_DEFAULT];

static inline enum rc__buffer_kind rc__buffer_kind(const rc_buffer *buffer)
{
    return (enum rc__buffer_kind)(buffer->rc__state & RC__STATE_KIND);
}

static inline size_t rc__buffer_alignment(const rc_buffer *buffer)
{
    return (size_t)1 << ((buffer->rc__state & RC__STATE_ALIGNMENT) >> 8);
}

/* alignment: a power of two up to RC_ALIGNMENT_MAX. */
static inline uint32_t rc__state_of_alignment(size_t alignment)
{
    return (uint32_t)__builtin_ctzll(alignment) << 8;
}

static inline size_t rc__owner_room(const struct rc__owner *owner)
{
    return owner->head.rc__state >> 16;
}

/* The buffer that has the bytes: itself, but for a slice. */
static inline rc_buffer *rc__buffer_root(const rc_buffer *buffer)
{
    rc_buffer *root = rc__buffer_kind(buffer) == RC__BUFFER_SLICE
                          ? ((const struct rc__slice *)buffer)->root
                          : NULL;
    return root ? root : (rc_buffer *)(uintptr_t)buffer;
}

/* An object without extra bytes, its head filled in and the rest zeroed. data: NULL for none. */
static inline void *rc__buffer_new_kind(const struct rc__sized_type *type, uint32_t state,
                                        const void *data, size_t size)
{
    rc_buffer *buffer = rc__object_new_sized(NULL, type, 0, RC__CELL_SLICE);
    if (!buffer) return NULL;
    memset(buffer, 0, type->base.size);
    *buffer =
        (rc_buffer){.data = data ? data : rc__buffer_nothing, .size = size, .rc__state = state};
    return buffer;
}

/* The describe() of slices, and of every other kind. */
RC_HIDDEN void rc__slice_describe(const void *self, struct rc__description *description);
RC_HIDDEN void rc__buffer_describe(const void *self, struct rc__description *description);

/* The extra() of every kind without extra bytes. */
RC_HIDDEN size_t rc__buffer_no_extra(const void *self);

/* A new owner, bytes not initialised. allocator: NULL for the default. alignment: checked, >= 16.
 * state: RC__STATE_WIPE or 0. */
RC_HIDDEN rc_buffer *rc__owner_new(const struct rc_allocator *allocator, size_t size,
                                   size_t alignment, uint32_t state);

/* A slice of bytes of @p root, one at least. unwritable: RC__STATE_UNWRITABLE, of the slice that they
 * came from. Takes: an export of root, on success. */
RC_HIDDEN rc_buffer *rc__slice_of_export(rc_buffer *root, const unsigned char *data, size_t size,
                                         uint32_t unwritable);

/* RC_INVALID and a sentence that begins with @p call, for NULL and for a buffer whose last
 * reference is gone. */
RC_HIDDEN RC_COLD enum rc_status rc__buffer_not_alive(const rc_buffer *buffer, const char *call);

static inline enum rc_status rc__buffer_check(const rc_buffer *buffer, const char *call)
{
    if (RC_LIKELY(buffer && !rc__object_is_finalizing(buffer))) return RC_OK;
    return rc__buffer_not_alive(buffer, call);
}

/* Exports hold a reference, so one that outlives the last was released in their place. */
RC_HIDDEN RC_NORETURN RC_COLD void rc__buffer_stop_exported(const rc_buffer *buffer);

static inline void rc__buffer_check_end(const rc_buffer *buffer)
{
    if (RC_UNLIKELY(__atomic_load_n(&buffer->rc__exports, __ATOMIC_RELAXED) != 0))
        rc__buffer_stop_exported(buffer);
}

/* "a slice", "a borrowed buffer": for sentences. */
RC_HIDDEN const char *rc__buffer_kind_text(const rc_buffer *buffer);

/* Zeroes that the compiler cannot drop although the bytes are given back next. */
static inline void rc__buffer_wipe(const void *bytes, size_t size)
{
    memset((void *)(uintptr_t)bytes, 0, size);
    __asm__ volatile("" : : "r"(bytes) : "memory");
}

#endif
