/* SPDX-License-Identifier: MIT */
/**
 * @file tests/bench/grid.h
 * The views of 1,000 x 1,000 doubles that rows of views work on; all contestants of a row on one.
 */
#ifndef TESTS_BENCH_GRID_H
#define TESTS_BENCH_GRID_H

#include "bench.h"

#include <buffer/view.h>

#define GRID_SIDE ((size_t)1000)

enum grid {
    GRID_C,
    GRID_FORTRAN,
    GRID_HALVED /* [::2, ::2] of 2,000 x 2,000 in C order */
};

/** Elements that differ from each other, and whose sum is exact in any order. */
rc_view *grid_new(enum grid grid);

/** The first element, typed. */
static inline double *grid_data(const rc_view *view)
{
    return need(rc_view_edit(view));
}

/** @p name becomes a NumPy array over the same memory. */
void grid_to_numpy(const char *name, enum grid grid, const rc_view *view);

/** Stops the program unless both are the same: contestants did the same work. */
void check_sum(double sum, double expected);

#endif
