/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* What is kept ready for the next request: how much, and giving it back. */
#include <errno.h>
#include <string.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "memory.h"
#include "pages.h"
#include "tally.h"

static void add_record(struct rc__tally *tally, void *context)
{
    struct rc_memory_statistics *sum = context;
    sum->idle_bytes += rc__tally_kept_bytes(tally) + rc__magazines_bytes(tally->magazines);
    sum->magazine_hits += rc__magazines_hits(tally->magazines);
    sum->recycled += rc__tally_get(&tally->recycled);
    for (size_t i = 0; i < RC__CELLS; i++)
        sum->recycled += rc__tally_get(&tally->cells[i].recycled);
}

void rc_memory_statistics_read_sized(struct rc_memory_statistics *now, size_t struct_size)
{
    if (!now) return;
    size_t size = struct_size < sizeof *now ? struct_size : sizeof *now;
    struct rc_memory_statistics sum = {.struct_size = size, .depot_bytes = rc__depot_bytes()};
    rc__tally_each(add_record, &sum);
    struct rc__pages_idle pages = rc__pages_idle();
    sum.idle_bytes += sum.depot_bytes + pages.bytes + pages.mine;
    memcpy(now, &sum, size);
}

size_t rc_memory_trim(void)
{
    int number = errno;
    rc__magazines_recall();
    struct rc__pages_idle pages = rc__pages_idle();
    size_t bytes = rc__tally_trim() + rc__depot_empty() + pages.bytes + pages.mine;
    rc__pages_trim();
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
    errno = number;
    return bytes;
}
