/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
#include "block.h"

#include <stdlib.h>
#include <string.h>

#include "callback.h"
#include "tally.h"

/* ---- checks ---------------------------------------------------------------------------------- */

enum rc_status rc__alignment_check(size_t alignment)
{
    if (alignment & (alignment - 1))
        return rc_error_set(RC_INVALID, "an alignment of %zu bytes is no power of two", alignment);
    if (alignment > RC_ALIGNMENT_MAX)
        return rc_error_set(RC_INVALID, "an alignment of %zu bytes is above the maximum, %zu",
                            alignment, RC_ALIGNMENT_MAX);
    return RC_OK;
}

bool rc__allocator_is_complete(const struct rc_allocator *allocator)
{
    return allocator->allocate && allocator->deallocate;
}

enum rc_status rc__allocator_check(const struct rc_allocator *allocator)
{
    if (RC_LIKELY(allocator && rc__allocator_is_complete(allocator))) return RC_OK;
    if (!allocator) return rc_error_set(RC_INVALID, "the allocator is NULL");
    return rc_error_set(RC_INVALID, "allocator %s has no %s function",
                        allocator->name ? allocator->name : "?",
                        allocator->allocate ? "deallocate" : "allocate");
}

bool rc__size_overflow(size_t a, char operation, size_t b)
{
    rc__tally_failure();
    rc_error_set(RC_OVERFLOW, "%zu %c %zu bytes overflow a size", a, operation, b);
    return false;
}

/* ---- what an allocator may leave out --------------------------------------------------------- */

static bool offers_zeroed(const struct rc_allocator *allocator)
{
    size_t needed =
        offsetof(struct rc_allocator, allocate_zeroed) + sizeof allocator->allocate_zeroed;
    return allocator->struct_size >= needed && allocator->allocate_zeroed;
}

void *rc__allocator_zeroed(const struct rc_allocator *allocator, size_t size, size_t alignment)
{
    if (offers_zeroed(allocator))
        return allocator->allocate_zeroed(allocator->context, size, alignment);
    void *block = allocator->allocate(allocator->context, size, alignment);
    return block ? memset(block, 0, size) : NULL;
}

void *rc__allocator_resized(const struct rc_allocator *allocator, void *block, size_t old_size,
                            size_t new_size, size_t alignment)
{
    if (allocator->reallocate)
        return allocator->reallocate(allocator->context, block, old_size, new_size, alignment);
    void *moved = allocator->allocate(allocator->context, new_size, alignment);
    if (!moved) return NULL;
    memcpy(moved, block, old_size < new_size ? old_size : new_size);
    allocator->deallocate(allocator->context, block, old_size, alignment);
    return moved;
}

/* ---- requests -------------------------------------------------------------------------------- */

static RC_COLD void refused(const struct rc_allocator *allocator, size_t size)
{
    rc__tally_failure();
    rc_error_set(RC_NO_MEMORY, "no room for %zu bytes (allocator %s)", size,
                 allocator->name ? allocator->name : "?");
}

/* Sizes that no object can have are not even asked for. */
static bool is_possible(size_t size)
{
    return RC_LIKELY(size <= PTRDIFF_MAX);
}

/* The system's own is called without a frame: it calls nobody back. */
#define REQUEST(allocator, result, call)                                                           \
    do {                                                                                           \
        if (RC_LIKELY((allocator) == &rc__allocator_system))                                       \
            (result) = (call);                                                                     \
        else                                                                                       \
            RC__CALLBACK("allocator", (allocator)->name, (result) = (call));                       \
    } while (0)

void *rc__block_allocate(const struct rc_allocator *allocator, size_t size, size_t alignment)
{
    void *block = NULL;
    if (is_possible(size))
        REQUEST(allocator, block, allocator->allocate(allocator->context, size, alignment));
    if (RC_UNLIKELY(!block)) refused(allocator, size);
    return block;
}

void *rc__block_allocate_zeroed(const struct rc_allocator *allocator, size_t size, size_t alignment)
{
    void *block = NULL;
    if (is_possible(size))
        REQUEST(allocator, block, rc__allocator_zeroed(allocator, size, alignment));
    if (RC_UNLIKELY(!block)) refused(allocator, size);
    return block;
}

void *rc__block_reallocate(const struct rc_allocator *allocator, void *block, size_t old_size,
                           size_t new_size, size_t alignment)
{
    void *moved = NULL;
    if (is_possible(new_size))
        REQUEST(allocator, moved,
                rc__allocator_resized(allocator, block, old_size, new_size, alignment));
    if (RC_UNLIKELY(!moved)) refused(allocator, new_size);
    return moved;
}

void rc__block_free(const struct rc_allocator *allocator, void *block, size_t size,
                    size_t alignment)
{
    if (RC_LIKELY(allocator == &rc__allocator_system))
        rc__allocator_system.deallocate(NULL, block, size, alignment);
    else
        RC__CALLBACK("allocator", allocator->name,
                     allocator->deallocate(allocator->context, block, size, alignment));
}
