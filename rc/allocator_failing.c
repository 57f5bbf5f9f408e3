/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Requests are numbered by one atomic counter, so exactly one of them has the number that fails,
 * from however many threads they come. */
#include "allocator.h"

#include "block.h"

static bool is_failed(struct rc_failing_allocator *self)
{
    size_t number = __atomic_add_fetch(&self->requests, 1, __ATOMIC_RELAXED);
    bool fails = self->fail_at != 0 &&
                 (number == self->fail_at || (self->for_ever && number > self->fail_at));
    if (fails) __atomic_fetch_add(&self->failed, 1, __ATOMIC_RELAXED);
    return fails;
}

static void *failing_allocate(void *context, size_t size, size_t alignment)
{
    struct rc_failing_allocator *self = context;
    if (is_failed(self)) return NULL;
    return self->inner->allocate(self->inner->context, size, alignment);
}

static void *failing_allocate_zeroed(void *context, size_t size, size_t alignment)
{
    struct rc_failing_allocator *self = context;
    if (is_failed(self)) return NULL;
    return rc__allocator_zeroed(self->inner, size, alignment);
}

static void *failing_reallocate(void *context, void *block, size_t old_size, size_t new_size,
                                size_t alignment)
{
    struct rc_failing_allocator *self = context;
    if (new_size > old_size && is_failed(self)) return NULL;
    return rc__allocator_resized(self->inner, block, old_size, new_size, alignment);
}

static void failing_deallocate(void *context, void *block, size_t size, size_t alignment)
{
    struct rc_failing_allocator *self = context;
    self->inner->deallocate(self->inner->context, block, size, alignment);
}

void rc_failing_allocator_init(struct rc_failing_allocator *self, const struct rc_allocator *inner,
                               size_t fail_at, bool for_ever)
{
    if (!inner) inner = rc_allocator_system();
    *self = (struct rc_failing_allocator){
        .allocator = {.struct_size = sizeof self->allocator, .name = "failing", .context = self},
        .inner = inner,
        .fail_at = fail_at,
        .for_ever = for_ever,
    };
    if (!rc__allocator_is_complete(inner)) return;
    self->allocator.allocate = failing_allocate;
    self->allocator.allocate_zeroed = failing_allocate_zeroed;
    self->allocator.reallocate = failing_reallocate;
    self->allocator.deallocate = failing_deallocate;
}

size_t rc_failing_allocator_requests(const struct rc_failing_allocator *self)
{
    return __atomic_load_n(&self->requests, __ATOMIC_RELAXED);
}

size_t rc_failing_allocator_failed(const struct rc_failing_allocator *self)
{
    return __atomic_load_n(&self->failed, __ATOMIC_RELAXED);
}
