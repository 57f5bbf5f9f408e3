/* SPDX-License-Identifier: MIT */
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

void rc__poison_tell(const void *place, size_t capacity, size_t before, size_t now)
{
    const unsigned char *begin = place;
#if defined(__ELF__)
    if (RC__POISON_ASAN)
        __sanitizer_annotate_contiguous_container(begin, begin + capacity, begin + before,
                                                  begin + now);
#else
    (void)capacity;
#endif
    if (rc__poison_valgrind) tell_valgrind(begin, before, now);
}
