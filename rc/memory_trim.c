/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* What is kept ready for the next request: how much, and giving it back. */
#include <errno.h>
#include <string.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "account_more.h"
#include "memory.h"
#include "pages.h"
#include "tally.h"

void rc_memory_statistics_read_sized(struct rc_memory_statistics *now, size_t struct_size)
{
    if (!now) return;
    size_t size = struct_size < sizeof *now ? struct_size : sizeof *now;
    struct rc__account_more more = {0};
    rc__account_tell_idle(&more);
    const struct rc_memory_statistics sum = {.struct_size = size,
                                             .idle_bytes = more.idle_bytes,
                                             .depot_bytes = more.depot_bytes,
                                             .recycled = more.recycled_objects,
                                             .magazine_hits = more.magazine_hits};
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
