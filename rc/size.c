/* SPDX-License-Identifier: MIT */
#define RC__LIBRARY 1
/* Checked size arithmetic, in plain C and nothing else, so that it can be proved. */
#include "block.h"

bool rc__size_add(size_t a, size_t b, size_t *sum)
{
    if (b > SIZE_MAX - a) return rc__size_overflow(a, '+', b);
    *sum = a + b;
    return true;
}

bool rc__size_multiply(size_t a, size_t b, size_t *product)
{
    if (b != 0 && a > SIZE_MAX / b) return rc__size_overflow(a, '*', b);
    *product = a * b;
    return true;
}
