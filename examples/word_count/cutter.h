/* SPDX-License-Identifier: MIT */
/* Cutting the bytes of a file into slices that can be counted on their own. */
#ifndef WORD_COUNT_CUTTER_H
#define WORD_COUNT_CUTTER_H

#include <stddef.h>

/* Cuts are made at multiples of this many bytes, or where the word that runs over one ends. */
#define CUTTER_STEP ((size_t)256 * 1024)

/* Where the slice that begins at @p start ends: between words, behind @p start, at @p size at the
 * latest. A word longer than CUTTER_STEP makes a longer slice. Borrows: bytes. start < size. */
size_t cutter_end(const unsigned char *bytes, size_t size, size_t start);

#endif
