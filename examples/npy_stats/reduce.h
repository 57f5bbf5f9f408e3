/* SPDX-License-Identifier: MIT */
/*
 * What becomes of a column's numbers.
 *
 * Sums of reals are pairwise: n numbers are added as the two halves of them are, down to one number.
 * With u = 2^-53 (2^-64 for long double) and to first order in u, a sum is off by at most
 *
 *     ceil(log2 n) u (|x1| + ... + |xn|)
 *
 * where adding one by one would have n instead of its logarithm. NumPy adds runs of 128 numbers in
 * eight sums of sixteen, and then pairwise: log2(n/128) + 19. So a mean is within
 * (ceil(log2 n) + 3) u of the mean of |x|, and NumPy's within 16 u more. The deviation is that of
 * NumPy, by two passes: the square root of the mean of (x - mean)^2, summed pairwise, which is
 * relatively within (ceil(log2 n)/2 + 4) u of the root of the true variance plus the square of what
 * the mean is off by.
 *
 * Sums of integers are exact, in 128 bits; their mean is within 2 u of itself.
 *
 * Rows go by patches of PATCH_ROWS, those of a block by a ladder, and the blocks again in halves.
 * All of these are cut by the shape alone: neither the order of the elements in memory nor the
 * number of threads changes a bit of the result. Above a patch sums are long double.
 */
#ifndef NPY_STATS_REDUCE_H
#define NPY_STATS_REDUCE_H

#include <stdbool.h>

#include "reader.h"
#include "summary.h"

/* The part of no rows. */
struct part reduce_nothing(enum kind kind);

/* Add @p count numbers of a patch's @p column to @p part, but for the sum of reals, which is
 * returned. The patch is used up. */
long double reduce_first(struct part *part, enum kind kind, union patch *patch, size_t column,
                         size_t count);

/* Returns: the sum of (x - mean)^2. The patch is used up. */
long double reduce_second(enum kind kind, union patch *patch, size_t column, size_t count,
                          long double mean);

/* The pairwise sum of @p count numbers, at least one, which are used up. */
long double reduce_sum(long double *numbers, size_t count);

/* Add a part of other rows, but for the sum. */
void reduce_merge(struct part *part, enum kind kind, const struct part *other);

/* The mean of @p rows numbers, whose parts and sums are together in @p part. */
long double reduce_mean(const struct part *part, enum kind kind, size_t rows);

#endif
