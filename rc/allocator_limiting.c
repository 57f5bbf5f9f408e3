/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* The quota. Bytes are reserved before the inner allocator is asked and given up if it refuses, so
 * the sum of what is out never passes the limit, whoever asks at the same time. */
#include "allocator.h"

#include "block.h"

static bool reserve(struct rc_limiting_allocator *self, size_t size)
{
    size_t used = __atomic_load_n(&self->used, __ATOMIC_RELAXED);
    do {
        if (used > self->limit || size > self->limit - used) return false;
    } while (!__atomic_compare_exchange_n(&self->used, &used, used + size, true, __ATOMIC_RELAXED,
                                          __ATOMIC_RELAXED));
    return true;
}

static void give_up(struct rc_limiting_allocator *self, size_t size)
{
    __atomic_fetch_sub(&self->used, size, __ATOMIC_RELAXED);
}

static void *limiting_allocate(void *context, size_t size, size_t alignment)
{
    struct rc_limiting_allocator *self = context;
    if (!reserve(self, size)) return NULL;
    void *block = self->inner->allocate(self->inner->context, size, alignment);
    if (!block) give_up(self, size);
    return block;
}

static void *limiting_allocate_zeroed(void *context, size_t size, size_t alignment)
{
    struct rc_limiting_allocator *self = context;
    if (!reserve(self, size)) return NULL;
    void *block = rc__allocator_zeroed(self->inner, size, alignment);
    if (!block) give_up(self, size);
    return block;
}

static void *limiting_reallocate(void *context, void *block, size_t old_size, size_t new_size,
                                 size_t alignment)
{
    struct rc_limiting_allocator *self = context;
    size_t more = new_size > old_size ? new_size - old_size : 0;
    size_t less = new_size < old_size ? old_size - new_size : 0;
    if (!reserve(self, more)) return NULL;
    void *moved = rc__allocator_resized(self->inner, block, old_size, new_size, alignment);
    give_up(self, moved ? less : more);
    return moved;
}

static void limiting_deallocate(void *context, void *block, size_t size, size_t alignment)
{
    struct rc_limiting_allocator *self = context;
    self->inner->deallocate(self->inner->context, block, size, alignment);
    give_up(self, size);
}

void rc_limiting_allocator_init(struct rc_limiting_allocator *self,
                                const struct rc_allocator *inner, size_t limit)
{
    if (!inner) inner = rc_allocator_system();
    *self = (struct rc_limiting_allocator){
        .allocator = {.struct_size = sizeof self->allocator, .name = "limiting", .context = self},
        .inner = inner,
        .limit = limit,
    };
    if (!rc__allocator_is_complete(inner)) return;
    self->allocator.allocate = limiting_allocate;
    self->allocator.allocate_zeroed = limiting_allocate_zeroed;
    self->allocator.reallocate = limiting_reallocate;
    self->allocator.deallocate = limiting_deallocate;
}

size_t rc_limiting_allocator_used(const struct rc_limiting_allocator *self)
{
    return __atomic_load_n(&self->used, __ATOMIC_RELAXED);
}
