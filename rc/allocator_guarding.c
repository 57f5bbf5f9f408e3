/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* What stands around a block is told in guarded.h. A resized block always moves, so that a stale
 * pointer shows. */
#include "allocator.h"

#include <stdio.h>
#include <string.h>

#include "block.h"
#include "callback.h"
#include "guarded.h"

#define MARK_LIVE UINT64_C(0x4c6976656c79426c)

enum {
    GUARD_SIZE = RC__GUARD_SIZE,
    GUARD_BYTE = 0xfb,
    FRESH_BYTE = 0xcd,
    FREED_BYTE = RC__GUARD_FREED_BYTE
};

static struct rc__guarded_head *head_of(void *block)
{
    return (struct rc__guarded_head *)((uintptr_t)block - GUARD_SIZE -
                                       sizeof(struct rc__guarded_head));
}

/* Bytes from what the inner allocator gave to the block. */
static size_t offset_for(size_t alignment)
{
    return (sizeof(struct rc__guarded_head) + GUARD_SIZE + alignment - 1) & ~(alignment - 1);
}

static uint64_t mark_for(const void *block, uint64_t mark)
{
    return rc__guarded_mark((uintptr_t)block, mark);
}

/* ---- check ----------------------------------------------------------------------------------- */

/* A block as the library has it. */
struct guarded {
    const struct rc_allocator *allocator;
    unsigned char *bytes;
    size_t size, alignment;
};

/* What it is to the program, which has a pointer of its own into it, and fewer bytes. */
static void tell_use(const struct guarded *block, ptrdiff_t at, char text[], size_t room)
{
    struct rc__guarded_use use;
    bool is_memory = rc__memory_is_in(block->bytes, block->size, &use);
    bool is_known = is_memory || rc__object_is_in(block->bytes, block->size, block->alignment,
                                                  block->allocator, &use);
    text[0] = '\0';
    if (!is_known) return;
    ptrdiff_t offset = at - (ptrdiff_t)use.offset;
    snprintf(text, room, "; to the program that is offset %td of the %s%.80s at %p, of %zu bytes",
             offset, is_memory ? "block" : "object of type ",
             is_memory ? "" : rc__type_name_if_readable(use.object),
             (void *)(block->bytes + use.offset), block->size - use.offset);
}

static RC_NORETURN RC_COLD void stop_for_damage(const struct guarded *block, ptrdiff_t at)
{
    char use[256];
    tell_use(block, at, use, sizeof use);
    rc__stop("guarding allocator: something wrote %s the block at %p of %zu bytes: the first "
             "damaged byte is at offset %td and holds 0x%02x%s",
             at < 0 ? "before" : "past the end of", (void *)block->bytes, block->size, at,
             block->bytes[at], use);
}

/* Offsets are told from the block's start, so those before it are negative. */
static void check_guard(const struct guarded *block, ptrdiff_t start)
{
    for (ptrdiff_t at = start; at < start + GUARD_SIZE; at++)
        if (block->bytes[at] != GUARD_BYTE) stop_for_damage(block, at);
}

static void check(const struct rc_guarding_allocator *self, void *block, size_t size,
                  size_t alignment)
{
    const struct rc__guarded_head *head = head_of(block);
    if (head->mark == mark_for(block, RC__GUARD_MARK_FREED))
        rc__stop("guarding allocator: the block at %p of %zu bytes was freed already", block, size);
    if (head->mark != mark_for(block, MARK_LIVE))
        rc__stop("guarding allocator: what is at %p, said to have %zu bytes, is not a block of "
                 "it, or its head was overwritten",
                 block, size);
    if (head->size != size || head->alignment != alignment)
        rc__stop("guarding allocator: the block at %p has %zu bytes aligned to %zu, but %zu bytes "
                 "aligned to %zu were given back",
                 block, head->size, head->alignment, size, alignment);
    const struct guarded guarded = {&self->allocator, block, size, alignment};
    check_guard(&guarded, -(ptrdiff_t)GUARD_SIZE);
    check_guard(&guarded, (ptrdiff_t)size);
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
    *head_of(block) = (struct rc__guarded_head){
        .size = size, .alignment = alignment, .mark = mark_for(block, MARK_LIVE)};
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

/* By volatile stores, since nothing that the compiler knows of reads them. */
static void mark_freed(const struct rc_guarding_allocator *self, void *block, size_t size,
                       size_t alignment)
{
    struct rc__guarded_use use;
    bool is_object = rc__object_is_in(block, size, alignment, &self->allocator, &use);
    struct rc__guarded_head *head = head_of(block);
    *(const struct rc_type *volatile *)&head->object = is_object ? use.object : NULL;
    *(volatile uint64_t *)&head->mark = mark_for(block, RC__GUARD_MARK_FREED);
}

static void guarding_deallocate(void *context, void *block, size_t size, size_t alignment)
{
    struct rc_guarding_allocator *self = context;
    check(self, block, size, alignment);
    mark_freed(self, block, size, alignment);
    memset(block, FREED_BYTE, size);
    __atomic_fetch_sub(&self->live_blocks, 1, __ATOMIC_RELAXED);
    size_t offset = offset_for(alignment);
    self->inner->deallocate(self->inner->context, (unsigned char *)block - offset,
                            offset + size + GUARD_SIZE, alignment);
}

static void *guarding_reallocate(void *context, void *block, size_t old_size, size_t new_size,
                                 size_t alignment)
{
    check(context, block, old_size, alignment);
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
