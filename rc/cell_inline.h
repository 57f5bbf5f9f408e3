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

#define RC__CELL_BEHIND_MAX 27

/* Dead objects that are kept whole, with all that they were counted as, until one of their type and size
 * is made. Written by its thread alone; offer by whoever holds the lock of the list of threads
 * (rc/cell.c), under which type, bytes and recycled are written too, so that they fit together for
 * whoever holds it. */
struct rc__cell {
    /* What is read and written each time stands on one line of the cache. */
    __attribute__((aligned(64))) void *object; /* NULL: there is none */
    size_t recycled;            /* how often one was taken out again: made, and freed before */
    uintptr_t offer;            /* what the object is asked for by; RC__OFFER_NONE: nothing */
    const struct rc_type *type; /* what objects it takes; NULL: none yet */
    size_t size;                /* which of them */
    uint64_t key; /* of buffers: rc__cell_key_of() of those that need nothing at their end */
    uintptr_t by; /* the offer while the default allocator is the system's: the size of buffers,
                        the type of others, RC__OFFER_ADOPTED; else it is RC__OFFER_NONE */
    size_t bytes; /* what one of them counts */
    /* What the inline bodies know nothing of. More such objects lie behind the first. */
    unsigned behind; /* how many */
    unsigned room;   /* for how many; 0: none */
    unsigned misses; /* objects of others that died, since the cell was last judged */
    size_t judged;   /* recycled, then */
    size_t *hits;    /* its thread's; recycled is added there when the type is set; NULL: nowhere */
    void (*discard)(void *object, size_t size); /* gives its memory back, and counts nothing */
    void *others[RC__CELL_BEHIND_MAX];
};

/* No type's address; and who asks by size looks out for it. */
#define RC__OFFER_NONE UINTPTR_MAX

/* Instead of a type's address, which stays the library's. */
#define RC__OFFER_ADOPTED ((uintptr_t)1)

enum rc__cell_kind {
    RC__CELL_OBJECT, /* the program's, without a prefix */
    RC__CELL_BUFFER,
    RC__CELL_SLICE,
    RC__CELL_VIEW,
    RC__CELL_OTHER,    /* the library's own that are made once in a while */
    RC__CELL_PREFIXED, /* the program's that may close a cycle: rc/object_prefixed.h */
    RC__CELL_POOLED,   /* a pool's: the last */
    RC__CELLS
};

/* This thread's, RC__CELLS of them; until it counts something nobody's, empty and never written. */
extern RC_API RC_HOT_THREAD_LOCAL struct rc__cell *rc_object_cells;

/* What lay there is taken out. Counted in one instruction where that is known to be one: readers then
 * see the number before or after. */
RC_INLINE_PART void rc__cell_empty(struct rc__cell *cell)
{
    __atomic_store_n(&cell->object, (void *)0, __ATOMIC_RELAXED);
#if RC__ASM_X86_64
    __asm__("incq %0" : "+m"(cell->recycled) : : "cc");
#else
    size_t recycled = __atomic_load_n(&cell->recycled, __ATOMIC_RELAXED);
    __atomic_store_n(&cell->recycled, recycled + 1, __ATOMIC_RELAXED);
#endif
}

/* What lies in the cell, if it is asked for by this; NULL: nothing, or something else. */
RC_INLINE_PART void *rc__cell_look(const struct rc__cell *cell, uintptr_t by)
{
    void *object = cell->object;
    if (RC_UNLIKELY(!object)) return (void *)0;
    bool other;
#if RC__ASM_X86_64
    if (!__builtin_constant_p(by))
        __asm__("cmp %2, %1" : "=@ccne"(other) : "m"(cell->offer), "r"(by));
    else
#endif
        other = __atomic_load_n(&cell->offer, __ATOMIC_RELAXED) != by;
    return RC_UNLIKELY(other) ? (void *)0 : object;
}

RC_END_DECLS

#endif
