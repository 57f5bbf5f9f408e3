/* SPDX-License-Identifier: MIT */
/*
 * Where requests fail: in the failing allocator, alone or under another decorator; or in the C
 * library, below the system's allocator, whose functions the linker redirects here (--wrap).
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>

#include "oom.h"

const char *const place_names[PLACES] = {"the default allocator", "below the guarding allocator",
                                         "below the limiting allocator", "the C library"};

static struct rc_failing_allocator failing;
static struct rc_guarding_allocator guarding;
static struct rc_limiting_allocator limiting;
static size_t requests_before, failed_before;

/* ---- the C library --------------------------------------------------------------------------- */

static struct {
    bool counts; /* between arming and disarming */
    bool for_ever;
    size_t fail_at, requests, failed;
} library;

static bool is_failed(void)
{
    if (!__atomic_load_n(&library.counts, __ATOMIC_RELAXED)) return false;
    size_t number = __atomic_add_fetch(&library.requests, 1, __ATOMIC_RELAXED);
    bool fails = library.fail_at &&
                 (number == library.fail_at || (library.for_ever && number > library.fail_at));
    if (!fails) return false;
    __atomic_fetch_add(&library.failed, 1, __ATOMIC_RELAXED);
    errno = ENOMEM;
    return true;
}

size_t fail_failed(void)
{
    return __atomic_load_n(&library.failed, __ATOMIC_RELAXED);
}

/* The names that --wrap=NAME gives. */
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size);
int __real_posix_memalign(void **block, size_t alignment, size_t size);
int __wrap_posix_memalign(void **block, size_t alignment, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void *__real_mmap(void *place, size_t size, int protection, int flags, int descriptor, off_t from);
void *__wrap_mmap(void *place, size_t size, int protection, int flags, int descriptor, off_t from);
/* What mmap() is called where file offsets are asked to have 64 bits. */
void *__real_mmap64(void *place, size_t size, int protection, int flags, int descriptor,
                    off_t from);
void *__wrap_mmap64(void *place, size_t size, int protection, int flags, int descriptor,
                    off_t from);
int __real_munmap(void *place, size_t size);
int __wrap_munmap(void *place, size_t size);

void *__wrap_malloc(size_t size)
{
    return is_failed() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return is_failed() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size)
{
    return is_failed() ? NULL : __real_realloc(block, size);
}

int __wrap_posix_memalign(void **block, size_t alignment, size_t size)
{
    return is_failed() ? ENOMEM : __real_posix_memalign(block, alignment, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return is_failed() ? NULL : __real_aligned_alloc(alignment, size);
}

static size_t mappings;

size_t fail_mappings(void)
{
    return mappings;
}

static void *mapped(void *place)
{
    if (place != MAP_FAILED) mappings++;
    return place;
}

void *__wrap_mmap(void *place, size_t size, int protection, int flags, int descriptor, off_t from)
{
    if (is_failed()) return MAP_FAILED;
    return mapped(__real_mmap(place, size, protection, flags, descriptor, from));
}

void *__wrap_mmap64(void *place, size_t size, int protection, int flags, int descriptor, off_t from)
{
    if (is_failed()) return MAP_FAILED;
    return mapped(__real_mmap64(place, size, protection, flags, descriptor, from));
}

int __wrap_munmap(void *place, size_t size)
{
    int result = __real_munmap(place, size);
    if (result == 0) mappings--;
    return result;
}

/* An allocator of the program's over the C library, without what may be left out. */
static void *bare_allocate(void *context, size_t size, size_t alignment)
{
    void *block;
    (void)context;
    if (alignment <= 16) return malloc(size);
    return posix_memalign(&block, alignment, size) == 0 ? block : NULL;
}

static void bare_deallocate(void *context, void *block, size_t size, size_t alignment)
{
    (void)context, (void)size, (void)alignment;
    free(block);
}

static const struct rc_allocator bare = {
    .name = "bare", .allocate = bare_allocate, .deallocate = bare_deallocate};

/* ---- which of them --------------------------------------------------------------------------- */

static bool in_library;

const struct rc_allocator *fail_enter(enum place place)
{
    rc_failing_allocator_init(&failing, place == PLACE_GUARDED ? &bare : NULL, 0, false);
    rc_guarding_allocator_init(&guarding, &failing.allocator);
    rc_limiting_allocator_init(&limiting, &failing.allocator, SIZE_MAX / 2);
    const struct rc_allocator *of[PLACES] = {&failing.allocator, &guarding.allocator,
                                             &limiting.allocator, &bare};
    in_library = place == PLACE_MALLOC;
    rc_allocator_set_default(in_library ? NULL : of[place]);
    return of[place];
}

bool fail_leave(void)
{
    rc_allocator_set_default(NULL);
    return rc_guarding_allocator_live_blocks(&guarding) == 0 &&
           rc_limiting_allocator_used(&limiting) == 0;
}

void fail_arm(size_t n, bool for_ever)
{
    requests_before = rc_failing_allocator_requests(&failing);
    failed_before = rc_failing_allocator_failed(&failing);
    if (!in_library) failing.fail_at = n ? requests_before + n : 0;
    failing.for_ever = for_ever;
    library.for_ever = for_ever;
    library.fail_at = in_library ? n : 0;
    library.requests = 0;
    __atomic_store_n(&library.failed, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&library.counts, true, __ATOMIC_RELAXED);
}

struct fail_count fail_disarm(void)
{
    __atomic_store_n(&library.counts, false, __ATOMIC_RELAXED);
    failing.fail_at = 0;
    return (struct fail_count){
        .requests = in_library ? library.requests
                               : rc_failing_allocator_requests(&failing) - requests_before,
        .failed =
            in_library ? library.failed : rc_failing_allocator_failed(&failing) - failed_before};
}
