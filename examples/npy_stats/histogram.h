/* SPDX-License-Identifier: MIT */
/* How often a column's numbers fall into bins of equal width. */
#ifndef NPY_STATS_HISTOGRAM_H
#define NPY_STATS_HISTOGRAM_H

#include "table.h"

#define HISTOGRAM_BINS 50

struct histogram {
    double least, greatest; /* the edges; equal: all numbers are the same */
    size_t bins;            /* 0: no number is finite */
    bool is_exact;          /* each bin is one integer; the edges are the outer ones */
    size_t counts[HISTOGRAM_BINS];
    size_t left_out; /* NaNs, infinities, and what no double can hold */
};

/* Count a column, in two more passes over it. */
enum rc_status histogram_count(struct histogram *self, const struct series *series, size_t column);

#endif
