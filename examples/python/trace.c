/* SPDX-License-Identifier: MIT */
/*
 * tracemalloc: every block of this module's copy of the library, objects and bytes alike, is told to
 * it, in the domain TRACE_DOMAIN.
 *
 * Its two functions are outside of the limited API, so they are looked up in the process; where they
 * are not, nothing is traced and all else works. The library makes blocks only when Python calls this
 * module, so the thread has the interpreter's lock, which PyTraceMalloc_Track() needs. It frees them
 * anywhere: PyTraceMalloc_Untrack() needs no lock, but an interpreter, and so lock_enter().
 */
#include "module.h"

#include <dlfcn.h>

static int (*trace_track)(unsigned domain, uintptr_t block, size_t size);
static int (*trace_untrack)(unsigned domain, uintptr_t block);

static void track(const void *block, size_t size)
{
    /* Without memory for it the block is not in the statistics, which is no error of the block. */
    if (block && trace_track) (void)trace_track(TRACE_DOMAIN, (uintptr_t)block, size);
}

static void untrack(const void *block)
{
    if (!trace_untrack) return;
    bool is_held = lock_is_held();
    if (!is_held && !lock_enter()) return;
    (void)trace_untrack(TRACE_DOMAIN, (uintptr_t)block);
    if (!is_held) lock_leave();
}

static void *trace_allocate(void *context, size_t size, size_t alignment)
{
    const struct rc_allocator *inner = context;
    void *block = inner->allocate(inner->context, size, alignment);
    track(block, size);
    return block;
}

static void *trace_allocate_zeroed(void *context, size_t size, size_t alignment)
{
    const struct rc_allocator *inner = context;
    void *block = inner->allocate_zeroed(inner->context, size, alignment);
    track(block, size);
    return block;
}

/* The old address is free for other threads once the block has moved, but to be traced there again
 * it would need the lock, which this thread has. */
static void *trace_reallocate(void *context, void *block, size_t old_size, size_t new_size,
                              size_t alignment)
{
    const struct rc_allocator *inner = context;
    uintptr_t before = (uintptr_t)block;
    void *moved = inner->reallocate(inner->context, block, old_size, new_size, alignment);
    if (!moved) return NULL;
    untrack((const void *)before);
    track(moved, new_size);
    return moved;
}

static void trace_deallocate(void *context, void *block, size_t size, size_t alignment)
{
    const struct rc_allocator *inner = context;
    untrack(block);
    inner->deallocate(inner->context, block, size, alignment);
}

/* As POSIX has it: an object pointer to be read as one to a function. */
static void look_up(const char *name, void *function)
{
    void *found = dlsym(RTLD_DEFAULT, name);
    memcpy(function, &found, sizeof found);
}

void trace_start(void)
{
    static struct rc_allocator tracing = {
        .struct_size = sizeof tracing,
        .name = "rcbuf for Python",
        .allocate = trace_allocate,
        .reallocate = trace_reallocate,
        .deallocate = trace_deallocate,
        .allocate_zeroed = trace_allocate_zeroed,
    };
    look_up("PyTraceMalloc_Track", &trace_track);
    look_up("PyTraceMalloc_Untrack", &trace_untrack);
    tracing.context = (void *)(uintptr_t)rc_allocator_system();
    (void)rc_allocator_set_default(&tracing);
}
