/* SPDX-License-Identifier: MIT */
/**
 * @file tests/rc/pages_support.h
 * What the suites of rc/pages.c and rc/pages_idle.c share. They turn pages on where a sanitizer or
 * valgrind would leave them off.
 */
#ifndef TESTS_RC_PAGES_SUPPORT_H
#define TESTS_RC_PAGES_SUPPORT_H

#include <sys/mman.h>

#include "rc/pages.h"
#include "tests/harness.h"

#define MIB ((size_t)1 << 20)

/* Before anything else asks. */
static __attribute__((constructor(101))) void force_pages(void)
{
    setenv("RCBUF_FORCE", "pages", 1);
    if (!rc__pages_are_on()) abort();
}

static inline bool is_mapped(void *place)
{
    unsigned char state;
    return mincore(place, 1, &state) == 0;
}

/* One idle range of that length; longer than what a thread keeps. */
static inline unsigned char *idle_range(size_t length)
{
    rc__pages_trim();
    unsigned char *block = rc__pages_allocate(length);
    ck_assert_ptr_nonnull(block);
    rc__pages_free(block, length);
    ck_assert_uint_eq(rc__pages_idle().bytes, length);
    return block;
}

#endif
