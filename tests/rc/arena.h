/* SPDX-License-Identifier: MIT */
/**
 * @file tests/rc/arena.h
 * An allocator for tests: it hands out pieces of one static block, takes nothing back, and keeps
 * what it was asked last. What was freed can still be read, under every sanitizer, so a test can
 * look at it. It lacks reallocate and allocate_zeroed, which a test may set.
 */
#ifndef TESTS_RC_ARENA_H
#define TESTS_RC_ARENA_H

#include "rc/allocator.h"

struct arena {
    struct rc_allocator allocator;
    size_t used;
    size_t allocated, deallocated;    /* calls that succeeded */
    size_t last_size, last_alignment; /* of the last deallocate */
    _Alignas(4096) unsigned char bytes[65536];
};

static inline void *arena_allocate(void *context, size_t size, size_t alignment)
{
    struct arena *arena = context;
    size_t start = (arena->used + alignment - 1) & ~(alignment - 1);
    if (start > sizeof arena->bytes || size > sizeof arena->bytes - start) return NULL;
    arena->used = start + size;
    arena->allocated++;
    return arena->bytes + start;
}

static inline void arena_deallocate(void *context, void *block, size_t size, size_t alignment)
{
    struct arena *arena = context;
    (void)block;
    arena->deallocated++;
    arena->last_size = size;
    arena->last_alignment = alignment;
}

static inline void arena_init(struct arena *arena)
{
    arena->allocator = (struct rc_allocator){
        .name = "arena",
        .allocate = arena_allocate,
        .deallocate = arena_deallocate,
        .context = arena,
    };
    arena->used = arena->allocated = arena->deallocated = 0;
    for (size_t i = 0; i < sizeof arena->bytes; i++) arena->bytes[i] = 0xa5;
}

#endif
