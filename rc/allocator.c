/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* The system's allocator, and which allocator is the default. The decorators have their own rooms:
 * allocator_limiting.c, allocator_failing.c, allocator_guarding.c. */
#include "allocator.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pages.h"
#include "small.h"

/* ---- the C library's family ------------------------------------------------------------------ */

static void *system_allocate(void *context, size_t size, size_t alignment)
{
    (void)context;
    if (rc__pages_fit(size, alignment)) return rc__pages_allocate(size);
    if (RC_LIKELY(alignment <= RC__MALLOC_ALIGNMENT))
        return rc__small_allocate(rc__tally_mine, size);
    void *block;
    int error = posix_memalign(&block, alignment, size);
    if (!error) return block;
    errno = error;
    return NULL;
}

static void *system_allocate_zeroed(void *context, size_t size, size_t alignment)
{
    if (rc__pages_fit(size, alignment)) return rc__pages_allocate_zeroed(size);
    if (alignment <= RC__MALLOC_ALIGNMENT && size > RC__MAGAZINE_BLOCK_MAX) return calloc(1, size);
    void *block = system_allocate(context, size, alignment);
    return block ? memset(block, 0, size) : NULL;
}

static void system_deallocate(void *context, void *block, size_t size, size_t alignment)
{
    (void)context;
    if (RC_LIKELY(alignment <= RC__MALLOC_ALIGNMENT))
        rc__small_free(rc__tally_mine, block, size);
    else if (rc__pages_fit(size, alignment))
        rc__pages_free(block, size);
    else
        rc__block_release(block);
}

static void *system_reallocate(void *context, void *block, size_t old_size, size_t new_size,
                               size_t alignment)
{
    bool was_pages = rc__pages_fit(old_size, alignment), pages = rc__pages_fit(new_size, alignment);
    if (was_pages && pages) return rc__pages_reallocate(block, old_size, new_size);
    if (was_pages == pages && RC_LIKELY(alignment <= RC__MALLOC_ALIGNMENT))
        return realloc(block, rc__small_size(new_size));
    void *moved = system_allocate(context, new_size, alignment);
    if (!moved) return NULL;
    memcpy(moved, block, old_size < new_size ? old_size : new_size);
    system_deallocate(context, block, old_size, alignment);
    return moved;
}

const struct rc_allocator rc__allocator_system = {
    .struct_size = sizeof(struct rc_allocator),
    .name = "system",
    .allocate = system_allocate,
    .reallocate = system_reallocate,
    .deallocate = system_deallocate,
    .allocate_zeroed = system_allocate_zeroed,
};

const struct rc_allocator *rc_allocator_system(void)
{
    return &rc__allocator_system;
}

/* ---- the default ----------------------------------------------------------------------------- */

const struct rc_allocator *rc__allocator_default = &rc__allocator_system;

const struct rc_allocator *rc_allocator_default(void)
{
    return __atomic_load_n(&rc__allocator_default, __ATOMIC_ACQUIRE);
}

enum rc_status rc_allocator_set_default(const struct rc_allocator *allocator)
{
    if (!allocator) allocator = &rc__allocator_system;
    enum rc_status status = rc__allocator_check(allocator);
    if (status != RC_OK) return status;
    rc__tally_set_default(allocator, allocator == &rc__allocator_system);
    return RC_OK;
}
