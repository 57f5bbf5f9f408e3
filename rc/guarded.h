/* SPDX-License-Identifier: MIT */
/**
 * @file rc/guarded.h
 * Private (not installed): what the guarding allocator puts around a block, and what those who make
 * blocks tell it about one, so that its last words can speak of what the program has.
 *
 *     [ padding | head 32 | guard 16 | block | guard 16 ]
 *     ^ what the inner allocator gave      ^ what the library has
 *
 * The padding is there for alignments above 16 alone. The head's mark says whether the block is
 * live; it stands in the head's second half, because C libraries thread free lists through the
 * first bytes of what was freed. Beside it stands, once that is so, of what type the object was.
 */
#ifndef RC_GUARDED_H
#define RC_GUARDED_H

#include "allocator.h"

struct rc_type;

/* What freed blocks are filled with, and a word of it. A freed object's count is gone then
 * (rc/count.h), so that releasing it shows; and its flags do not say biased. */
#define RC__GUARD_FREED_BYTE 0xec
#define RC__GUARD_FREED_WORD (UINTPTR_MAX / 0xff * RC__GUARD_FREED_BYTE)

#define RC__GUARD_SIZE       16
#define RC__GUARD_MARK_FREED UINT64_C(0x46726565644f6e63)

struct rc__guarded_head {
    _Alignas(16) size_t size; /* of the block */
    size_t alignment;
    _Alignas(16) uint64_t mark; /* rc__guarded_mark() */
    const struct rc_type
        *object; /* the type of the object that was in the freed block; NULL: none */
};

_Static_assert(sizeof(struct rc__guarded_head) == 32, "the head keeps the block aligned");

static inline uint64_t rc__guarded_mark(uintptr_t block, uint64_t mark)
{
    return mark ^ (uint64_t)block;
}

/* What the program has of a block: so many bytes after its beginning. */
struct rc__guarded_use {
    size_t offset;
    const struct rc_type *object; /* NULL: a block of rc_memory_allocate() */
};

/* Of a block that a guarding allocator made: true if it has one of rc_memory_allocate() in it; if
 * it has an object of that allocator. They read the block. */
RC_HIDDEN bool rc__memory_is_in(const void *block, size_t size, struct rc__guarded_use *use);
RC_HIDDEN bool rc__object_is_in(const void *block, size_t size, size_t alignment,
                                const struct rc_allocator *allocator, struct rc__guarded_use *use);

/* The name of a type that may be anything: "?" if it cannot be read. */
RC_HIDDEN RC_COLD const char *rc__type_name_if_readable(const struct rc_type *type);

#endif
