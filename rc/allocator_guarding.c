/* SPDX-License-Identifier: MIT */
/*
 *     [ padding | head 32 | guard 16 | block | guard 16 ]
 *     ^ what the inner allocator gave      ^ what the user has
 *
 * The padding is there for alignments above 16 alone. The head's mark says whether the block is
 * live; it stands in the head's second half, because C libraries thread free lists through the
 * first bytes of what was freed. A resized block always moves, so that a stale pointer shows.
 */
#include "allocator.h"

#include <string.h>

#include "block.h"
#include "callback.h"

#define MARK_LIVE  UINT64_C(0x4c6976656c79426c)
#define MARK_FREED UINT64_C(0x46726565644f6e63)

/* A freed object's count is FREED_BYTE four times: gone (rc/count.h), so that releasing it shows; and
 * its flags do not say biased. */
enum { GUARD_SIZE = 16, GUARD_BYTE = 0xfb, FRESH_BYTE = 0xcd, FREED_BYTE = RC__GUARD_FREED_BYTE };

struct head {
    _Alignas(16) size_t size; /* of the block */
    size_t alignment;
    _Alignas(16) uint64_t mark; /* MARK_..., mixed with the block's address */
    uint64_t spare;
};

_Static_assert(sizeof(struct head) == 32, "the head keeps the block aligned");

static struct head *head_of(void *block)
{
    return (struct head *)((uintptr_t)block - GUARD_SIZE - sizeof(struct head));
}

/* Bytes from what the inner allocator gave to the block. */
static size_t offset_for(size_t alignment)
{
    return (sizeof(struct head) + GUARD_SIZE + alignment - 1) & ~(alignment - 1);
}

static uint64_t mark_for(const void *block, uint64_t mark)
{
    return mark ^ (uint64_t)(uintptr_t)block;
}

/* ---- check ----------------------------------------------------------------------------------- */

/* Offsets are told from the block's start, so those before it are negative. */
static void check_guard(const unsigned char *block, size_t size, ptrdiff_t start)
{
    for (ptrdiff_t at = start; at < start + GUARD_SIZE; at++)
        if (block[at] != GUARD_BYTE)
            rc__stop("guarding allocator: something wrote %s the block at %p of %zu bytes: the "
                     "first damaged byte is at offset %td and holds 0x%02x",
                     start < 0 ? "before" : "past the end of", (const void *)block, size, at,
                     block[at]);
}

static void check(void *block, size_t size, size_t alignment)
{
    const struct head *head = head_of(block);
    if (head->mark == mark_for(block, MARK_FREED))
        rc__stop("guarding allocator: the block at %p of %zu bytes was freed already", block, size);
    if (head->mark != mark_for(block, MARK_LIVE))
        rc__stop("guarding allocator: what is at %p, said to have %zu bytes, is not a block of "
                 "it, or its head was overwritten",
                 block, size);
    if (head->size != size || head->alignment != alignment)
        rc__stop("guarding allocator: the block at %p has %zu bytes aligned to %zu, but %zu bytes "
                 "aligned to %zu were given back",
                 block, head->size, head->alignment, size, alignment);
    check_guard(block, size, -(ptrdiff_t)GUARD_SIZE);
    check_guard(block, size, (ptrdiff_t)size);
}

/* ---- make and free --------------------------------------------------------------------------- */

static void *make(struct rc_guarding_allocator *self, size_t size, size_t alignment, int fill)
{
    size_t offset = offset_for(alignment);
    if (size > PTRDIFF_MAX - offset - GUARD_SIZE) return NULL;
    unsigned char *inner =
        self->inner->allocate(self->inner->context, offset + size + GUARD_SIZE, alignment);
    if (!inner) return NULL;
    unsigned char *block = inner + offset;
    *head_of(block) =
        (struct head){.size = size, .alignment = alignment, .mark = mark_for(block, MARK_LIVE)};
    memset(block - GUARD_SIZE, GUARD_BYTE, GUARD_SIZE);
    memset(block, fill, size);
    memset(block + size, GUARD_BYTE, GUARD_SIZE);
    __atomic_fetch_add(&self->live_blocks, 1, __ATOMIC_RELAXED);
    return block;
}

static void *guarding_allocate(void *context, size_t size, size_t alignment)
{
    return make(context, size, alignment, FRESH_BYTE);
}

static void *guarding_allocate_zeroed(void *context, size_t size, size_t alignment)
{
    return make(context, size, alignment, 0);
}

static void guarding_deallocate(void *context, void *block, size_t size, size_t alignment)
{
    struct rc_guarding_allocator *self = context;
    check(block, size, alignment);
    /* A volatile store, since nothing that the compiler knows of reads it. */
    *(volatile uint64_t *)&head_of(block)->mark = mark_for(block, MARK_FREED);
    memset(block, FREED_BYTE, size);
    __atomic_fetch_sub(&self->live_blocks, 1, __ATOMIC_RELAXED);
    size_t offset = offset_for(alignment);
    self->inner->deallocate(self->inner->context, (unsigned char *)block - offset,
                            offset + size + GUARD_SIZE, alignment);
}

static void *guarding_reallocate(void *context, void *block, size_t old_size, size_t new_size,
                                 size_t alignment)
{
    check(block, old_size, alignment);
    void *moved = make(context, new_size, alignment, FRESH_BYTE);
    if (!moved) return NULL;
    memcpy(moved, block, old_size < new_size ? old_size : new_size);
    guarding_deallocate(context, block, old_size, alignment);
    return moved;
}

void rc_guarding_allocator_init(struct rc_guarding_allocator *self,
                                const struct rc_allocator *inner)
{
    if (!inner) inner = rc_allocator_system();
    *self = (struct rc_guarding_allocator){
        .allocator = {.struct_size = sizeof self->allocator, .name = "guarding", .context = self},
        .inner = inner,
    };
    if (!rc__allocator_is_complete(inner)) return;
    self->allocator.allocate = guarding_allocate;
    self->allocator.allocate_zeroed = guarding_allocate_zeroed;
    self->allocator.reallocate = guarding_reallocate;
    self->allocator.deallocate = guarding_deallocate;
}

size_t rc_guarding_allocator_live_blocks(const struct rc_guarding_allocator *self)
{
    return __atomic_load_n(&self->live_blocks, __ATOMIC_RELAXED);
}
