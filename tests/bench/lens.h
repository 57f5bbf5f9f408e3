/* SPDX-License-Identifier: MIT */
/**
 * @file tests/bench/lens.h
 * What the rows of lenses share: the view, and the sum that everyone is to find.
 */
#ifndef TESTS_BENCH_LENS_H
#define TESTS_BENCH_LENS_H

#include "grid.h"

extern rc_view *lens_view;
extern double lens_sum;

void lens_set_up_c(void);
void lens_set_up_f(void);
void lens_set_up_2(void);

#endif
