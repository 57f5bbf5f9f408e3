/* SPDX-License-Identifier: MIT */
/*
 * What a word is: a run, as long as it goes, of the letters a to z in either case and of bytes from
 * 0x80 on. Upper case counts as lower case, in ASCII alone. A word never runs over the end of a
 * file. It is what this pipeline, under LC_ALL=C, makes lines of:
 *
 *     tr 'A-Z' 'a-z' <FILE | tr -cs 'a-z\200-\377' '\n' | grep -a .
 */
#ifndef WORD_COUNT_WORD_H
#define WORD_COUNT_WORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The byte as a word has it, in lower case; 0 for a byte that is in no word. */
extern const unsigned char word_fold[256];

/* A word where it was found, in the case that it was found in. */
struct word {
    const unsigned char *bytes; /* borrowed */
    size_t length;              /* in bytes, at least 1 */
    uint64_t hash;              /* of the lower case */
};

/* Up to this many bytes a word's hash tells it from every other word of the same length: no two
 * have to be compared byte by byte. */
#define WORD_HASH_EXACT 8

/* Mixes 64 bits so that each of the result depends on all; different numbers give different ones.
 * (A multiplication by an odd number and x ^ x >> n can both be undone.) */
static inline uint64_t word_mix(uint64_t x)
{
    x ^= x >> 32;
    x *= UINT64_C(0x9e3779b97f4a7c15);
    x ^= x >> 29;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    return x ^ x >> 32;
}

/* Read the word that begins at @p at, a byte of a word before @p end; hash it on the way, eight
 * letters at a time. A word has no byte 0, so shorter groups are different from longer ones. */
static inline struct word word_read(const unsigned char *at, const unsigned char *end)
{
    const unsigned char *start = at;
    uint64_t hash = 0, group = 0;
    for (unsigned char letter; at < end && (letter = word_fold[*at]) != 0; at++) {
        if (group >> 56) {
            hash = word_mix(hash ^ group);
            group = 0;
        }
        group = group << 8 | letter;
    }
    return (struct word){start, (size_t)(at - start), word_mix(hash ^ group)};
}

/* The same word, but for case. Both have the same length. */
bool word_equal(const unsigned char *a, const unsigned char *b, size_t length);

/* Less than, equal to or greater than 0: byte order of the lower case, as sort has it. */
int word_compare(const unsigned char *a, size_t a_length, const unsigned char *b, size_t b_length);

#endif
