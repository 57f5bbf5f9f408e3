/* SPDX-License-Identifier: MIT */
/**
 * @file rc/cell_inline.h
 * Where a thread keeps dead objects whole, for the inline bodies of rc_new() and rc_buffer_new(), which
 * take them out again. ABI, tied to the library's SOVERSION. What fills cells, and when they stay empty:
 * rc/plain.h.
 */
#ifndef RC_CELL_INLINE_H
#define RC_CELL_INLINE_H

#include "config.h"

RC_BEGIN_DECLS

/* A dead object that is kept whole, with all that it was counted as, until one of its type and size
 * is made. Written by its thread alone, and type, bytes and recycled under the list's lock (rc/tally.c)
 * too, so that they fit together for whoever holds that. */
struct rc__cell {
    void *object;               /* NULL: there is none */
    const struct rc_type *type; /* what objects it takes; NULL: none yet */
    size_t size;                /* which of them */
    size_t bytes;               /* what one of them counts */
    size_t recycled;            /* how often one was taken out again: made, and freed before */
    unsigned misses;            /* objects of others that died, since the type was set */
    uint64_t key;  /* of buffers: rc__cell_key_of() of those that need nothing at their end */
    size_t *hits;  /* of its thread, where recycled is added to when the type is set; NULL: nowhere */
    void (*discard)(void *object, size_t size); /* gives its memory back, and counts nothing */
};

enum rc__cell_kind {
    RC__CELL_OBJECT, /* the program's, without finalizer */
    RC__CELL_BUFFER,
    RC__CELL_SLICE,
    RC__CELL_VIEW,
    RC__CELL_OTHER,  /* the library's own that are made once in a while */
    RC__CELL_POOLED, /* a pool's: the last */
    RC__CELLS
};

/* This thread's, RC__CELLS of them; until it counts something nobody's, empty and never written. */
extern RC_API RC_HOT_THREAD_LOCAL struct rc__cell *rc_object_cells;

/* All bits set where the default allocator is another than the system's, else none: what is looked for
 * with them is not found, so that looking spares a test. */
extern RC_API uintptr_t rc_object_foreign;

static inline uintptr_t rc__foreign(void)
{
    return __atomic_load_n(&rc_object_foreign, __ATOMIC_RELAXED);
}

/* One more, in one instruction where that is known to be one: readers then see the number before or
 * after. The thread's own number. */
static inline void rc__bump(size_t *number)
{
#if defined(__x86_64__) && defined(__LP64__) && !defined(__SANITIZE_THREAD__)
    __asm__("incq %0" : "+m"(*number) : : "cc");
#else
    __atomic_store_n(number, __atomic_load_n(number, __ATOMIC_RELAXED) + 1, __ATOMIC_RELAXED);
#endif
}

RC_END_DECLS

#endif
