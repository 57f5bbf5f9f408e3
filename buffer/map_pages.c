/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* The pages of a map, or those that a slice of it touches: written back, and advised about. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <sys/mman.h>
#include <unistd.h>

#include "map_layout.h"

struct span {
    const struct rc__map *map;
    void *begin;   /* at a page's begin */
    size_t length; /* 0: there is nothing to do */
};

static enum rc_status find_span(const rc_buffer *buffer, const char *call, struct span *span)
{
    if (rc__buffer_check(buffer, call) != RC_OK) return RC_INVALID;
    const rc_buffer *root = rc__buffer_root(buffer);
    bool empty_slice = rc__buffer_kind(root) == RC__BUFFER_SLICE;
    *span = (struct span){.map = (const struct rc__map *)root};
    if (empty_slice) return RC_OK;
    if (rc__buffer_kind(root) != RC__BUFFER_MAPPED)
        return rc_error_set(RC_UNSUPPORTED, "%s: %s of %zu bytes is not mapped", call,
                            rc__buffer_kind_text(root), root->size);
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), data = (uintptr_t)buffer->data;
    if (buffer->size == 0) return RC_OK;
    span->begin = (void *)(data & ~(page - 1));
    span->length = buffer->size + (data & (page - 1));
    return RC_OK;
}

enum rc_status rc_map_flush(rc_buffer *map)
{
    struct span span;
    enum rc_status status = find_span(map, "rc_map_flush", &span);
    if (status != RC_OK || span.length == 0) return status;
    if (msync(span.begin, span.length, MS_SYNC) == 0) return RC_OK;
    return rc__map_error("rc_map_flush: cannot write back %zu bytes of pages", span.length);
}

enum rc_status rc_map_advise(rc_buffer *map, enum rc_map_advice advice)
{
    static const int system_advice[] = {
        [RC_MAP_NORMAL] = MADV_NORMAL,      [RC_MAP_SEQUENTIAL] = MADV_SEQUENTIAL,
        [RC_MAP_RANDOM] = MADV_RANDOM,      [RC_MAP_WILL_NEED] = MADV_WILLNEED,
        [RC_MAP_DONT_NEED] = MADV_DONTNEED,
    };
    struct span span;
    enum rc_status status = find_span(map, "rc_map_advise", &span);
    if (status != RC_OK) return status;
    if ((unsigned)advice > RC_MAP_DONT_NEED)
        return rc_error_set(RC_INVALID, "rc_map_advise: there is no advice %d", (int)advice);
    if (span.length == 0) return RC_OK;
    if (advice == RC_MAP_DONT_NEED && span.map->mode == RC_MAP_PRIVATE)
        return rc_error_set(RC_UNSUPPORTED,
                            "rc_map_advise: a private map of %zu bytes would lose what was written",
                            span.map->head.size);
    if (madvise(span.begin, span.length, system_advice[advice]) == 0) return RC_OK;
    return rc__map_error("rc_map_advise: cannot advise on %zu bytes of pages", span.length);
}
