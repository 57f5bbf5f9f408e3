/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
#define _GNU_SOURCE 1 /* mremap */
#include "pages.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "environment.h"
#include "pages_idle.h"

int rc__pages_state;

#if defined(__linux__)
#include <sys/mman.h>

static size_t page_mask; /* the page size less 1 */

bool rc__pages_find_out(void)
{
    long page = sysconf(_SC_PAGESIZE);
    bool on = page > 0 && RC__PAGES_LEAST % (size_t)page == 0 &&
              (!rc__checked_run() || rc__forced("pages"));
    if (on) {
        __atomic_store_n(&page_mask, (size_t)page - 1, __ATOMIC_RELAXED);
        rc__idle_prepare();
    }
    __atomic_store_n(&rc__pages_state, on ? RC__PAGES_ON : RC__PAGES_OFF, __ATOMIC_RELEASE);
    return on;
}

/* Sizes that objects can have do not overflow here. */
size_t rc__pages_whole(size_t size)
{
    size_t mask = __atomic_load_n(&page_mask, __ATOMIC_RELAXED);
    return (size + mask) & ~mask;
}

/* ---- the system ------------------------------------------------------------------------------ */

/* Idle pages are no reason to say that there is no memory. */
static void *map(size_t length)
{
    void *start;
    do {
        start = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    } while (start == MAP_FAILED && rc__idle_trim());
    return start == MAP_FAILED ? NULL : start;
}

/* To where there is as much room again behind the block, which stays free: what grows in small
 * steps then moves each time that it has doubled, whatever else grows beside it. */
static void *move_into_the_open(void *block, size_t old_length, size_t new_length)
{
    unsigned char *place =
        mmap(NULL, 2 * new_length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (place == MAP_FAILED) return mremap(block, old_length, new_length, MREMAP_MAYMOVE);
    void *moved = mremap(block, old_length, new_length, MREMAP_MAYMOVE | MREMAP_FIXED, place);
    if (moved == MAP_FAILED)
        rc__idle_unmap(place, 2 * new_length);
    else
        rc__idle_unmap(place + new_length, new_length);
    return moved;
}

/* NULL, too, where the block is several mappings to the kernel. */
static void *remap(void *block, size_t old_length, size_t new_length)
{
    void *moved;
    do {
        moved = mremap(block, old_length, new_length, 0);
        if (moved == MAP_FAILED && errno == ENOMEM)
            moved = move_into_the_open(block, old_length, new_length);
    } while (moved == MAP_FAILED && errno == ENOMEM && rc__idle_trim());
    return moved == MAP_FAILED ? NULL : moved;
}

/* One call instead of a fault for each page. Linux 5.14 and later; others fault. */
static void populate(void *start, size_t length)
{
#if defined(MADV_POPULATE_WRITE)
    static bool unknown_here;
    if (__atomic_load_n(&unknown_here, __ATOMIC_RELAXED)) return;
    int number = errno;
    if (madvise(start, length, MADV_POPULATE_WRITE) != 0 && errno == EINVAL)
        __atomic_store_n(&unknown_here, true, __ATOMIC_RELAXED);
    errno = number;
#else
    (void)start, (void)length;
#endif
}

/* ---- allocate and free ----------------------------------------------------------------------- */

static __attribute__((noinline)) void *take_idle(size_t length)
{
    if (RC_UNLIKELY(!rc__idle_mine)) rc__idle_ask_for_slot();
    return rc__idle_take(length);
}

/* NULL: nothing idle is as long. */
static inline void *recycled(size_t length)
{
    struct rc__idle_slot *mine = rc__idle_mine;
    if (RC_UNLIKELY(!mine || mine->length != length)) return take_idle(length);
    void *block = mine->block;
    __atomic_store_n(&mine->length, 0, __ATOMIC_RELEASE);
    return block;
}

void *rc__pages_allocate(size_t size)
{
    size_t length = rc__pages_whole(size);
    void *block = recycled(length);
    return RC_LIKELY(block) ? block : map(length);
}

/* Pages that nobody used are zero. */
void *rc__pages_allocate_zeroed(size_t size)
{
    size_t length = rc__pages_whole(size);
    void *block = size <= RC__PAGES_SLOT_BYTES ? recycled(length) : NULL;
    return block ? memset(block, 0, size) : map(length);
}

/* The last block that a thread frees is the first that it gets again. */
void rc__pages_free(void *block, size_t size)
{
    size_t length = rc__pages_whole(size);
    struct rc__idle_slot *mine = rc__idle_mine;
    if (RC_UNLIKELY(!mine || length > RC__PAGES_SLOT_BYTES)) {
        rc__idle_put(block, length);
        return;
    }
    size_t before_length = mine->length;
    void *before = mine->block;
    __atomic_store_n(&mine->length, 0, __ATOMIC_RELAXED);
    mine->block = block;
    __atomic_store_n(&mine->length, length, __ATOMIC_RELEASE);
    if (RC_UNLIKELY(before_length)) rc__idle_put(before, before_length);
}

void rc__pages_trim(void)
{
    rc__idle_trim();
}

/* ---- resize ---------------------------------------------------------------------------------- */

/* Where the kernel does not move a block, its bytes are: to one mapping, which it will move. */
static void *copy_away(void *block, size_t old_size, size_t new_size)
{
    void *moved = map(rc__pages_whole(new_size));
    if (!moved) return NULL;
    memcpy(moved, block, old_size);
    rc__pages_free(block, old_size);
    return moved;
}

static void *grow(void *block, size_t old_size, size_t new_size, bool write_next)
{
    size_t old_length = rc__pages_whole(old_size), new_length = rc__pages_whole(new_size);
    if (new_length == old_length) return block;
    size_t more = new_length - old_length;
    if (rc__idle_take_at((unsigned char *)block + old_length, more)) return block;
    unsigned char *moved = remap(block, old_length, new_length);
    if (!moved) return copy_away(block, old_size, new_size);
    if (write_next) populate(moved + old_length, more);
    return moved;
}

void *rc__pages_extend(void *block, size_t old_size, size_t new_size)
{
    return grow(block, old_size, new_size, true);
}

/* What is cut off does not idle: whoever shrinks wants to have less. */
void *rc__pages_reallocate(void *block, size_t old_size, size_t new_size)
{
    if (new_size > old_size) return grow(block, old_size, new_size, false);
    size_t old_length = rc__pages_whole(old_size), new_length = rc__pages_whole(new_size);
    if (new_length < old_length)
        rc__idle_unmap((unsigned char *)block + new_length, old_length - new_length);
    return block;
}

#else /* no mremap: no block is such a one, so nobody comes here */

bool rc__pages_find_out(void)
{
    __atomic_store_n(&rc__pages_state, RC__PAGES_OFF, __ATOMIC_RELEASE);
    return false;
}

size_t rc__pages_whole(size_t size)
{
    return size;
}

void *rc__pages_allocate(size_t size)
{
    return malloc(size);
}

void *rc__pages_allocate_zeroed(size_t size)
{
    return calloc(1, size);
}

void *rc__pages_reallocate(void *block, size_t old_size, size_t new_size)
{
    (void)old_size;
    return realloc(block, new_size);
}

void *rc__pages_extend(void *block, size_t old_size, size_t new_size)
{
    return rc__pages_reallocate(block, old_size, new_size);
}

void rc__pages_free(void *block, size_t size)
{
    (void)size;
    free(block);
}

void rc__pages_trim(void)
{
}

struct rc__pages_idle rc__pages_idle(void)
{
    return (struct rc__pages_idle){0, 0, 0};
}
#endif
