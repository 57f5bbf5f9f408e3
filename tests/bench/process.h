/* SPDX-License-Identifier: MIT */
/**
 * @file tests/bench/process.h
 * A row's own process: the program executes itself anew, and reads what the child found.
 */
#ifndef TESTS_BENCH_PROCESS_H
#define TESTS_BENCH_PROCESS_H

#include "bench.h"

/** The contestants of a row, without figures. */
struct results results_of(const struct row *row);

/** Measure @p row in a fresh process, for @p seconds. False: it failed, and has said why. */
bool process_run(const char *program, const struct row *row, double seconds,
                 struct results *results);

/** The child's side: measure here, and write the figures to @p out. */
void process_measure(const struct row *row, double seconds, FILE *out);

#endif
