/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
#include "poison.h"

#if defined(__has_include)
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#endif
#endif

bool rc__poison_valgrind;

#if defined(RUNNING_ON_VALGRIND)
/* Early, so that the constructors of the program find it known. */
static __attribute__((constructor(101))) void look_for_valgrind(void)
{
    rc__poison_valgrind = RUNNING_ON_VALGRIND != 0;
}

static void tell_valgrind(const unsigned char *place, size_t before, size_t now)
{
    if (now < before)
        (void)VALGRIND_MAKE_MEM_NOACCESS(place + now, before - now);
    else
        (void)VALGRIND_MAKE_MEM_UNDEFINED(place + before, now - before);
}
#else
static void tell_valgrind(const unsigned char *place, size_t before, size_t now)
{
    (void)place, (void)before, (void)now;
}
#endif

#if defined(__ELF__)
/* The sanitizer counts in granules, and would take the whole of the last one for the container's,
 * with what the allocator keeps behind the block. So that one is left out. */
static void tell_asan(const unsigned char *place, size_t capacity, size_t before, size_t now)
{
    enum { GRANULE = 8 };
    size_t whole = capacity - capacity % GRANULE;
    if (before > whole) before = whole;
    if (now > whole) now = whole;
    if (before != now)
        __sanitizer_annotate_contiguous_container(place, place + whole, place + before,
                                                  place + now);
}
#endif

void rc__poison_tell(const void *place, size_t capacity, size_t before, size_t now)
{
#if defined(__ELF__)
    if (RC__POISON_ASAN) tell_asan(place, capacity, before, now);
#else
    (void)capacity;
#endif
    if (rc__poison_valgrind) tell_valgrind(place, before, now);
}
