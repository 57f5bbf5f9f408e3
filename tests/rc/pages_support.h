/* SPDX-License-Identifier: MIT */
/**
 * @file tests/rc/pages_support.h
 * What the suites of rc/pages.c and rc/pages_idle.c share. They turn pages on where a sanitizer or
 * valgrind would leave them off.
 */
#ifndef TESTS_RC_PAGES_SUPPORT_H
#define TESTS_RC_PAGES_SUPPORT_H

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "rc/environment.h"
#include "rc/pages.h"
#include "tests/harness.h"

#define MIB ((size_t)1 << 20)

HARNESS_EARLY
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

/* Leaves the process @p more bytes of addresses. False: it cannot be limited, since a sanitizer or
 * valgrind needs more of them, or an emulator does not count them. */
static inline bool limit_addresses(size_t more)
{
    if (rc__checked_run()) return false;
    char text[32] = "";
    int file = open("/proc/self/statm", O_RDONLY);
    ck_assert_int_gt((int)read(file, text, sizeof text - 1), 0);
    close(file);
    rlim_t limit = strtoul(text, NULL, 10) * (rlim_t)sysconf(_SC_PAGESIZE) + more;
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &(struct rlimit){limit, limit}), 0);
    size_t beyond = more + 64 * MIB;
    void *place = mmap(NULL, beyond, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (place == MAP_FAILED) return true;
    munmap(place, beyond);
    return false;
}

#endif
