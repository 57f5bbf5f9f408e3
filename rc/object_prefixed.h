/* SPDX-License-Identifier: MIT */
/**
 * @file rc/object_prefixed.h
 * Private (not installed): the short way in and out for objects of types that may close a cycle.
 *
 * Such a type has traverse or clear, so each of its objects has a prefix (rc/header.h). Most are nothing
 * more special than that: from the system's allocator, no extra bytes, no alignment of their own, and at
 * their end with the flag of the prefix alone in the header: never tracked, no weak references, no bias,
 * no home. These are what plain objects are (rc/plain.h), in a block that is larger by the prefix: it comes
 * out of a magazine, and when the object has died it is kept whole in a cell of this kind.
 */
#ifndef RC_OBJECT_PREFIXED_H
#define RC_OBJECT_PREFIXED_H

#include "header.h"

/* For a program's type without bias and alignment, while the system's is the default allocator. The payload
 * is not initialised. NULL: none lies in the cell; no memory, and no error is left yet. */
RC_HIDDEN void *rc__prefixed_take(const rc_type *type);
RC_HIDDEN void *rc__prefixed_make(const rc_type *type);

/* The end of whatever has a prefix and no other flag, on the last release: by rc__object_end() if it is
 * special all the same. */
RC_HIDDEN void rc__prefixed_end(void *object);

/* One reference, no owner, and exactly these flags, as whoever began to end it wrote it. */
static inline bool rc__header_reads(const struct rc__header *header, unsigned flags)
{
#if UINTPTR_MAX == UINT64_MAX
    typedef uint64_t word __attribute__((may_alias));
    const struct rc__header lone = {.flags = flags & RC__FLAGS_MAX};
    uint64_t as_written;
    memcpy(&as_written, &lone, sizeof as_written);
    return __atomic_load_n((const word *)header, __ATOMIC_ACQUIRE) == as_written;
#else
    return __atomic_load_n(&header->shared, __ATOMIC_ACQUIRE) == 0 && rc__owner_of(header) == 0 &&
           rc__header_flags(header) == flags;
#endif
}

/* The last reference is about to go, and nobody but who has it comes to the object. */
static inline bool rc__prefixed_is_lone(const void *object)
{
    return RC_LIKELY(rc__header_reads(rc__header_of(object), RC__FLAG_PREFIX));
}

#endif
