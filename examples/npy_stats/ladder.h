/* SPDX-License-Identifier: MIT */
/*
 * Pairwise sums of what comes in rows, of many columns side by side: after 1, 2, 4, 8 ... rows one
 * sum is left of them, so that as many levels as the count has bits suffice.
 *
 *     1 row: [1]    2: [1+2]    3: [1+2] [3]    4: [(1+2)+(3+4)]    5: [(1+2)+(3+4)] [5]
 */
#ifndef NPY_STATS_LADDER_H
#define NPY_STATS_LADDER_H

#include <stddef.h>

struct ladder {
    size_t columns;
    size_t rows;        /* that were pushed */
    size_t level;       /* sums that are left of them */
    long double sums[]; /* level by level, each of all columns */
};

/* An object for @p columns sums of up to @p rows rows; NULL: no memory. */
struct ladder *ladder_new(size_t columns, size_t rows);

/* The next row: all columns of it are to be written, then pushed. */
long double *ladder_row(struct ladder *self);
void ladder_push(struct ladder *self);

/* The sums of all rows, at least one. Borrowed. */
const long double *ladder_finish(struct ladder *self);

#endif
