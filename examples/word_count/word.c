/* SPDX-License-Identifier: MIT */
/* Which bytes words are made of, and how two words compare without a lower-case copy of either. */
#include "word.h"

#define ROW(b)                                                                                     \
    (b), (b) + 1, (b) + 2, (b) + 3, (b) + 4, (b) + 5, (b) + 6, (b) + 7, (b) + 8, (b) + 9,          \
        (b) + 10, (b) + 11, (b) + 12, (b) + 13, (b) + 14, (b) + 15
#define LETTERS                                                                                    \
    'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', \
        't', 'u', 'v', 'w', 'x', 'y', 'z'

/* clang-format off */
const unsigned char word_fold[256] = {
    ['A'] = LETTERS,
    ['a'] = LETTERS,
    [0x80] = ROW(0x80), ROW(0x90), ROW(0xa0), ROW(0xb0), ROW(0xc0), ROW(0xd0), ROW(0xe0), ROW(0xf0),
};
/* clang-format on */

bool word_equal(const unsigned char *a, const unsigned char *b, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (word_fold[a[i]] != word_fold[b[i]]) return false;
    return true;
}

int word_compare(const unsigned char *a, size_t a_length, const unsigned char *b, size_t b_length)
{
    size_t shorter = a_length < b_length ? a_length : b_length;
    for (size_t i = 0; i < shorter; i++)
        if (word_fold[a[i]] != word_fold[b[i]]) return word_fold[a[i]] - word_fold[b[i]];
    return (a_length > b_length) - (a_length < b_length);
}
