/* SPDX-License-Identifier: MIT */
/**
 * @file tests/bench/lens_loops.h
 * Loops over a lens as users write them, compiled with and without RC_BOUNDS_CHECK.
 */
#ifndef TESTS_BENCH_LENS_LOOPS_H
#define TESTS_BENCH_LENS_LOOPS_H

#include <buffer/lens.h>

#include "grid.h"

typedef RC_LENS(const double, 2) plane;

static double sum_by_rows(const rc_view *view)
{
    plane it = RC_LENS_OF(plane, view);
    if (!it.data) give_up(rc_error_message());
    double sum = 0;
    for (size_t i = 0; i < it.shape[0]; i++)
        for (size_t j = 0; j < it.shape[1]; j++) sum += RC_AT(it, i, j);
    return sum;
}

/* In the order in which the memory of a view in Fortran order lies. */
static double sum_by_columns(const rc_view *view)
{
    plane it = RC_LENS_OF(plane, view);
    if (!it.data) give_up(rc_error_message());
    double sum = 0;
    for (size_t j = 0; j < it.shape[1]; j++)
        for (size_t i = 0; i < it.shape[0]; i++) sum += RC_AT(it, i, j);
    return sum;
}

#endif
