/* SPDX-License-Identifier: MIT */
/**
 * @file buffer/poison.h
 * Private (not installed): bytes that are there but not in use, told to AddressSanitizer and to
 * valgrind, so that touching them is reported: as container-overflow, as an invalid read or write.
 * AddressSanitizer is not told of the last capacity % 8 bytes.
 *
 * Which of them watches is found out at run time: the sanitizer's function is a weak symbol, so a
 * plain library in a sanitized program works as well as a sanitized one. A program without either
 * pays two tests.
 */
#ifndef BUFFER_POISON_H
#define BUFFER_POISON_H

#include "../rc/config.h"

RC_BEGIN_DECLS

#if defined(__ELF__)
extern __attribute__((weak)) void __sanitizer_annotate_contiguous_container(const void *begin,
                                                                            const void *end,
                                                                            const void *old_middle,
                                                                            const void *new_middle);
#define RC__POISON_ASAN (&__sanitizer_annotate_contiguous_container != NULL)
#else
#define RC__POISON_ASAN false
#endif

extern RC_HIDDEN bool rc__poison_valgrind; /* the process runs under valgrind */

RC_HIDDEN RC_COLD void rc__poison_tell(const void *place, size_t capacity, size_t before,
                                       size_t now);

/* Of the @p capacity bytes at @p place, which is a multiple of 8, the first @p before were in use
 * and the first @p now are from here on. All are in use when a block is fresh, and must be before
 * it is given back or resized. */
static inline void rc__poison_change(const void *place, size_t capacity, size_t before, size_t now)
{
    if (before != now && RC_UNLIKELY(RC__POISON_ASAN || rc__poison_valgrind))
        rc__poison_tell(place, capacity, before, now);
}

RC_END_DECLS

#endif
