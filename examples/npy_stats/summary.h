/* SPDX-License-Identifier: MIT */
/* What is known of a column, or of a part of its rows. */
#ifndef NPY_STATS_SUMMARY_H
#define NPY_STATS_SUMMARY_H

#include <stdint.h>
#include <stddef.h>

/* How a column's numbers are held. */
enum kind {
    KIND_TEXT,     /* no numbers */
    KIND_INTEGER,  /* bool and integers: int64_t */
    KIND_UNSIGNED, /* uint64_t: int64_t that is less by 2^63 */
    KIND_REAL,     /* float16, 32 and 64: double */
    KIND_LONG_REAL /* long double */
};

union number {
    int64_t integer; /* KIND_INTEGER, KIND_UNSIGNED */
    long double real;
};

/* An integer of 128 bits: high * 2^64 + low. */
struct exact {
    int64_t high;
    uint64_t low;
};

/* Some rows of a column. */
struct part {
    size_t nans;
    union number least, greatest; /* but for NaNs */
    struct exact total;           /* of integers */
    long double sum;              /* of reals; later of the squared deviations */
};

/* All rows of a column. */
struct summary {
    size_t nans;
    union number least, greatest; /* but for NaNs */
    long double mean, deviation;
};

#endif
